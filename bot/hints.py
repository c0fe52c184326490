"""Who wakes whom inside one process. Only hints: every waiter also looks by itself now and then,
so a lost hint costs time and nothing else. Previews pass through here and are kept nowhere.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque

import anyio

from agentcore.records import Address

MAX_PREVIEWS = 1_000
"""Pieces kept for a reader that is slow; the oldest go first."""


class Bell:
    """Rung by one side, waited for by the other; a ring while nobody waits is kept."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def ring(self) -> None:
        self._event.set()

    async def wait(self, *, at_most: float) -> None:
        """Until it rings, or `at_most` seconds."""
        with anyio.move_on_after(max(0.0, at_most)):
            await self._event.wait()
        self._event.clear()


class Watcher:
    """One reader of one address: woken by changes, and handed pieces of answers."""

    def __init__(self) -> None:
        self.bell = Bell()
        self.previews: deque[Piece] = deque(maxlen=MAX_PREVIEWS)


Piece = tuple[str, bool]
"""A piece of an answer's text, and whether it begins a new answer."""


class Hints:
    """The bells of one process."""

    def __init__(self) -> None:
        self.work = Bell()
        self.outbox = Bell()
        self.stop_asked = Bell()
        self._watchers: defaultdict[Address, set[Watcher]] = defaultdict(set)

    def changed(self, address: Address) -> None:
        """Something was committed for this address."""
        for watcher in self._watchers.get(address, ()):
            watcher.bell.ring()

    def preview(self, address: Address, text: str, *, begins: bool) -> None:
        """A piece of an answer in the making."""
        for watcher in self._watchers.get(address, ()):
            watcher.previews.append((text, begins))
            watcher.bell.ring()

    def watch(self, address: Address) -> Watcher:
        """From here on until `unwatch`, nothing that happens at the address goes unnoticed."""
        watcher = Watcher()
        self._watchers[address].add(watcher)
        return watcher

    def unwatch(self, address: Address, watcher: Watcher) -> None:
        self._watchers[address].discard(watcher)
        if not self._watchers[address]:
            del self._watchers[address]
