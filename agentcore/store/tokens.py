"""Tokens of the API: who may use it, beside the operator. A token's text is shown once, when it is
made; what is kept of it is a digest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from agentcore.clock import Micros
from agentcore.records import AgentId

PREFIX = "fam_"
"""What every token's text begins with, so that one that leaked is found by its looks."""

LONGEST_NAME = 100


@dataclass(frozen=True, slots=True)
class ApiToken:
    """A token, without its text. `agent_id` None: it is an administrator's; else it is good for
    that agent alone. Times in microseconds; `last_used_at` is right to about a minute.
    """

    token_id: str
    name: str
    agent_id: AgentId | None
    created_at: Micros
    last_used_at: Micros | None = None
    revoked_at: Micros | None = None


@dataclass(frozen=True, slots=True)
class NewToken:
    """A token that was just made, with the text that nobody can be shown again."""

    token: ApiToken
    text: str


class Tokens(Protocol):
    async def create(self, name: str, agent_id: AgentId | None = None) -> NewToken:
        """Make a token: for an administrator, or for one agent.

        Raises:
            BadInput: the name is empty, too long or not one line.
            NotFound: there is no such agent.
        """
        ...

    async def list(self, *, limit: int = 100) -> Sequence[ApiToken]:
        """Newest first, those that were revoked among them."""
        ...

    async def revoke(self, token_id: str) -> ApiToken:
        """End a token for good. Here it is refused at once, by other processes within seconds.

        Raises:
            NotFound: there is none of that id.
        """
        ...

    async def find(self, text: str) -> ApiToken | None:
        """The token with this text, if it is good: neither revoked, nor of an agent that is gone."""
        ...
