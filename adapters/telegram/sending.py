"""Carries chunks, typing signs and previews to Telegram."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import structlog
from anyio.abc import TaskGroup
from telegram import Bot
from telegram.constants import ChatAction
from telegram.error import TelegramError

from adapters.addresses import ChatAddress
from adapters.base import AdapterState
from adapters.delivery import Outbound, Sent, TemporaryFailure
from adapters.events import ChatEvents
from adapters.push.alongside import alongside
from adapters.push.open_previews import OpenPreviews
from adapters.push.places import Place, Places
from adapters.push.previews import Previews
from adapters.push.timing import HostTime, Time
from adapters.telegram.letters import Letter, is_group, letter_of, topic_of
from adapters.telegram.line import Line
from adapters.telegram.pacing import Kind, Pacer
from adapters.telegram.pieces import COMPOSER
from adapters.telegram.previews import TelegramScreen
from adapters.telegram.settings import PreviewMode

_log = structlog.get_logger(__name__)

SIGN_PATIENCE = 3.0
"""Seconds that a typing sign may wait for its turn, and that it may take then: an answer may be
waiting behind it.
"""
KEYBOARD_PATIENCE = 120.0


@dataclass(frozen=True, slots=True)
class _Run:
    """What there is while the adapter runs."""

    line: Line
    previews: Previews
    tasks: TaskGroup


class Sending:
    """The sending half of one bot's adapter. `events` hears of chats that turn out to have moved."""

    def __init__(
        self,
        state: AdapterState,
        events: ChatEvents,
        *,
        previews: PreviewMode = "auto",
        time: Time | None = None,
    ) -> None:
        self._events = events
        self._mode: PreviewMode = previews
        self._time = time or HostTime()
        self._pacer = Pacer(self._time.now)
        self._places = Places()
        self._open = OpenPreviews(state)
        self._run: _Run | None = None

    @asynccontextmanager
    async def open(self, bot: Bot) -> AsyncGenerator[None, None]:
        """While it is open, `bot` sends."""
        await self._open.load()
        line = Line(bot, self._pacer, self._events, self._time)
        async with alongside() as tasks:
            screen = TelegramScreen(line, self._open, self._mode)
            previews = Previews(COMPOSER, screen, self._open, tasks, self._time)
            self._run = _Run(line, previews, tasks)
            try:
                yield
            finally:
                self._run = None

    # An answer

    async def send(self, chunk: Outbound) -> Sent:
        """See `Adapter.send`."""
        if self._run is None:
            raise TemporaryFailure("not connected to Telegram")
        line, place = self._run.line, self._places.at(chunk.address)
        place.answering()
        async with place.lock:
            async with line.turn_to_write(chunk.address.chat):
                message_id = await self._written(line, chunk, place)
            place.answered(self._time.now())
        return Sent(str(message_id))

    async def _written(self, line: Line, chunk: Outbound, place: Place) -> int:
        reply_to = place.reply_to(chunk.reply_to, group=is_group(chunk.address.chat))
        letter = letter_of(chunk, reply_to=reply_to)
        taken_over = await self._take_over(line, chunk, letter)
        if taken_over is not None:
            return taken_over
        return (await line.post(letter, chunk.address)).message_id

    async def _take_over(self, line: Line, chunk: Outbound, letter: Letter) -> int | None:
        """Put the chunk in its preview's place; None if there is none. May be repeated."""
        chat = letter.chat
        return await self._open.become(
            chunk,
            reply_to=letter.reply_to,
            edit=lambda message_id: line.edit(letter, message_id),
            remove=lambda message_id: self._remove(line, chat, message_id),
        )

    async def _remove(self, line: Line, chat: str, message_id: int) -> None:
        try:
            await line.told(chat, lambda: line.bot.delete_message(chat, message_id))
        except TelegramError as error:
            _log.warning("a preview stays", error=type(error).__name__)

    # What may be left out

    async def show_typing(self, address: ChatAddress) -> None:
        """See `ShowsTyping.show_typing`."""
        run, place = self._run, self._places.at(address)
        if run is None or not place.takes_sign(self._time.now()):
            return
        give_up = self._time.now() + SIGN_PATIENCE
        while (wait := self._pacer.take(address.chat, Kind.SIGN)) > 0:
            if self._time.now() + wait > give_up:
                return
            await self._time.sleep(wait)
        with self._pacer.until_landed(address.chat):
            async with place.lock:
                await run.line.told(
                    address.chat,
                    lambda: run.line.bot.send_chat_action(
                        address.chat,
                        ChatAction.TYPING,
                        message_thread_id=topic_of(address),
                        read_timeout=SIGN_PATIENCE,
                    ),
                )

    async def show_preview(self, address: ChatAddress, text: str, *, turn: str) -> None:
        """See `ShowsPreviews.show_preview`."""
        if self._run is not None and self._mode != "off":
            await self._run.previews.show(address, self._places.at(address), text, turn=turn)

    # What was heard

    def heard(self, address: ChatAddress, message_id: str) -> None:
        """The newest message in a chat is this one now, not of ours."""
        self._places.at(address).heard(message_id)

    def pressed(self, address: ChatAddress, message_id: str) -> None:
        """A button below this message was pressed and taken: its keyboard goes, when there is
        time for it. Returns at once.
        """
        if self._run is not None and message_id.isdecimal():
            line = self._run.line
            self._run.tasks.start_soon(
                self._take_keyboard_away, line, address.chat, int(message_id)
            )

    async def _take_keyboard_away(self, line: Line, chat: str, message_id: int) -> None:
        give_up = self._time.now() + KEYBOARD_PATIENCE
        while (wait := self._pacer.take(chat, Kind.KEYBOARD)) > 0:
            if self._time.now() + wait > give_up:
                return
            await self._time.sleep(wait)
        try:
            with self._pacer.until_landed(chat):
                await line.told(chat, lambda: line.bot.edit_message_reply_markup(chat, message_id))
        except TelegramError as error:
            _log.debug("a keyboard stays", error=type(error).__name__)
