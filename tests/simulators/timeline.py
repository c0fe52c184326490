"""The server's time: the host's, or one that a test steps, so that nothing has to sleep."""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections.abc import Callable
from typing import Protocol

import anyio

from agentcore.clock import SECOND, Clock, Micros, SystemClock

HASTE = 50
START = Micros(1_800_000_000 * SECOND)


class Timeline(Clock, Protocol):
    def call_later(self, seconds: float, wake: Callable[[], None]) -> Callable[[], None]:
        """Call `wake` in `seconds` of this time; what is returned calls it off."""
        ...


class SystemTimeline:
    """The host's time, in a running loop."""

    def __init__(self) -> None:
        self._clock = SystemClock()

    def now(self) -> Micros:
        return self._clock.now()

    def call_later(self, seconds: float, wake: Callable[[], None]) -> Callable[[], None]:
        return asyncio.get_running_loop().call_later(seconds, wake).cancel


class HastyTimeline(SystemTimeline):
    """The host's time, run through fifty times as fast."""

    def __init__(self) -> None:
        super().__init__()
        self._start = super().now()

    def now(self) -> Micros:
        return Micros(self._start + HASTE * (super().now() - self._start))

    def call_later(self, seconds: float, wake: Callable[[], None]) -> Callable[[], None]:
        return super().call_later(seconds / HASTE, wake)


class HastyTime:
    """The host's time as an adapter's sending reads it, run through as fast."""

    def now(self) -> float:
        return HASTE * anyio.current_time()

    async def sleep(self, seconds: float) -> None:
        await anyio.sleep(seconds / HASTE)


class SteppedTimeline:
    """Stands still until `advance`; whoever waits for a moment is woken when it comes."""

    def __init__(self, start: Micros = START) -> None:
        self._now = start
        self._order = itertools.count()
        self._due: list[tuple[Micros, int, Callable[[], None]]] = []
        self._off: set[int] = set()

    def now(self) -> Micros:
        return self._now

    def call_later(self, seconds: float, wake: Callable[[], None]) -> Callable[[], None]:
        number = next(self._order)
        heapq.heappush(self._due, (Micros(self._now + round(seconds * SECOND)), number, wake))
        return lambda: self._off.add(number)

    def advance(self, seconds: float) -> None:
        until = Micros(self._now + round(seconds * SECOND))
        while self._due and self._due[0][0] <= until:
            self._now, number, wake = heapq.heappop(self._due)
            if number not in self._off:
                wake()
            self._off.discard(number)
        self._now = until

    @property
    def waiting(self) -> int:
        """How many wait for a moment to come."""
        return sum(number not in self._off for _, number, _ in self._due)


class Bell:
    """Rung at every change; whoever waits looks again then."""

    def __init__(self) -> None:
        self._waiting: set[asyncio.Future[None]] = set()

    def ring(self) -> None:
        for each in self._waiting:
            if not each.done():
                each.set_result(None)

    async def until(self, holds: Callable[[], bool], *, within: float = 5.0) -> None:
        """Wait until it holds.

        Raises:
            TimeoutError: It didn't, for `within` seconds of the host's time.
        """
        async with asyncio.timeout(within):
            while not holds():
                turn = asyncio.get_running_loop().create_future()
                self._waiting.add(turn)
                try:
                    await turn
                finally:
                    self._waiting.discard(turn)


async def pause(timeline: Timeline, seconds: float) -> None:
    """Wait that long in this time."""
    turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def wake() -> None:
        if not turn.done():
            turn.set_result(None)

    call_off = timeline.call_later(seconds, wake)
    try:
        await turn
    finally:
        call_off()
