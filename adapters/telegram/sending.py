"""Carries chunks, typing signs and previews to Telegram."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from typing import Literal

import structlog
from telegram import Bot, LinkPreviewOptions, User
from telegram.error import BadRequest, Forbidden, NetworkError, RetryAfter, TelegramError, TimedOut

from adapters.addresses import ChatAddress
from adapters.base import AdapterState
from adapters.delivery import (
    ChatUnreachable,
    MessageRejected,
    Outbound,
    OutcomeUnknown,
    Piece,
    RateLimited,
    Sent,
    TemporaryFailure,
)
from adapters.events import ChatEvents
from adapters.telegram.pieces import composed
from adapters.wording import Wording

_log = structlog.get_logger(__name__)

PreviewMode = Literal["auto", "edit", "off"]


class Sending:
    """The sending half of one bot's adapter. `name` is the adapter's.

    `events` hears of chats that turn out to have moved.
    """

    def __init__(
        self,
        name: str,
        state: AdapterState,
        wording: Wording,
        events: ChatEvents,
        *,
        previews: PreviewMode = "auto",
    ) -> None:
        self._name = name
        self._wording = wording
        self._bot: Bot | None = None

    @asynccontextmanager
    async def open(self, bot: Bot, me: User) -> AsyncGenerator[None, None]:
        """While it is open, `bot` sends. `bot` is initialized, and `me` what it is."""
        self._bot = bot
        try:
            yield
        finally:
            self._bot = None

    def compose(self, text: str, *, plain: bool = False) -> Sequence[Piece]:
        """See `Adapter.compose`."""
        return composed(text, plain=plain, rest_in=self._rest_in)

    def _rest_in(self, file: str) -> str:
        """In the first language: nobody says who will read it."""
        return self._wording.text("turn.rest_in_file", {"file": file}, None)

    async def send(self, chunk: Outbound) -> Sent:
        """See `Adapter.send`."""
        if self._bot is None:
            raise TemporaryFailure("not connected to Telegram")
        topic = chunk.address.topic
        try:
            message = await self._bot.send_message(
                chunk.address.chat,
                chunk.text,
                message_thread_id=None if topic is None else int(topic),
                link_preview_options=LinkPreviewOptions(is_disabled=True),
            )
        except TelegramError as error:
            raise _failure(error) from error
        return Sent(str(message.message_id))

    async def show_typing(self, address: ChatAddress) -> None:
        """See `ShowsTyping.show_typing`."""

    async def show_preview(self, address: ChatAddress, text: str, *, turn: str) -> None:
        """See `ShowsPreviews.show_preview`."""

    def heard(self, address: ChatAddress, message_id: str) -> None:
        """The newest message in a chat is this one now, not of ours."""

    def pressed(self, address: ChatAddress, message_id: str) -> None:
        """A button below this message was pressed and taken: its keyboard goes, when there is
        time for it. Returns at once.
        """


def _failure(error: TelegramError) -> Exception:
    match error:
        case RetryAfter():
            wait = error.retry_after
            after = float(wait) if isinstance(wait, int) else wait.total_seconds()
            return RateLimited(str(error), retry_after=after)
        case Forbidden():
            return ChatUnreachable(str(error))
        case BadRequest():
            return MessageRejected(str(error))
        case TimedOut():
            return OutcomeUnknown(str(error))
        case NetworkError():
            return TemporaryFailure(str(error))
        case _:
            return TemporaryFailure(str(error))
