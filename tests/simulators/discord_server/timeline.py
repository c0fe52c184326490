"""The server's time, as ids and timestamps tell it."""

from __future__ import annotations

from datetime import UTC, datetime

from agentcore.clock import Micros
from tests.simulators.timeline import (
    Bell,
    HastyTimeline,
    SteppedTimeline,
    SystemTimeline,
    Timeline,
    pause,
)

EPOCH_MS = 1_420_070_400_000
"""The first millisecond of 2015, with which Discord's ids begin."""

__all__ = [
    "Bell",
    "HastyTimeline",
    "Snowflakes",
    "SteppedTimeline",
    "SystemTimeline",
    "Timeline",
    "iso",
    "pause",
]


def iso(at: Micros) -> str:
    return datetime.fromtimestamp(at / 1_000_000, UTC).isoformat(timespec="microseconds")


class Snowflakes:
    """Ids that grow, and tell when they were given out."""

    def __init__(self, timeline: Timeline) -> None:
        self._timeline = timeline
        self._last = 0

    def new(self) -> int:
        first = (self._timeline.now() // 1000 - EPOCH_MS) << 22
        self._last = max(first, self._last + 1)
        return self._last
