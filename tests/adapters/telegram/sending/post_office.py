"""The sending half alone, between a stand-in for Telegram and the test's time."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count

from adapters.addresses import ChatAddress
from adapters.base import AdapterState
from adapters.delivery import Button, Outbound, Sent
from adapters.telegram.connection import connected
from adapters.telegram.sending import Sending
from adapters.telegram.settings import PLATFORM, PreviewMode, TelegramSettings
from adapters.testing import FakeEvents, MemoryStates
from adapters.testing.context import FakeWording
from agentcore.clock import SECOND
from tests.simulators.telegram_server.chats import Chat
from tests.simulators.telegram_server.server import TelegramServer
from tests.simulators.timeline import Bell, SteppedTimeline, pause


@dataclass
class ServerTime:
    """The stand-in's, as sending knows it."""

    timeline: SteppedTimeline
    bell: Bell = field(default_factory=Bell)
    asleep: int = 0

    def now(self) -> float:
        return self.timeline.now() / SECOND

    async def sleep(self, seconds: float) -> None:
        self.asleep += 1
        self.bell.ring()
        try:
            await pause(self.timeline, seconds)
        finally:
            self.asleep -= 1

    async def until_asleep(self) -> None:
        """Until something waits for its turn."""
        await self.bell.until(lambda: self.asleep > 0)


@dataclass
class PostOffice:
    """`sending` is the newest process's; state and events outlive it."""

    server: TelegramServer
    time: SteppedTimeline
    states: Callable[[str], AdapterState] = field(default_factory=MemoryStates)
    events: FakeEvents = field(default_factory=FakeEvents)
    nonces: count[int] = field(default_factory=count)
    clock: ServerTime = field(init=False)

    def __post_init__(self) -> None:
        self.clock = ServerTime(self.time)

    @property
    def name(self) -> str:
        return f"{PLATFORM}:{self.server.bot.id}"

    def new(self, previews: PreviewMode = "auto") -> Sending:
        return Sending(
            self.states(self.name),
            FakeWording(),
            self.events,
            previews=previews,
            time=self.clock,
        )

    @asynccontextmanager
    async def opened(self, previews: PreviewMode = "auto") -> AsyncGenerator[Sending, None]:
        """A process, from its start to its end."""
        settings = TelegramSettings(self.server.token, self.server.base_url, self.server.file_url)
        sending = self.new(previews)
        async with connected(settings) as bot, sending.open(bot):
            yield sending

    def address(self, chat: Chat, topic: int | None = None) -> ChatAddress:
        told = None if topic is None else str(topic)
        return ChatAddress(PLATFORM, str(self.server.bot.id), str(chat.id), told)

    def chunk(
        self,
        to: ChatAddress,
        markdown: str = "Hello",
        *,
        plain: bool = False,
        reply_to: int | None = None,
        buttons: tuple[Button, ...] = (),
        nonce: str = "",
    ) -> Outbound:
        """The text's first piece."""
        piece = self.new().compose(markdown, plain=plain)[0]
        return Outbound(
            to,
            piece.text,
            1,
            1,
            nonce or f"n{next(self.nonces)}",
            format=piece.format,
            file=piece.file,
            reply_to=None if reply_to is None else str(reply_to),
            buttons=buttons,
        )


def message_id(sent: Sent) -> int:
    return int(sent.platform_message_id)


async def shows(
    sending: Sending, office: PostOffice, chat: Chat, *texts: str, turn: str = "t1"
) -> None:
    """Previews, each after a while."""
    for text in texts:
        office.time.advance(5)
        await sending.show_preview(office.address(chat), text, turn=turn)


def happened(chat: Chat) -> list[tuple[str, str]]:
    return [(each.what, each.text) for each in chat.history if each.by_bot]
