"""Deleting an agent, by the rules by which a person is erased; the people whom it answered stay."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from agentcore.clock import Micros
from agentcore.errors import Conflict
from agentcore.records import API_PLATFORM, Actor, AgentId
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.content.heads import read_agent
from agentcore.sqlstore.erasing.erasure import OF_AN_AGENT, Belongings, cut_off
from agentcore.sqlstore.people.absorbed import lives


@dataclass(frozen=True, slots=True)
class Begun:
    """Agents that nothing leads to any more, and whose rows are to be cleared."""

    erasure_id: str
    agents: Sequence[AgentId]


def cut_off_agent(connection: Connection, agent_id: AgentId, by: Actor, now: Micros) -> Begun:
    """See `Agents.delete`: its first transaction."""
    taker = read_agent(connection, agent_id).absorbed_by
    if taker is not None:
        msg = f"{agent_id} is part of {taker} since its person linked two chats: delete that one."
        raise Conflict(msg)
    agents = list(lives(connection, agent_id))
    _unlink(connection, agents)
    thread = t.thread
    own = sa.select(thread.c.address).where(
        thread.c.agent_id.in_(agents), thread.c.address.like(f"{API_PLATFORM}:%")
    )
    addresses = list(connection.execute(own).scalars())
    gone = Belongings(
        users=[], identities=[], agents=agents, addresses=addresses, homes=[], platforms=[]
    )
    return Begun(cut_off(connection, gone, by, now=now, kind=OF_AN_AGENT), agents)


def _unlink(connection: Connection, agents: Sequence[AgentId]) -> None:
    """Two users who are one person stay that: what the link brought into a memory is gone with it."""
    link = t.link
    brought = sa.or_(link.c.agent_id.in_(agents), link.c.absorbed_agent.in_(agents))
    connection.execute(
        sa.update(link)
        .where(brought)
        .values(
            agent_id=sa.case((link.c.agent_id.in_(agents), None), else_=link.c.agent_id),
            absorbed_agent=sa.case(
                (link.c.absorbed_agent.in_(agents), None), else_=link.c.absorbed_agent
            ),
            edits=[],
            passages=[],
        )
    )
