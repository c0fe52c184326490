"""`/listen`: whether the agent answers everything that is said in a chat of several, or only what is
said to it.
"""

from __future__ import annotations

from collections.abc import Sequence

from agentcore.records import NoticeDraft
from bot.commands.base import AtGate, Command, Gate


def _listen(gate: Gate) -> Sequence[NoticeDraft]:
    """At the gate: what isn't said to the agent is let in or not from this moment on."""
    scope, wanted = gate.scope, gate.asked.argument.lower()
    if scope.audience == "private":
        return gate.answer("reply.listen_in_groups")
    if wanted not in {"on", "off"}:
        return gate.answer("reply.listening" if scope.listening() else "reply.not_listening")
    if not scope.by_an_admin:
        return gate.answer("reply.listen_for_admins")
    scope.listen(on=wanted == "on")
    return gate.answer("reply.listen_on" if wanted == "on" else "reply.listen_off")


COMMANDS: tuple[Command, ...] = (AtGate("listen", _listen),)
