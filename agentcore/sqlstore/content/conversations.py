"""Conversations that a client of the API begins with an agent, beside the agent's own for the API."""

from __future__ import annotations

import uuid

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from agentcore.clock import Micros
from agentcore.errors import NotFound
from agentcore.records import API_PLATFORM, Address, AgentId, ThreadId
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.content.heads import no_agent
from agentcore.sqlstore.people.threads import add_thread
from agentcore.sqlstore.queues.holding import hold, raise_version


def default_address(agent_id: AgentId) -> Address:
    """Where an agent's own thread for the API is."""
    return Address(f"{API_PLATFORM}:{agent_id}:default")


def is_part_of_another(agent_id: AgentId) -> NotFound:
    """It was absorbed: whoever asks for it has to ask the one that it is part of."""
    msg = (
        f"The agent {agent_id} is part of another one since its person's accounts were "
        "linked: ask that one."
    )
    return NotFound(msg)


def open_conversation(connection: Connection, agent_id: AgentId, now: Micros) -> ThreadId:
    """See `Requests.open_conversation`."""
    hold(connection, agent_id)
    lease, agent, thread = t.agent_lease, t.agent, t.thread
    found = connection.execute(
        sa.select(lease.c.absorbed)
        .join_from(agent, lease, agent.c.agent_id == lease.c.agent_id)
        .where(agent.c.agent_id == agent_id, agent.c.deleted_at.is_(None))
    ).one_or_none()
    if found is None:
        raise no_agent(agent_id)
    if found.absorbed:
        raise is_part_of_another(agent_id)
    address = Address(f"{API_PLATFORM}:{agent_id}:{uuid.uuid4()}")
    number = add_thread(connection, agent_id, address, "private", now)
    raise_version(connection, agent_id)
    mine = sa.and_(thread.c.agent_id == agent_id, thread.c.number == number)
    return ThreadId(connection.execute(sa.select(thread.c.thread_id).where(mine)).scalar_one())
