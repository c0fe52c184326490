from __future__ import annotations

from functools import partial

import sqlalchemy as sa

from agentcore.records import AgentId, new_agent_id
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.people.absorbed import answering, lives
from tests.contracts.store_world import World


async def take_in(world: World, agent: AgentId, other: AgentId, at: int) -> None:
    await world.run(
        sa.insert(t.agent_absorbed).values(
            agent_id=agent, absorbed_id=other, created_at=at, undo_until=at
        )
    )


async def test_an_agent_s_lives_are_its_own_and_all_that_it_took_in(world: World) -> None:
    first, second, third, fourth, stranger = (new_agent_id() for _ in range(5))
    await take_in(world, second, fourth, 1)
    await take_in(world, first, third, 2)
    await take_in(world, first, second, 3)
    await take_in(world, stranger, new_agent_id(), 4)

    read = world.database.read
    assert list(await read(partial(lives, agent_id=first))) == [first, third, second, fourth]
    assert list(await read(partial(lives, agent_id=third))) == [third]
    assert await read(partial(answering, agent_id=fourth)) == first
    assert await read(partial(answering, agent_id=stranger)) == stranger
