"""People's private chats: their channels, and whose are closed to the bot."""

from __future__ import annotations

from collections.abc import Callable

from adapters.delivery import ChatUnreachable
from adapters.discord.failures import TROUBLE, is_about_the_person
from adapters.discord.line import Line
from adapters.push.latest import Latest

MOST = 10_000
CLOSED_FOR = 600.0
"""Seconds before a closed chat is tried again, unless its person writes. Refusals count."""


class PrivateChats:
    """The ones used last. `now` is the time in seconds."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._channels: Latest[int, int] = Latest(MOST)
        self._closed: Latest[int, float] = Latest(MOST)

    def met(self, person: int, channel: int) -> None:
        """They wrote there."""
        self._closed.pop(person, None)
        self._channels[person] = channel

    def known(self, person: int) -> int | None:
        """The channel of their chat, if it is known."""
        return self._channels.get(person)

    async def channel(self, person: int, line: Line) -> int:
        """The channel of their chat, which is made if need be.

        Raises:
            ChatUnreachable: it was closed a moment ago.
        """
        closed_at = self._closed.get(person)
        if closed_at is not None and self._now() < closed_at + CLOSED_FOR:
            raise ChatUnreachable("the person takes no private messages of the bot")
        if person not in self._channels:
            try:
                self._channels[person] = await line.private_channel(person)
            except TROUBLE as error:
                self.refused(person, error)
                raise
        self._channels.move_to_end(person)
        return self._channels[person]

    def refused(self, person: int, error: Exception) -> None:
        """What went wrong there may mean that it is closed."""
        if is_about_the_person(error):
            self._closed[person] = self._now()

    def forget(self, person: int) -> None:
        """Its channel isn't that any more."""
        self._channels.pop(person, None)
