"""Who asks, and what they may."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Protocol

from fastapi import Depends, Request

from agentcore.errors import FamiliarError, NotFound
from agentcore.records import Actor, AgentId


class Unauthorized(FamiliarError):
    """The request has no token that is good here."""


class Forbidden(FamiliarError):
    """The token isn't for this."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Whoever has shown a token, or needs none. `agent` None: an administrator; else the one agent
    that the token is for.
    """

    name: str
    agent: AgentId | None = None

    @property
    def actor(self) -> Actor:
        return Actor("api", self.name)

    def require_admin(self) -> None:
        """Raises Forbidden."""
        if self.agent is not None:
            raise Forbidden("This token is for one agent only: it takes an administrator's token.")

    def require_agent(self, agent_id: str) -> None:
        """See that the caller may have to do with an agent.

        Raises:
            NotFound: for whoever may not, it isn't there.
        """
        if self.agent is not None and self.agent != agent_id:
            raise NotFound(f"Agent with ID {agent_id} not found")

    def narrowed_to(self, agent_id: str | None) -> AgentId | None:
        """The agent that a list is of: the one that is asked for, else the caller's only one. None:
        all of them.

        Raises:
            NotFound: for this caller, the one that is asked for isn't there.
        """
        if agent_id is None:
            return self.agent
        self.require_agent(agent_id)
        return AgentId(agent_id)


class Admittance(Protocol):
    """Decides who is let in."""

    async def admit(self, token: str | None, *, relayed: bool = False) -> Caller:
        """The caller of a request that shows this token, or none. `relayed`: a proxy has brought
        it, and whoever is behind that may be anywhere.

        Raises:
            Unauthorized: it isn't good here, or there is none and it takes one.
            TooMany: the token is used too often.
        """
        ...


async def _caller(request: Request) -> Caller:
    caller: Caller = request.state.caller
    return caller


async def _admin(request: Request) -> Caller:
    caller: Caller = request.state.caller
    caller.require_admin()
    return caller


CallerHere = Annotated[Caller, Depends(_caller)]
"""Whoever asks; the route sees to what they may."""
AdminHere = Annotated[Caller, Depends(_admin)]
"""Whoever asks, who is an administrator."""
