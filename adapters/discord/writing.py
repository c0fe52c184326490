"""Messages to addresses: which channel that is, and which other one where it is closed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import TypeVar

from adapters.addresses import ChatAddress
from adapters.delivery import ChatUnreachable, MessageRejected
from adapters.discord.addresses import channel_of, person_of
from adapters.discord.failures import (
    TROUBLE,
    UNKNOWN_CHANNEL,
    code_of,
    failure_of,
    is_about_the_place,
)
from adapters.discord.letters import Letter
from adapters.discord.line import Line
from adapters.discord.pacing import Pacer
from adapters.discord.private_chats import PrivateChats

_T = TypeVar("_T")

PREVIEWS_KEEP = 30
"""Requests of a second that previews leave to answers."""


def is_group(address: ChatAddress) -> bool:
    """Whether people other than one and the bot may be there."""
    return person_of(address) is None


@dataclass(frozen=True, slots=True)
class Desk:
    """For one run of the adapter. All of it raises `DeliveryError`: it wasn't done, or may have been."""

    line: Line
    chats: PrivateChats
    pacer: Pacer

    async def post(self, address: ChatAddress, letter: Letter, *, elsewhere: bool = True) -> int:
        """Send it there; the message's id. With `elsewhere`, what is meant for a thread that is gone
        or locked goes to its channel; one that is archived is woken by it.
        """

        async def posted(channel: int) -> int:
            self.pacer.note(channel)
            return await self.line.post(channel, letter)

        try:
            return await self._in_channel(address, posted)
        except TROUBLE as error:
            if not elsewhere or address.topic is None or not is_about_the_place(error):
                raise failure_of(error) from error
        try:
            return await self.post(address.home, replace(letter, reply_to=None))
        except ChatUnreachable as error:
            # Of a forum, say: its other threads are there all the same.
            raise MessageRejected(f"the thread is closed, and {error}") from error

    async def edit(self, address: ChatAddress, message_id: int, letter: Letter) -> bool:
        """Put it in a message's place. False: there is none any more that could be edited."""

        async def edited(channel: int) -> bool:
            self.pacer.note(channel)
            return await self.line.edit(channel, message_id, letter)

        return await self._known(address, edited)

    async def delete(self, address: ChatAddress, message_id: int) -> None:
        """Take a message of ours away, if that can be done."""
        await self._known(address, lambda channel: self.line.delete(channel, message_id))

    async def type(self, address: ChatAddress) -> None:
        """Show that the bot writes."""
        await self._known(address, self.line.type)

    def has_room(self, address: ChatAddress) -> bool:
        """Whether a preview there leaves room for an answer."""
        person = person_of(address)
        channel = channel_of(address) if person is None else self.chats.known(person)
        return self.pacer.free(channel) and self.line.wire.has_room(PREVIEWS_KEEP)

    async def _known(self, address: ChatAddress, call: Callable[[int], Awaitable[_T]]) -> _T:
        try:
            return await self._in_channel(address, call)
        except TROUBLE as error:
            raise failure_of(error) from error

    async def _in_channel(self, address: ChatAddress, call: Callable[[int], Awaitable[_T]]) -> _T:
        """Make a call with the channel's id. Of a private chat, Discord may have made a new one."""
        person = person_of(address)
        if person is None:
            return await call(channel_of(address))
        known = self.chats.known(person) is not None
        try:
            return await call(await self.chats.channel(person, self.line))
        except TROUBLE as error:
            self.chats.refused(person, error)
            if not known or code_of(error) != UNKNOWN_CHANNEL:
                raise
        self.chats.forget(person)
        return await call(await self.chats.channel(person, self.line))
