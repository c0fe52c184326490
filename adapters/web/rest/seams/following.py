"""How routes wait for what happens to agents; the service carries it out."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Protocol

from agentcore.records import AgentId


class News(Protocol):
    """Of one agent."""

    async def wait(self) -> None:
        """Until something may have happened since the last time."""
        ...


class Newsroom(Protocol):
    def follow(self, agent_id: AgentId) -> AbstractContextManager[News]:
        """News of an agent, from the beginning of the block on."""
        ...

    def callback_secret(self, agent_id: AgentId) -> str:
        """What the callbacks of an agent's runs are signed with."""
        ...

    def webhooks_changed(self) -> None:
        """There is a webhook, or one is told again, that wasn't before."""
        ...


class Outside(Protocol):
    async def require_allowed(self, url: str) -> None:
        """See that a URL is one that this service may send something to.

        Raises:
            BadInput: it isn't; the message says why.
        """
        ...
