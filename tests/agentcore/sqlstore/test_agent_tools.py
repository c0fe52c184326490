"""The tools that an agent has, and what was agreed for their calls."""

from __future__ import annotations

import pytest

from agentcore.errors import NotFound
from agentcore.records import AgentId, new_agent_id
from agentcore.sqlstore import tables as t
from agentcore.store.custom_tools import WAIVED
from tests.contracts.store_world import World


async def agent(world: World) -> AgentId:
    return (await world.say()).agent_id


async def version(world: World) -> int:
    (row,) = await world.table(t.agent_lease)
    return int(row["version"])


async def test_tools_are_attached_once_and_behind_the_others(world: World) -> None:
    agent_id = await agent(world)
    door = world.store.for_agent(agent_id, world.owner)
    before = await version(world)
    await door.tools.attach("roll_dice")
    await door.tools.attach("roll_dice")
    assert (await door.agent()).tools == ("memory_insert", "roll_dice")
    assert await version(world) > before
    await door.tools.detach("memory_insert")
    await door.tools.detach("memory_insert")
    assert (await door.agent()).tools == ("roll_dice",)


async def test_an_agent_s_own_word_on_a_tool_counts(world: World) -> None:
    agent_id = await agent(world)
    door = world.store.for_agent(agent_id, world.owner)
    before = await version(world)
    await door.tools.set_approval("memory_insert", required=True)
    await door.tools.set_approval("memory_insert", required=True)
    found = await door.agent()
    assert found.asks_first == {"memory_insert"}
    rule = {"tool_name": "memory_insert", "type": "requires_approval"}
    assert (found.extras["tool_rules"], found.extras[WAIVED]) == ([rule], [])
    assert await version(world) > before
    await door.tools.set_approval("memory_insert", required=False)
    await door.tools.set_approval("memory_insert", required=False)
    found = await door.agent()
    assert found.asks_first == set()
    assert (found.extras["tool_rules"], found.extras[WAIVED]) == ([], ["memory_insert"])
    with pytest.raises(NotFound, match="no tool roll_dice"):
        await door.tools.set_approval("roll_dice", required=True)


async def test_an_agent_that_is_not_there_is_not_found(world: World) -> None:
    tools = world.store.for_agent(new_agent_id(), world.owner).tools
    with pytest.raises(NotFound):
        await tools.attach("roll_dice")
    with pytest.raises(NotFound):
        await tools.detach("roll_dice")
    with pytest.raises(NotFound):
        await tools.set_approval("roll_dice", required=True)
