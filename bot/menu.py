"""The commands that people are told of, the most used first: in menus of platforms and in `/help`.

In a chat of several there are fewer: what is about one person alone is asked in private. Where each
member's own agent answers, it keeps to itself there what only they may see and change.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from adapters.wording import MenuEntry
from bot.texts import text_of

Place = Literal["private", "shared", "personal", "off"]
"""Where commands are given: in private, or in groups, which have an agent of their own, or whose
members are answered by theirs, or that aren't answered.
"""

_PRIVATE = (
    "new",
    "memory",
    "forget",
    "undo",
    "persona",
    "stop",
    "retry",
    "incognito",
    "why",
    "model",
    "sleep",
    "cards",
    "share",
    "unshare",
    "unforget",
    "timezone",
    "usage",
    "privacy",
    "delete",
    "help",
    "start",
)
_SHARED = (
    "new",
    "memory",
    "forget",
    "undo",
    "stop",
    "retry",
    "why",
    "persona",
    "model",
    "unforget",
)
_PERSONAL = ("new", "stop", "retry", "listen", "help")


def _lines_of(*names: str) -> dict[str, str]:
    return {name: f"menu.{name}" for name in names}


MENUS: Mapping[Place, Mapping[str, str]] = {
    "private": _lines_of(*_PRIVATE),
    "shared": _lines_of(*_SHARED, "listen") | {"delete": "menu.delete_here", "help": "menu.help"},
    "personal": _lines_of(*_PERSONAL),
    "off": _lines_of("help"),
}
"""Commands by place, each with the key of its line."""


def menu_of(place: Place, language: str | None) -> Sequence[MenuEntry]:
    """The commands that make sense there, each with a line on what it does."""
    return [MenuEntry(name, text_of(key, {}, language)) for name, key in MENUS[place].items()]


def listed(place: Place, language: str | None) -> str:
    """The same as lines of a text."""
    entries = menu_of(place, language)
    return "\n".join(f"/{entry.command}: {entry.description}" for entry in entries)
