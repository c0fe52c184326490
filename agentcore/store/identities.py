"""Identities, and which agents answer them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from agentcore.records import Actor, AgentId, IdentityId
from agentcore.records.identities import (
    IdentitiesByAgent,
    IdentityChange,
    IdentityQuery,
    IdentityView,
    NewIdentity,
)


class Identities(Protocol):
    """Who may be answered by which agent, as clients of the API decide it.

    An identity of a chat platform is a person there, whether they have written yet or not. Of the
    agents that they are bound to, the one that was attached last answers them, in all their chats;
    once it is detached, the one before does. Another identity is a key that a client has made up.
    """

    async def create(self, new: NewIdentity, by: Actor) -> IdentityView:
        """Make an identity, and attach agents to it.

        Raises:
            Conflict: there is one of that key, or see `attach`.
            NotFound: see `attach`.
        """
        ...

    async def upsert(self, new: NewIdentity, by: Actor) -> IdentityView:
        """The same, or change the one of that key to be like this. Agents that it has besides stay
        its own.
        """
        ...

    async def identity(self, identity_id: IdentityId) -> IdentityView:
        """Raises NotFound."""
        ...

    async def identities(self, query: IdentityQuery) -> Sequence[IdentityView]:
        """By when they were made."""
        ...

    async def of_agents(self, agents: Sequence[AgentId]) -> IdentitiesByAgent:
        """The identities that are attached to these agents, in the order in which they were made."""
        ...

    async def count(self) -> int: ...

    async def change(
        self, identity_id: IdentityId, change: IdentityChange, by: Actor
    ) -> IdentityView:
        """Raises NotFound, and Conflict: the key is another's or can't change; see `attach`."""
        ...

    async def remove(self, identity_id: IdentityId) -> None:
        """Delete an identity; its agents stay.

        Raises:
            NotFound: there is none of that id.
            Conflict: somebody writes as this identity. They are erased as a person, with all that is
                stored of them.
        """
        ...

    async def attach(self, agent_id: AgentId, identity_id: IdentityId, by: Actor) -> None:
        """From now on this agent answers the identity's person, from their next message on. Twice
        is fine, and makes it the last again.

        Two identities of chats that are attached to one agent are one person; one of them must not
        have written before.

        Raises:
            NotFound: there is no such agent or identity.
            Conflict: the agent is a group's, has been taken in by another, or answers another person.
        """
        ...

    async def detach(self, agent_id: AgentId, identity_id: IdentityId, by: Actor) -> None:
        """The agent doesn't answer that person any more. Twice is fine. What was said to it stays
        theirs to be erased.

        Raises:
            NotFound: there is no such agent or identity.
        """
        ...
