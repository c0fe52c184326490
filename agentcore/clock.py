"""Time as the engine sees it: integer microseconds since 1970, UTC, from an injected clock.

Databases disagree on the resolution of their own clocks (SQLite: whole seconds), so no
statement asks the database for the time.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import NewType, Protocol
from zoneinfo import ZoneInfo

Micros = NewType("Micros", int)
"""Microseconds since 1970-01-01T00:00Z, or a span of them."""

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR


class Clock(Protocol):
    def now(self) -> Micros:
        """The present; never goes backwards by more than the host's clock does."""
        ...


class SystemClock:
    """The host's wall clock."""

    def now(self) -> Micros:
        return Micros(time.time_ns() // 1_000)


def seconds(count: float) -> Micros:
    """A span of `count` seconds."""
    return Micros(round(count * SECOND))


def as_datetime(at: Micros, zone: ZoneInfo | None = None) -> datetime:
    """The moment as an aware datetime, in `zone` (default UTC)."""
    return datetime.fromtimestamp(at / SECOND, tz=UTC).astimezone(zone or UTC)


def day_of(at: Micros) -> int:
    """Days since 1970-01-01 UTC: the key of daily counters."""
    return at // DAY
