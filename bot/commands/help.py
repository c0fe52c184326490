"""`/help` and `/start`."""

from __future__ import annotations

from collections.abc import Sequence

from agentcore.records import NoticeDraft
from bot.commands.base import AtGate, Command, Gate
from bot.commands.choices import personas, template_name
from bot.wording.menu import Place, listed


def _help(gate: Gate) -> Sequence[NoticeDraft]:
    language = gate.reader().language
    if gate.scope.audience == "private":
        return gate.answer("reply.help", {"commands": listed("private", language)})
    place: Place = "personal" if gate.scope.among_others() else "shared"
    return gate.answer("reply.help_here", {"commands": listed(place, language)})


def _start(gate: Gate) -> Sequence[NoticeDraft]:
    """The agent introduces itself, and who else it could be."""
    agent = gate.scope.agent()
    template = gate.offers.templates.get(template_name(agent.template))
    if template is None:
        return _help(gate)
    shown = personas(agent, gate.offers, gate.reader())
    return gate.answer("reply.start", {"greeting": template.greeting_text().strip(), **shown})


COMMANDS: tuple[Command, ...] = (AtGate("help", _help), AtGate("start", _start))
