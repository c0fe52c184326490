"""From what people write to a time zone: its name, or a city. Pure but for the host's list."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from zoneinfo import available_timezones

MAX_CANDIDATES = 10


@cache
def _names() -> tuple[str, ...]:
    return tuple(sorted(available_timezones()))


def zones_like(text: str) -> Sequence[str]:
    """The zones that are meant: one if it is clear, at most ten to choose from, or none.

    The whole name counts before the city, a whole city before the beginning of one.
    """
    wanted = _plain(text)
    if not wanted:
        return ()
    named = [name for name in _names() if _plain(name) == wanted]
    cities = [name for name in _names() if _city(name) == wanted]
    begun = [name for name in _names() if _city(name).startswith(wanted)]
    return (named or cities or begun)[:MAX_CANDIDATES]


def _city(name: str) -> str:
    return _plain(name.rpartition("/")[2])


def _plain(text: str) -> str:
    return "_".join(text.replace("_", " ").lower().split())
