"""Whose private chats are whose channels, for everybody who ever wrote: Discord names neither its
private channels to a new session, nor whose they are where a message is deleted.

They are kept in portions, as a value of the state must be small; only the newest still changes. Who
wrote last is kept beside them.
"""

from __future__ import annotations

import itertools
import json
from collections import OrderedDict
from collections.abc import Callable, Iterator

import anyio

from adapters.base import AdapterState

MOST_LATEST = 300
"""Of so many it is known over a restart in which order they wrote."""
IN_A_PORTION = 200

_LATEST = "latest_private_channels"


def portion(number: int) -> str:
    """Where the state holds it."""
    return f"private_channels:{number}"


class Acquaintances:
    """Channels and people, beginning with those who wrote last. `tell` hears of each, the person
    first.
    """

    def __init__(self, state: AdapterState, tell: Callable[[int, int], None]) -> None:
        self._state = state
        self._tell = tell
        self._people: OrderedDict[int, int] = OrderedDict()
        self._new: dict[int, int] = {}
        self._number = 0
        self._portion: list[tuple[int, int]] = []
        self._moved = False
        self._writing = anyio.Lock()

    async def load(self) -> None:
        """What was kept."""
        for number in itertools.count():
            kept = await self._state.get(portion(number))
            if kept is None:
                break
            self._number, self._portion = number, json.loads(kept)
            self._people.update((channel, person) for channel, person in self._portion)
        for channel in json.loads(await self._state.get(_LATEST) or "[]"):
            if channel in self._people:
                self._people.move_to_end(channel)
        for channel, person in self._people.items():
            self._tell(person, channel)

    def __iter__(self) -> Iterator[tuple[int, int]]:
        return iter(list(reversed(self._people.items())))

    def person(self, channel_id: int) -> int | None:
        """Whose private channel it is, if that is known."""
        return self._people.get(channel_id)

    async def met(self, channel_id: int, person: int) -> None:
        """They wrote there. Durable when it returns, if they are new."""
        if self._people.get(channel_id) != person:
            self._new[channel_id] = person
        self._people[channel_id] = person
        self._people.move_to_end(channel_id)
        self._moved = True
        self._tell(person, channel_id)
        if channel_id in self._new:
            await self._keep_new()

    async def keep(self) -> None:
        """Make all of it durable."""
        await self._keep_new()
        if not self._moved:
            return
        self._moved = False
        try:
            latest = list(itertools.islice(reversed(self._people), MOST_LATEST))
            await self._state.put(_LATEST, json.dumps(latest[::-1]))
        except BaseException:
            self._moved = True
            raise

    async def _keep_new(self) -> None:
        async with self._writing:
            while self._new:
                if len(self._portion) >= IN_A_PORTION:
                    self._number, self._portion = self._number + 1, []
                room = IN_A_PORTION - len(self._portion)
                taken = list(itertools.islice(self._new.items(), room))
                grown = [*self._portion, *taken]
                await self._state.put(portion(self._number), json.dumps(grown))
                self._portion = grown
                for channel, _ in taken:
                    del self._new[channel]
