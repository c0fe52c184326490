"""What components of messages carry, so that a press means the same after a restart.

The meaning itself is in the service's database, under the button's token.
"""

from __future__ import annotations

from typing import Literal

Kind = Literal["action", "form", "select", "modal"]
"""A button; a button that brings up a form; a list, whose options' values are tokens; that form."""

_LETTERS: dict[Kind, str] = {"action": "a", "form": "f", "select": "s", "modal": "m"}
_KINDS = {letter: kind for kind, letter in _LETTERS.items()}


def custom_id(kind: Kind, token: str) -> str:
    """At most 42 characters, of the 100 that Discord takes."""
    return f"{_LETTERS[kind]}:{token}"


def parsed(text: str) -> tuple[Kind, str] | None:
    """The kind and the token; None for an id that isn't ours."""
    letter, colon, token = text.partition(":")
    kind = _KINDS.get(letter)
    return None if kind is None or not colon or not token else (kind, token)
