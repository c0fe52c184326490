"""Whose private chats are whose channels, for everybody who ever wrote: Discord names neither its
private channels to a new session, nor whose they are where a message is deleted.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator

import anyio

from adapters.base import AdapterState
from adapters.discord.addresses import Addresses, person_of

AGAIN = 60.0
"""Seconds after which it is kept anew where somebody writes: then it is known who wrote lately, and
who was erased and came back is known again.
"""


class Acquaintances:
    """Channels and people, beginning with those who wrote last. `tell` hears of each, the person
    first.
    """

    def __init__(
        self, state: AdapterState, addresses: Addresses, tell: Callable[[int, int], None]
    ) -> None:
        self._state = state
        self._addresses = addresses
        self._tell = tell
        self._people: OrderedDict[int, int] = OrderedDict()
        self._kept_at: dict[int, float] = {}

    async def load(self) -> None:
        """What was kept."""
        for address, channel in reversed(await self._state.chats()):
            person = person_of(address)
            if person is not None:
                self._people[int(channel)] = person
                self._tell(person, int(channel))

    def __iter__(self) -> Iterator[tuple[int, int]]:
        return iter(list(reversed(self._people.items())))

    def person(self, channel_id: int) -> int | None:
        """Whose private channel it is, if that is known."""
        return self._people.get(channel_id)

    async def met(self, channel_id: int, person: int) -> None:
        """They wrote there. Durable when it returns."""
        self._people[channel_id] = person
        self._people.move_to_end(channel_id)
        self._tell(person, channel_id)
        now = anyio.current_time()
        kept_at = self._kept_at.get(channel_id)
        if kept_at is None or now >= kept_at + AGAIN:
            await self._state.put_chat(self._addresses.of_person(person), str(channel_id))
            self._kept_at[channel_id] = now
