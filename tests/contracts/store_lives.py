"""Two people who turn out to be one: an agent that has another's life as well."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import sqlalchemy as sa

from agentcore.clock import DAY
from agentcore.records import Address, AgentId, new_thread_id
from agentcore.sqlstore import tables as t
from tests.contracts.store_world import World, texts

_moments = itertools.count(1)


async def take_in(world: World, agent: AgentId, other: AgentId) -> None:
    """The other's history is the agent's from now on; whoever had it goes on as they were."""
    await world.run(
        sa.insert(t.agent_absorbed).values(
            agent_id=agent,
            absorbed_id=other,
            created_at=next(_moments),
            undo_until=world.now + 30 * DAY,
        )
    )


async def part(world: World, agent: AgentId, other: AgentId) -> None:
    """Two again."""
    absorbed = t.agent_absorbed
    mine = sa.and_(absorbed.c.agent_id == agent, absorbed.c.absorbed_id == other)
    await world.run(sa.delete(absorbed).where(mine))


async def in_group(world: World, agent: AgentId, number: int, address: str) -> None:
    """A thread of the agent's in a group, where it is its person's own."""
    await world.run(
        sa.insert(t.thread).values(
            agent_id=agent,
            number=number,
            thread_id=new_thread_id(),
            address=Address(address),
            audience="chat",
            created_at=world.now,
        )
    )


async def said(world: World, agent: AgentId) -> Sequence[str]:
    """All that the agent has heard and said, newest first."""
    return texts(await world.door(agent).history(limit=1_000))
