"""The sending half alone, between a stand-in for Telegram and the test's time."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from adapters.addresses import ChatAddress
from adapters.delivery import Button, Outbound, Sent
from adapters.telegram.connection import connected
from adapters.telegram.pieces import COMPOSER
from adapters.telegram.sending import Sending
from adapters.telegram.settings import PLATFORM, PreviewMode, TelegramSettings
from adapters.testing import FakeEvents
from adapters.testing.context import FakeWording
from tests.adapters.push.post_office import Office
from tests.simulators.telegram_server.chats import Chat
from tests.simulators.telegram_server.server import TelegramServer


@dataclass
class PostOffice(Office[TelegramServer]):
    """`opened` is a process; state and events outlive it."""

    events: FakeEvents = field(default_factory=FakeEvents)

    @property
    def name(self) -> str:
        return f"{PLATFORM}:{self.server.bot.id}"

    def new(self, previews: PreviewMode = "auto") -> Sending:
        return Sending(
            self.states(self.name),
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
        piece = COMPOSER.compose(markdown, FakeWording(), plain=plain)[0]
        return self.outbound(to, piece, reply_to=reply_to, buttons=buttons, nonce=nonce)


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
