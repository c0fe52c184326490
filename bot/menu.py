"""The commands that people are told of, the most used first: in menus of platforms and in `/help`.

In a chat of several there are fewer: what is about one person alone is asked in private.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from adapters.wording import Audience, MenuEntry
from bot.texts import text_of

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
_CHAT = ("new", "memory", "forget", "undo", "stop", "retry", "why", "persona", "model", "unforget")

MENUS: Mapping[Audience, Mapping[str, str]] = {
    "private": {name: f"menu.{name}" for name in _PRIVATE},
    "chat": {name: f"menu.{name}" for name in _CHAT}
    | {"listen": "menu.listen", "delete": "menu.delete_here", "help": "menu.help"},
}
"""Commands by audience, each with the key of its line."""


def menu_of(audience: Audience, language: str | None) -> Sequence[MenuEntry]:
    """The commands that make sense there, each with a line on what it does."""
    return [MenuEntry(name, text_of(key, {}, language)) for name, key in MENUS[audience].items()]


def listed(audience: Audience, language: str | None) -> str:
    """The same as lines of a text."""
    return "\n".join(
        f"/{entry.command}: {entry.description}" for entry in menu_of(audience, language)
    )
