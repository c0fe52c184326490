"""`/help` and `/start`."""

from __future__ import annotations

from collections.abc import Sequence

from agentcore.records import NoticeDraft
from bot.commands.base import AtGate, Command, Gate
from bot.commands.choices import personas, template_name
from bot.menu import listed


def _help(gate: Gate) -> Sequence[NoticeDraft]:
    audience = gate.scope.audience
    key = "reply.help" if audience == "private" else "reply.help_here"
    return gate.answer(key, {"commands": listed(audience, gate.reader().language)})


def _start(gate: Gate) -> Sequence[NoticeDraft]:
    """The agent introduces itself, and who else it could be."""
    agent = gate.scope.agent()
    template = gate.offers.templates.get(template_name(agent.template))
    if template is None:
        return _help(gate)
    shown = personas(agent, gate.offers, gate.reader())
    return gate.answer("reply.start", {"greeting": template.greeting_text().strip(), **shown})


COMMANDS: tuple[Command, ...] = (AtGate("help", _help), AtGate("start", _start))
