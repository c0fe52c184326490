"""Carries chunks, typing signs and previews to Discord, over REST alone."""

from __future__ import annotations

import time as host_time
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import discord
import structlog

from adapters.addresses import ChatAddress
from adapters.base import AdapterState
from adapters.delivery import (
    ChatUnreachable,
    DeliveryError,
    MessageRejected,
    Outbound,
    Sent,
    TemporaryFailure,
)
from adapters.discord.addresses import Addresses, person_of
from adapters.discord.handles import Handle
from adapters.discord.letters import letter_of
from adapters.discord.line import SIGN_PATIENCE, Line
from adapters.discord.pacing import Pacer
from adapters.discord.pieces import COMPOSER
from adapters.discord.previews import DiscordScreen
from adapters.discord.private_chats import PrivateChats
from adapters.discord.replies import Replies
from adapters.discord.settings import PreviewMode
from adapters.discord.wire import Wire
from adapters.discord.writing import Desk, is_group
from adapters.push.alongside import alongside
from adapters.push.open_previews import OpenPreviews
from adapters.push.places import Places
from adapters.push.previews import Previews
from adapters.push.timing import HostTime, Time

_log = structlog.get_logger(__name__)

SIGNS_KEEP = 30
"""Requests of a second that typing signs leave to answers."""


@dataclass(frozen=True, slots=True)
class _Run:
    """What there is while the adapter runs."""

    line: Line
    desk: Desk
    screen: DiscordScreen
    previews: Previews


class Sending:
    """The sending half of one bot's adapter. `date` is the time in seconds since 1970."""

    def __init__(
        self,
        addresses: Addresses,
        state: AdapterState,
        *,
        previews: PreviewMode = "auto",
        time: Time | None = None,
        date: Callable[[], float] = host_time.time,
    ) -> None:
        self._addresses = addresses
        self._mode: PreviewMode = previews
        self._time = time or HostTime()
        self._places = Places()
        self._open = OpenPreviews(state)
        self._date = date
        self._replies = Replies(state, date)
        self._chats = PrivateChats(self._time.now)
        self.wire = Wire(self._time)
        self._pacer = Pacer(self._time.now)
        self._run: _Run | None = None

    @asynccontextmanager
    async def open(self, client: discord.Client) -> AsyncGenerator[None, None]:
        """While it is open, `client` sends. It must be logged in, and use `wire`."""
        await self._open.load()
        await self._replies.load()
        line = Line(client, self.wire)
        desk = Desk(line, self._chats, self._pacer)
        async with alongside() as tasks:
            screen = DiscordScreen(desk, self._open, self._time, self._date)
            previews = Previews(COMPOSER, screen, self._open, tasks, self._time)
            self._run = _Run(line, desk, screen, previews)
            try:
                yield
            finally:
                self._run = None

    @property
    def trouble(self) -> str:
        """What the operator should know, in a few words; empty if all is well."""
        return self.wire.caution.trouble

    # An answer

    async def send(self, chunk: Outbound) -> Sent:
        """See `Adapter.send`."""
        if self._run is None:
            raise TemporaryFailure("not connected to Discord")
        handle = _handle_of(chunk)
        if handle is None:
            message_id = await self._sent_to(self._run, chunk.address, chunk)
        else:
            message_id = await self._answered(self._run, handle, chunk)
        return Sent(str(message_id))

    async def _answered(self, run: _Run, handle: Handle, chunk: Outbound) -> int:
        """To who waits for it; where that can't be, to no more people than could see it there."""
        letter = letter_of(chunk, ephemeral=handle.ephemeral)
        message_id = await self._replies.answer(run.line, handle, chunk, letter)
        if message_id is not None:
            return message_id
        if not handle.ephemeral:
            try:
                return await self._sent_to(run, chunk.address, chunk)
            except ChatUnreachable:
                if person_of(chunk.address) == handle.user_id:
                    raise
        own = self._addresses.of_person(handle.user_id)
        try:
            return await self._sent_to(run, own, chunk)
        except ChatUnreachable as error:
            if own == chunk.address:
                raise
            # The chat itself is there: nothing is wrong with what else is said in it.
            raise MessageRejected(str(error)) from error

    async def _sent_to(self, run: _Run, address: ChatAddress, chunk: Outbound) -> int:
        place = self._places.at(address)
        place.answering()
        async with place.lock:
            answered = chunk.reply_to if address == chunk.address else None
            reply_to = place.reply_to(answered, group=is_group(address))
            letter = letter_of(chunk, reply_to=reply_to)
            message_id = None
            if chunk.answer_via is None:
                await run.screen.find(address)
                message_id = await self._open.become(
                    chunk,
                    reply_to=letter.reply_to,
                    edit=lambda preview: run.desk.edit(address, preview, letter),
                    remove=lambda preview: run.desk.delete(address, preview),
                )
            if message_id is None:
                message_id = await run.desk.post(address, letter)
            place.answered(self._time.now())
        return message_id

    # What may be left out

    async def show_typing(self, address: ChatAddress) -> None:
        """See `ShowsTyping.show_typing`."""
        run, place = self._run, self._places.at(address)
        if run is None or not place.takes_sign(self._time.now()):
            return
        if not await self.wire.room(SIGNS_KEEP, SIGN_PATIENCE):
            return
        async with place.lock:
            try:
                await run.desk.type(address)
            except DeliveryError as error:
                _log.debug("typing isn't shown", error=type(error).__name__)

    async def show_preview(self, address: ChatAddress, text: str, *, turn: str) -> None:
        """See `ShowsPreviews.show_preview`."""
        if self._run is not None and self._mode != "off":
            await self._run.previews.show(address, self._places.at(address), text, turn=turn)

    # What was heard

    def heard(self, address: ChatAddress, message_id: str) -> None:
        """The newest message in a chat is this one now, not of ours."""
        self._places.at(address).heard(message_id)

    def met(self, person: int, channel: int) -> None:
        """The person wrote in their private chat, which is this channel."""
        self._chats.met(person, channel)


def _handle_of(chunk: Outbound) -> Handle | None:
    """What waits for the chunk.

    Raises:
        MessageRejected: nobody can tell for whose eyes it is.
    """
    if chunk.answer_via is None:
        return None
    try:
        return Handle.parse(chunk.answer_via)
    except (ValueError, TypeError) as error:
        raise MessageRejected("what the answer is for can't be read") from error
