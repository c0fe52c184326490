"""Who looked at whose agent: a trace is left before anything is shown to somebody else than its
owner. Agents that were made over the API are the API's own: nobody is told who of it looks at them.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from functools import partial

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from agentcore.clock import Clock, Micros
from agentcore.records import Actor, AgentId
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.engine.database import Database


class Looks:
    """One per store."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def note(self, actor: Actor, action: str, *agents: AgentId) -> None:
        """The actor is about to see something of these agents."""
        if not actor.audited or not agents:
            return
        if actor.kind == "api":
            seen = await self._database.read(partial(_of_people, agents=agents))
        else:
            seen = agents
        if seen:
            work = partial(_write, actor=actor, action=action, agents=seen, now=self._clock.now())
            await self._database.write(work)


def _of_people(connection: Connection, agents: Sequence[AgentId]) -> Sequence[AgentId]:
    """Those that aren't the API's own; one that there is not is nobody's."""
    agent = t.agent
    people = sa.select(agent.c.agent_id).where(
        agent.c.agent_id.in_(agents), agent.c.owner_kind != "api"
    )
    return connection.execute(people).scalars().all()


def _write(
    connection: Connection, actor: Actor, action: str, agents: Sequence[AgentId], now: Micros
) -> None:
    connection.execute(
        sa.insert(t.audit),
        [
            {
                "audit_id": secrets.token_hex(16),
                "agent_id": agent_id,
                "actor_kind": actor.kind,
                "actor": actor.name,
                "action": action,
                "detail": {},
                "created_at": now,
            }
            for agent_id in agents
        ],
    )
