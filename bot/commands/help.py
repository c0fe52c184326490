"""`/help` and `/start`."""

from __future__ import annotations

from collections.abc import Sequence

from agentcore.records import NoticeDraft
from bot.commands.base import AtGate, Command, Gate


def _help(gate: Gate) -> Sequence[NoticeDraft]:
    return gate.answer("reply.help")


COMMANDS: tuple[Command, ...] = (AtGate("help", _help), AtGate("start", _help))
