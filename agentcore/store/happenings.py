"""Following an agent from outside, and who is told of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from agentcore.clock import Micros
from agentcore.records import Actor, AgentId, TurnId
from agentcore.records.happenings import (
    DueCallback,
    DueWebhook,
    HappeningKind,
    HappeningPlace,
    Happenings,
    Undelivered,
    Webhook,
)


class Following(Protocol):
    """What was committed for one agent, in its order, each kind without gaps. Read from the rows
    themselves: what was forgotten or erased meanwhile isn't among it, nor is what is said incognito.
    """

    async def place(self) -> HappeningPlace:
        """After all that has happened so far."""
        ...

    async def after(self, place: HappeningPlace, *, limit: int = 100) -> Happenings:
        """What happened next."""
        ...


class Webhooks(Protocol):
    """Addresses that are told what happens to agents, and turns whose clients are called back."""

    async def create(
        self, agent_id: AgentId, url: str, kinds: Sequence[HappeningKind], by: Actor
    ) -> tuple[Webhook, str]:
        """Tell an address from now on. Returns the secret too, which nobody is shown again.

        Raises:
            NotFound: there is no such agent.
            TooMany: it has as many as it may.
        """
        ...

    async def list(self, agent_id: AgentId) -> Sequence[Webhook]:
        """In the order in which they were made."""
        ...

    async def remove(self, agent_id: AgentId, webhook_id: str) -> None:
        """Raises NotFound."""
        ...

    async def enable(self, agent_id: AgentId, webhook_id: str) -> Webhook:
        """Tell it again, beginning where it was left off.

        Raises:
            NotFound: the agent has none of that id.
        """
        ...

    async def any(self) -> bool:
        """Whether there is anybody at all to be told something, now or later."""
        ...

    async def due(self, *, limit: int, hold: Micros) -> Sequence[DueWebhook]:
        """Take webhooks whose agents have news; nobody else gets them for so long."""
        ...

    async def told(
        self,
        webhook_id: str,
        place: HappeningPlace,
        *,
        hold: Micros | None,
        delivered: bool = True,
    ) -> bool:
        """It knows so much now, by what was `delivered` or because the rest is none of its business.
        `hold`: there is more, and it is kept for so long; None: let go.

        Returns:
            False when it is gone.
        """
        ...

    async def failed(self, webhook_id: str, how: Undelivered) -> None:
        """It was not reached; let go until the next try."""
        ...

    async def due_callbacks(self, *, limit: int, hold: Micros) -> Sequence[DueCallback]:
        """Take turns whose clients are to be called back; nobody else gets them for so long."""
        ...

    async def called_back(self, turn_id: TurnId, how: Undelivered | None = None) -> None:
        """The client of a turn was reached, or (`how`) it wasn't."""
        ...
