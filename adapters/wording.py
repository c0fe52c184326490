"""What an adapter puts on a platform in the service's own words, such as a menu of commands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

Audience = Literal["private", "chat"]


@dataclass(frozen=True, slots=True)
class MenuArgument:
    """What may be written behind a command: its name in lower case, and a line on it. With
    `choices`, it is one of these.
    """

    name: str
    description: str
    choices: tuple[str, ...] = ()
    required: bool = False


@dataclass(frozen=True, slots=True)
class MenuEntry:
    """A command as a menu shows it: its name without a slash, and a line on what it does.
    `confidential`: what it answers is for the sender's eyes, where the platform can do that.
    `for_admins`: of a chat of several, only who has a say over it may give it.
    """

    command: str
    description: str
    argument: MenuArgument | None = None
    confidential: bool = False
    for_admins: bool = False


class Wording(Protocol):
    """The catalogue, as far as adapters need it. Keys are the service's."""

    @property
    def languages(self) -> Sequence[str]:
        """ISO 639-1 codes, the one that stands in for all others first."""
        ...

    def menu(self, audience: Audience, language: str | None) -> Sequence[MenuEntry]:
        """The commands that make sense there, the most used first."""
        ...

    def text(self, key: str, arguments: Mapping[str, str | int], language: str | None) -> str:
        """A text in the language, or in the first one.

        Raises:
            KeyError: no such key.
        """
        ...
