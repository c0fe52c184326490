"""Whose private chats are whose channels, for those who wrote last: Discord names neither its
private channels to a new session, nor whose they are where a message is deleted.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Callable, Iterator

from adapters.base import AdapterState

_KEY = "private_channels"
_MOST = 300


class Acquaintances:
    """Channels and people, beginning with those who wrote last. `tell` hears of each, the person
    first.
    """

    def __init__(self, state: AdapterState, tell: Callable[[int, int], None]) -> None:
        self._state = state
        self._tell = tell
        self._people: OrderedDict[int, int] = OrderedDict()
        self._changed = False

    async def load(self) -> None:
        """What was kept."""
        kept = json.loads(await self._state.get(_KEY) or "[]")
        self._people = OrderedDict((channel, person) for channel, person in kept)
        for channel, person in self:
            self._tell(person, channel)

    def __iter__(self) -> Iterator[tuple[int, int]]:
        return iter(list(reversed(self._people.items())))

    def person(self, channel_id: int) -> int | None:
        """Whose private channel it is, if that is known."""
        return self._people.get(channel_id)

    async def met(self, channel_id: int, person: int) -> None:
        """They wrote there. Durable when it returns, if they are new."""
        new = channel_id not in self._people
        self._people[channel_id] = person
        self._people.move_to_end(channel_id)
        while len(self._people) > _MOST:
            self._people.popitem(last=False)
        self._changed = True
        self._tell(person, channel_id)
        if new:
            await self.keep()

    async def keep(self) -> None:
        """Make it durable who wrote last."""
        if not self._changed:
            return
        self._changed = False
        try:
            await self._state.put(_KEY, json.dumps(list(self._people.items())))
        except BaseException:
            self._changed = True
            raise
