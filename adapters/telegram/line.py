"""The line to Telegram while the adapter runs: calls at their pace, with what refusals teach."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from typing import TypeVar

import structlog
from telegram import Bot, Message
from telegram.error import BadRequest, ChatMigrated, InvalidToken, RetryAfter, TelegramError

from adapters.addresses import ChatAddress
from adapters.delivery import RateLimited
from adapters.events import ChatEvent, ChatEvents
from adapters.push.timing import Time
from adapters.telegram.connection import seconds_to_wait
from adapters.telegram.failures import failure_of, is_gone
from adapters.telegram.letters import Letter, adjusted, edit, post
from adapters.telegram.pacing import Kind, Pacer

_log = structlog.get_logger(__name__)
_T = TypeVar("_T")

LONGEST_WAIT = 1.5
"""Seconds that an answer waits for its turn here; beyond, it is given back to be sent later."""


class Line:
    """For one run of the adapter. `bot` and `pacer` are for calls that nothing depends on."""

    def __init__(self, bot: Bot, pacer: Pacer, events: ChatEvents, time: Time) -> None:
        self.bot = bot
        self.pacer = pacer
        self.time = time
        self._events = events
        self._moved: dict[str, str] = {}

    @asynccontextmanager
    async def turn_to_write(self, chat: str) -> AsyncGenerator[None, None]:
        """Wait for it; it is over with the block.

        Raises:
            RateLimited: that would be too long.
        """
        chat = self._moved.get(chat, chat)
        give_up = self.time.now() + LONGEST_WAIT
        while (wait := self.pacer.take(chat, Kind.MESSAGE)) > 0:
            if self.time.now() + wait > give_up:
                raise RateLimited("too much for this chat already", retry_after=wait)
            await self.time.sleep(wait)
        with self.pacer.until_landed(chat):
            yield

    async def post(self, letter: Letter, address: ChatAddress) -> Message:
        """Send it, if need be in another way or to where the chat is now.

        Raises:
            DeliveryError: it wasn't sent, or may have been.
        """
        letter = replace(letter, chat=self._moved.get(letter.chat, letter.chat))
        while True:
            try:
                message = await self.told(letter.chat, partial(post, self.bot, letter))
            except TelegramError as error:
                instead = adjusted(letter, error)
                if instead is None:
                    raise _failure(error) from error
                _log.info("telegram minds: asked for less", error=type(error).__name__)
                letter = instead
            else:
                await self._note_move(address, letter.chat)
                return message

    async def edit(self, letter: Letter, message_id: int) -> bool:
        """Put it in a message's place. False: there is no such message any more.

        Raises:
            DeliveryError: it wasn't done, or may have been; it may be repeated.
        """
        while True:
            try:
                await self.told(letter.chat, partial(edit, self.bot, letter, message_id))
            except ChatMigrated:
                return False
            except BadRequest as error:
                if is_gone(error):
                    return False
                instead = adjusted(letter, error)
                if instead is None:
                    raise _failure(error) from error
                letter = instead
            except TelegramError as error:
                raise _failure(error) from error
            else:
                return True

    async def told(self, chat: str, call: Callable[[], Awaitable[_T]]) -> _T:
        """Make a call; the pacer hears if it was one too many.

        Raises:
            TelegramError: as the library says.
        """
        try:
            return await call()
        except RetryAfter as error:
            self.pacer.refused(chat, seconds_to_wait(error))
            raise

    async def _note_move(self, address: ChatAddress, chat: str) -> None:
        """The chat became another: what is sent to the old one goes to the new one from now on."""
        if chat == address.chat or address.chat in self._moved:
            return
        moved_to = replace(address.home, chat=chat)
        event = ChatEvent(f"moved:{address.chat}:{chat}", address.home, "moved", moved_to=moved_to)
        try:
            await self._events.note(event)
        except Exception as error:  # noqa: BLE001 (the message is sent; the next one says it again)
            _log.warning("a chat's move wasn't noted", error=type(error).__name__)
        else:
            self._moved[address.chat] = chat


def _failure(error: TelegramError) -> Exception:
    if isinstance(error, InvalidToken):
        _log.error("telegram refuses the bot's token: nothing can be sent")
    return failure_of(error)
