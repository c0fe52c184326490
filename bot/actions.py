"""What a person can do about a notice: commands that are sent for them, by the notice's key."""

from __future__ import annotations

from collections.abc import Mapping

from adapters.feed import Action
from agentcore.records import NoticeArguments
from bot.texts import text_of

ACTIONS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "turn.noted": (("turn.undo", "/undo #{turn}"), ("turn.why", "/why #{turn}")),
    "reply.forget_found": (("turn.forget_all", "/forget yes #{offer}"),),
    "reply.forgotten": (("turn.unforget", "/unforget"),),
    "turn.held": (("turn.keep", "/keep #{turn}"), ("turn.drop", "/drop #{turn}")),
}
"""The name of each action and its command, which may take arguments of the notice."""


def button_token(nonce: str, number: int) -> str:
    """What a button of a chunk stands for: the chunk, and which of its actions, counted from 0."""
    return f"{nonce}:{number}"


def actions_of(key: str, arguments: NoticeArguments, language: str | None) -> tuple[Action, ...]:
    """What can be done about such a notice, in the reader's language."""
    return tuple(
        Action(text_of(label, {}, language), command.format_map(arguments))
        for label, command in ACTIONS.get(key, ())
    )
