"""What there is to do for whom, and from when, as far as this process knows.

It spares asking the database after every piece of work whether there is more. It only knows what
it was told here: what other processes add is found by looking, now and then (`look`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Generic, TypeVar

import anyio

from agentcore.clock import SECOND, Micros

K = TypeVar("K", bound=Hashable)

LOOK_AGAIN = 30.0
"""Seconds: what another process leaves in the store is found this late at most."""
SOON = 0.05


def until(due: Micros | None, now: Micros) -> float:
    """The seconds to wait for what is due then (None: nothing is), if nothing else is heard."""
    return LOOK_AGAIN if due is None else min(LOOK_AGAIN, max(SOON, (due - now) / SECOND))


class Bell:
    """Rung by one side, waited for by the other; a ring while nobody waits is kept."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def ring(self) -> None:
        self._event.set()

    async def wait(self, *, at_most: float) -> bool:
        """Until it rings, or `at_most` seconds; whether it rang."""
        with anyio.move_on_after(max(0.0, at_most)):
            await self._event.wait()
        rang = self._event.is_set()
        self._event.clear()
        return rang


@dataclass(frozen=True, slots=True)
class Due(Generic[K]):
    """What is due now. `look`: there may be more that nobody told us of."""

    keys: frozenset[K]
    look: bool

    def __bool__(self) -> bool:
        return self.look or bool(self.keys)


class Agenda(Generic[K]):
    """Keys with the moment from which they have work. One waiter; anybody may note.

    While a key is being worked on (`begin` to `end`), what is noted for it waits for the end.
    """

    def __init__(self) -> None:
        self._from: dict[K, Micros] = {}
        self._busy: set[K] = set()
        self._behind: set[K] = set()
        self._look_at: Micros | None = Micros(0)
        self._bell = Bell()

    def note(self, key: K, at: Micros) -> None:
        """There is work for `key` from `at` on; wakes the waiter."""
        self._from[key] = min(at, self._from.get(key, at))
        self._bell.ring()

    def look(self, at: Micros = Micros(0)) -> None:  # noqa: B008 (a number)
        """Somebody may have work from `at` on, nobody knows who; wakes the waiter."""
        self._look_at = at if self._look_at is None else min(at, self._look_at)
        self._bell.ring()

    def begin(self, key: K, *, more: bool = False) -> None:
        """Somebody works on `key`; with `more`, there is work that is due when they end."""
        self._busy.add(key)
        if more:
            self._behind.add(key)

    def end(self, key: K) -> None:
        """The work on `key` is over; what was noted meanwhile is due. Wakes the waiter."""
        self._busy.discard(key)
        if key in self._behind:
            self._behind.discard(key)
            self._from[key] = Micros(0)
        self._bell.ring()

    def take(self, now: Micros) -> Due[K]:
        """What is due, taken off the agenda."""
        keys = {key for key, at in self._from.items() if at <= now}
        for key in keys:
            del self._from[key]
        self._behind |= keys & self._busy
        look = self._look_at is not None and self._look_at <= now
        if look:
            self._look_at = None
        return Due(frozenset(keys - self._busy), look)

    async def wait(self, now: Micros, *, at_most: float) -> None:
        """Until something is due or noted; after `at_most` seconds it is time to look."""
        moments = [*self._from.values(), *([] if self._look_at is None else [self._look_at])]
        left = (min(moments) - now) / SECOND if moments else at_most
        if not await self._bell.wait(at_most=min(at_most, left)) and left >= at_most:
            self.look()

    async def rung(self, *, at_most: float) -> None:
        """Until somebody notes or ends something, whatever is due."""
        await self._bell.wait(at_most=at_most)
