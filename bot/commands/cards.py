"""`/cards`: when a person is shown what was noted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from agentcore.records import CardChoice, NoticeDraft
from bot.commands.base import AtGate, Command, Gate

_CHOICES: Mapping[str, CardChoice] = {"on": "on", "off": "off", "always": "always"}
_SAID: Mapping[CardChoice, str] = {
    "on": "reply.cards_on",
    "off": "reply.cards_off",
    "always": "reply.cards_always",
}


def _cards(gate: Gate) -> Sequence[NoticeDraft]:
    """At the gate: it is true at once."""
    reader = gate.reader()
    choice = _CHOICES.get(gate.asked.argument.lower())
    if choice is None:
        return gate.answer("reply.cards", {"now": reader.piece(_SAID[gate.scope.user().cards])})
    gate.scope.choose_cards(choice)
    return gate.answer("reply.cards_set", {"now": reader.piece(_SAID[choice])})


COMMANDS: tuple[Command, ...] = (AtGate("cards", _cards),)
