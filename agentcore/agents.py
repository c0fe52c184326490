"""Agents as such: made, found, changed and deleted by clients of the API and by operators."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from agentcore.records import Actor, AgentDraft, AgentId, AgentQuery, AgentView


class Agents(Protocol):
    """Whoever reads agents of people, is seen doing it: see `Actor.audited`."""

    async def create(self, draft: AgentDraft) -> AgentView:
        """Make an agent, at once and as a whole.

        Raises:
            NotFound: there is no such block or identity.
            Conflict: two of its blocks have one label.
        """
        ...

    async def view(self, agent_id: AgentId, actor: Actor, *, messages: bool = False) -> AgentView:
        """`messages`: with what its thread for the API has in view.

        Raises:
            NotFound: there is no such agent.
        """
        ...

    async def list(self, query: AgentQuery, actor: Actor) -> Sequence[AgentView]: ...
