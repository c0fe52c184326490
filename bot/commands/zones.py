"""From what people write to a time zone: its name, or a city. Pure but for the host's list."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import cache
from zoneinfo import available_timezones

MAX_CANDIDATES = 10
_GERMAN = {
    "algier": "algiers",
    "athen": "athens",
    "basel": "zurich",
    "belgrad": "belgrade",
    "bern": "zurich",
    "brussel": "brussels",
    "bukarest": "bucharest",
    "dusseldorf": "berlin",
    "frankfurt": "berlin",
    "genf": "zurich",
    "graz": "vienna",
    "hamburg": "berlin",
    "havanna": "havana",
    "hongkong": "hong_kong",
    "innsbruck": "vienna",
    "kairo": "cairo",
    "kiew": "kyiv",
    "koln": "berlin",
    "kopenhagen": "copenhagen",
    "leipzig": "berlin",
    "linz": "vienna",
    "lissabon": "lisbon",
    "luxemburg": "luxembourg",
    "moskau": "moscow",
    "munchen": "berlin",
    "peking": "shanghai",
    "prag": "prague",
    "rom": "rome",
    "salzburg": "vienna",
    "singapur": "singapore",
    "stuttgart": "berlin",
    "teheran": "tehran",
    "tokio": "tokyo",
    "warschau": "warsaw",
    "wien": "vienna",
}
"""Cities as they are called in German, and large ones where it is spoken: the host's list knows the
English names of some cities for each zone.
"""


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
    cities = cities or [name for name in _names() if _city(name) == _GERMAN.get(wanted)]
    begun = [name for name in _names() if _city(name).startswith(wanted)]
    return (named or cities or begun)[:MAX_CANDIDATES]


def _city(name: str) -> str:
    return _plain(name.rpartition("/")[2])


def _plain(text: str) -> str:
    """In small letters without accents."""
    bare = (each for each in unicodedata.normalize("NFKD", text) if not unicodedata.combining(each))
    return "_".join("".join(bare).replace("_", " ").lower().split())
