"""The commands that people are told of, the most used first: in menus of platforms and in `/help`.

In a chat of several there are fewer: what is about one person alone is asked in private. Where each
member's own agent answers, it keeps to itself there what only they may see and change.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from adapters.wording import MenuArgument, MenuEntry
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
    "link",
    "unlink",
    "timezone",
    "usage",
    "privacy",
    "export",
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


@dataclass(frozen=True, slots=True)
class Argument:
    """What may stand behind a command: its name, the key of its line, and what it may be."""

    name: str
    key: str
    choices: tuple[str, ...] = ()
    required: bool = False


_ON_OFF = ("on", "off")
ARGUMENTS: Mapping[str, Argument] = {
    "memory": Argument("what", "argument.memory"),
    "forget": Argument("what", "argument.forget"),
    "undo": Argument("number", "argument.undo"),
    "persona": Argument("name", "argument.persona"),
    "incognito": Argument("how", "argument.incognito", _ON_OFF),
    "why": Argument("number", "argument.why", required=True),
    "model": Argument("name", "argument.model"),
    "sleep": Argument("how", "argument.sleep", (*_ON_OFF, "now")),
    "cards": Argument("when", "argument.cards", ("on", "always", "off")),
    "share": Argument("what", "argument.share"),
    "unshare": Argument("number", "argument.unshare"),
    "link": Argument("code", "argument.link"),
    "unlink": Argument("number", "argument.unlink"),
    "timezone": Argument("place", "argument.timezone"),
    "delete": Argument("code", "argument.delete"),
    "start": Argument("invitation", "argument.start"),
    "listen": Argument("how", "argument.listen", _ON_OFF),
}
"""By command; the others stand alone."""
FOR_ALL = frozenset({"new", "stop", "retry", "help", "listen"})
"""What concerns all who are there, and tells nothing of anybody."""
FOR_ADMINS = frozenset({"listen"})
MOST_NAMED = 25
"""More choices are no help, and no platform shows them."""

Named = Mapping[str, Sequence[str]]
"""What the service lets people choose from, by command."""
NOTHING_NAMED: Named = MappingProxyType({})


def menu_of(
    place: Place, language: str | None, named: Named = NOTHING_NAMED
) -> Sequence[MenuEntry]:
    """The commands that make sense there, each with a line on what it does."""
    return [
        MenuEntry(
            name,
            text_of(key, {}, language),
            argument=_argument(name, language, named),
            confidential=name not in FOR_ALL,
            for_admins=name in FOR_ADMINS,
        )
        for name, key in MENUS[place].items()
    ]


def _argument(command: str, language: str | None, named: Named) -> MenuArgument | None:
    found = ARGUMENTS.get(command)
    if found is None:
        return None
    known = tuple(named.get(command, ()))
    choices = found.choices or (known if len(known) <= MOST_NAMED else ())
    line = text_of(found.key, {}, language)
    return MenuArgument(found.name, line, choices, required=found.required)


def listed(place: Place, language: str | None) -> str:
    """The same as lines of a text."""
    entries = menu_of(place, language)
    return "\n".join(f"/{entry.command}: {entry.description}" for entry in entries)
