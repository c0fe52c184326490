"""`/agree` and `/decline`: what a person says to the terms. Not listed: they are named when asked."""

from __future__ import annotations

from collections.abc import Sequence

from agentcore.records import NoticeDraft
from bot.commands.base import AtGate, Command, Gate


def _agree(gate: Gate) -> Sequence[NoticeDraft]:
    gate.scope.set_consent("consented", gate.offers.terms_version)
    return gate.answer("reply.agreed")


def _decline(gate: Gate) -> Sequence[NoticeDraft]:
    gate.scope.set_consent("declined", gate.offers.terms_version)
    return gate.answer("reply.declined")


COMMANDS: tuple[Command, ...] = (
    AtGate("agree", _agree, hidden=True, buttons="stay in chats"),
    AtGate(
        "decline",
        _decline,
        hidden=True,
        buttons="stay in chats",
        interrupts=lambda _argument: True,
    ),
)
