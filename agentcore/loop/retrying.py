"""Answering a person's last message once more. Pure.

Nothing is taken out of the store: the new epoch names the turns whose answers were not wanted,
and of those only what the person said stays in view.
"""

from __future__ import annotations

from collections.abc import Sequence

from agentcore.clock import Micros
from agentcore.loop.prompt import AnyMessage
from agentcore.records import Message, NewMessage, Origin, Role, TextPart, new_message_id

AGAIN = "The person would like another answer to their last message."


def asked_in(messages: Sequence[AnyMessage]) -> int | None:
    """The turn of the person's last message that is in view."""
    turns = (m.turn for m in reversed(messages) if isinstance(m, Message) and m.role is Role.USER)
    return next(turns, None)


def answered_in(messages: Sequence[Message]) -> tuple[int, ...]:
    """The turns that tried to answer it: its own, and those that only did so again."""
    asked = asked_in(messages)
    if asked is None:
        return ()
    tried = [asked]
    for turn in dict.fromkeys(m.turn for m in messages if m.turn is not None and m.turn > asked):
        first = next(message for message in messages if message.turn == turn)
        if first.role is not Role.NOTE or first.text == AGAIN:
            tried.append(turn)
    return tuple(tried)


def in_view(messages: Sequence[Message], left_out: Sequence[int]) -> list[Message]:
    """The messages without the answers of these turns."""
    gone = set(left_out)
    return [m for m in messages if m.role is Role.USER or m.turn not in gone]


def reminder(messages: Sequence[AnyMessage], now: Micros) -> tuple[NewMessage, ...]:
    """What the model is told when the person's message isn't the last thing that it sees."""
    if messages and messages[-1].role is Role.USER:
        return ()
    part = TextPart(AGAIN, Origin.OPERATOR)
    return (NewMessage(new_message_id(), Role.NOTE, (part,), now),)
