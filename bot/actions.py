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

MOST_DIGITS = 3


def button_token(nonce: str, number: int) -> str:
    """What a button of a chunk stands for: the chunk, and which of its actions, counted from 0."""
    return f"{nonce}:{number}"


def parsed_token(token: str) -> tuple[str, int]:
    """The chunk's nonce, and which of its actions. Without a nonce, it is no token of ours."""
    nonce, _, number = token.rpartition(":")
    known = number.isascii() and number.isdigit() and len(number) <= MOST_DIGITS
    return (nonce, int(number)) if known else ("", 0)


def actions_of(key: str, arguments: NoticeArguments, language: str | None) -> tuple[Action, ...]:
    """What can be done about such a notice, in the reader's language."""
    return tuple(
        Action(text_of(label, {}, language), command.format_map(arguments))
        for label, command in ACTIONS.get(key, ())
    )
