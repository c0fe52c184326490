"""The Telegram adapter between fakes of the service and a strict stand-in for Telegram."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

from starlette.applications import Starlette
from starlette.types import Receive, Scope, Send

from adapters.addresses import ChatAddress
from adapters.conformance import running
from adapters.telegram.adapter import TelegramAdapter
from adapters.telegram.settings import PLATFORM, Pace, TelegramSettings
from adapters.testing import FakeEvents, FakeService, MemoryStates, fake_context
from tests.adapters.push.leaving import until_noticed
from tests.simulators.loopback import serving
from tests.simulators.telegram_server.server import TelegramServer
from tests.simulators.timeline import HastyTime

SECRET = "a-Secret_0"
QUICK = Pace(
    poll=50,
    between=0.02,
    retry=0.01,
    first_pause=0.01,
    longest_pause=0.05,
    conflict_pause=0.01,
    grace=0.0,
    album=0.1,
    look=0.05,
)
"""Pauses that nobody wants to wait for in a test."""


class QuietAdapter(TelegramAdapter):
    """Ends when the stand-in has noticed too: then its tasks are over as well."""

    server: TelegramServer

    async def run(self, ready: Callable[[], None]) -> None:
        await until_noticed(super().run(ready), self.server)


@dataclass
class BotAtWork:
    """`adapter()` is the adapter as a fresh process makes it, `newest` the last one."""

    server: TelegramServer
    pace: Pace = QUICK
    service: FakeService = field(default_factory=FakeService)
    events: FakeEvents = field(default_factory=FakeEvents)
    states: MemoryStates = field(default_factory=MemoryStates)
    webhook_url: str | None = None
    secret: str = SECRET
    newest: TelegramAdapter | None = None

    @property
    def settings(self) -> TelegramSettings:
        polling = TelegramSettings(self.server.token, self.server.base_url, self.server.file_url)
        if self.webhook_url is None:
            return polling
        return replace(
            polling, mode="webhook", webhook_url=self.webhook_url, webhook_secret=self.secret
        )

    def adapter(self) -> TelegramAdapter:
        context = fake_context(self.service, events=self.events, states=self.states)
        adapter = QuietAdapter(context, self.settings, self.pace, HastyTime())
        adapter.server = self.server
        self.newest = adapter
        return adapter

    def address(self, chat_id: int, topic: int | None = None) -> ChatAddress:
        told = None if topic is None else str(topic)
        return ChatAddress(PLATFORM, str(self.server.bot.id), str(chat_id), told)

    async def accepted(self, count: int) -> None:
        await self.service.until(lambda: len(self.service.accepted) == count)

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[TelegramAdapter, None]:
        adapter = self.adapter()
        async with running(adapter):
            yield adapter


@dataclass
class Port:
    """The service's own port, as far as Telegram calls it."""

    bot: BotAtWork

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        newest = self.bot.newest
        await Starlette(routes=[] if newest is None else [*newest.routes()])(scope, receive, send)


@asynccontextmanager
async def webhook_bot(server: TelegramServer) -> AsyncGenerator[BotAtWork, None]:
    """The same in webhook mode."""
    bot = BotAtWork(server)
    async with serving(Port(bot)) as url:
        bot.webhook_url = url
        yield bot
