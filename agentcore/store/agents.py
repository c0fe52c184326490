"""Agents as such: made, found, changed and deleted by clients of the API and by operators."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from agentcore.records import (
    Actor,
    AgentDraft,
    AgentId,
    AgentPatch,
    AgentQuery,
    AgentView,
)

SERVICE = Actor("service")


class Agents(Protocol):
    """Whoever reads agents of people, is seen doing it: see `Actor.audited`."""

    async def create(self, draft: AgentDraft, by: Actor = SERVICE) -> AgentView:
        """Make an agent, at once and as a whole.

        Raises:
            NotFound: there is no such block or identity.
            Conflict: two of its blocks have one label; or see `Identities.attach`.
        """
        ...

    async def view(self, agent_id: AgentId, actor: Actor, *, messages: bool = False) -> AgentView:
        """`messages`: with what its thread for the API has in view.

        Raises:
            NotFound: there is no such agent.
        """
        ...

    async def list(self, query: AgentQuery, actor: Actor) -> Sequence[AgentView]:
        """The page begins anew where the agent that it was to begin behind, or before, is gone."""
        ...

    async def count(self) -> int:
        """How many there are, hidden ones too."""
        ...

    async def tags(self) -> Sequence[str]:
        """All tags that agents have, in alphabetical order."""
        ...

    async def update(self, agent_id: AgentId, patch: AgentPatch, actor: Actor) -> AgentView:
        """Change an agent from its next turn on.

        Raises:
            NotFound: there is no such agent, block or identity.
            Conflict: two of its blocks would have one label.
        """
        ...

    async def delete(self, agent_id: AgentId, by: Actor) -> None:
        """Delete an agent with all that is its own, and with those that it has absorbed. A turn that
        runs for it commits nothing more. People whom it answered stay, and get a new one.

        Raises:
            NotFound: there is no such agent.
            Conflict: another has absorbed it.
        """
        ...
