"""What components of messages carry, so that a press means the same after a restart.

The meaning itself is in the service's database, under the button's token. The chat that the button
belongs to stands beside it, because a person may be shown it elsewhere: in a channel for their eyes
only, or in their private chat.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["action", "form", "select", "modal"]
"""A button; a button that brings up a form; a list, whose own token means nothing; that form. The
values of a list's options are ids of buttons, of either kind.
"""

_LETTERS: dict[Kind, str] = {"action": "a", "form": "f", "select": "s", "modal": "m"}
_KINDS = {letter: kind for kind, letter in _LETTERS.items()}


@dataclass(frozen=True, slots=True)
class CustomId:
    """`chat` is the `ChatAddress.chat` of the message, wherever it is shown."""

    kind: Kind
    token: str
    chat: str


def custom_id(kind: Kind, token: str, chat: str) -> str:
    """At most 64 characters, of the 100 that Discord takes."""
    return f"{_LETTERS[kind]}|{chat}|{token}"


def parsed(text: str) -> CustomId | None:
    """What an id of ours says; None for one that isn't."""
    letter, _, rest = text.partition("|")
    chat, _, token = rest.partition("|")
    kind = _KINDS.get(letter)
    return None if kind is None or not chat or not token else CustomId(kind, token, chat)
