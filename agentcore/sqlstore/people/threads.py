"""Threads: each chat, topic or other place in which an agent talks."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from agentcore.clock import Micros
from agentcore.records import Address, AgentId, Audience, new_thread_id
from agentcore.sqlstore import tables as t


def add_thread(
    connection: Connection, agent_id: AgentId, address: Address, audience: Audience, at: Micros
) -> int:
    """The agent's next thread. Returns its number."""
    number = (
        sa.select(sa.func.coalesce(sa.func.max(t.thread.c.number), 0) + 1)
        .where(t.thread.c.agent_id == agent_id)
        .scalar_subquery()
    )
    added = connection.execute(
        sa.insert(t.thread)
        .values(
            agent_id=agent_id,
            number=number,
            thread_id=new_thread_id(),
            address=address,
            audience=audience,
            created_at=at,
        )
        .returning(t.thread.c.number)
    )
    return int(added.scalar_one())


def open_thread(
    connection: Connection, agent_id: AgentId, address: Address, audience: Audience, now: Micros
) -> int:
    """The agent's thread at an address, made if there is none."""
    thread = t.thread
    found = connection.execute(
        sa.select(sa.func.max(thread.c.number)).where(
            thread.c.agent_id == agent_id,
            thread.c.address == address,
            thread.c.closed_at.is_(None),
        )
    ).scalar()
    if found is not None:
        return int(found)
    return add_thread(connection, agent_id, address, audience, now)
