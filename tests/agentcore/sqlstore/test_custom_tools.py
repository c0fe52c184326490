"""Tools whose source came over the API: kept once, and known to the agents that name them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agentcore.errors import Conflict, NotFound, TooMany
from agentcore.records import Accepted
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.content import custom_tools
from agentcore.store.custom_tools import CustomTool, ToolDraft
from tests.contracts.store_world import World, a_seed

ROLL = ToolDraft(
    name="roll_dice",
    description="Roll a die.",
    parameters={"type": "object", "properties": {"sides": {"type": "integer"}}},
    source="def roll_dice(sides: int) -> int: ...",
    tags=("games",),
    return_limit=100,
    needs_approval=True,
    enabled=False,
    extras={"metadata_": {"b": 1, "a": 2}},
)


async def agent_with(world: World, *tools: str, who: str = "ada") -> str:
    accepted = await world.send(
        world.submission(who=who), seed=lambda: replace(a_seed(), tools=tools)
    )
    assert isinstance(accepted, Accepted)
    return accepted.agent_id


async def versions(world: World) -> dict[str, int]:
    return {row["agent_id"]: row["version"] for row in await world.table(t.agent_lease)}


async def names_of(world: World, agent_id: str) -> list[str]:
    rows = await world.table(t.agent)
    return next(row["tools"] for row in rows if row["agent_id"] == agent_id)


async def test_a_tool_is_kept_as_it_came(world: World) -> None:
    tools = world.store.custom_tools
    added = await tools.add(ROLL)
    assert added.draft == ROLL
    assert await tools.get(added.tool_id) == added
    assert list(await tools.named(["other", "roll_dice"])) == [added]
    world.later(1)
    other = await tools.add(replace(ROLL, name="other", enabled=True))
    assert list(await tools.all()) == [added, other]
    assert list(await tools.named(["roll_dice", "other"])) == [added, other]


async def test_of_a_name_there_is_one_tool(world: World) -> None:
    tools = world.store.custom_tools
    first = await tools.add(ROLL)
    with pytest.raises(Conflict, match="roll_dice"):
        await tools.add(replace(ROLL, source="other"))
    world.later(1)
    other = await tools.add(replace(ROLL, name="other"))
    with pytest.raises(Conflict, match="roll_dice"):
        await tools.change(other.tool_id, ROLL)
    assert list(await tools.all()) == [first, other]


async def test_what_is_not_there_is_not_found(world: World) -> None:
    tools = world.store.custom_tools
    for tool_id in ("tool-00000000-0000-4000-8000-000000000000", "tool-1", ""):
        with pytest.raises(NotFound):
            await tools.get(tool_id)
        with pytest.raises(NotFound):
            await tools.change(tool_id, ROLL)
        with pytest.raises(NotFound):
            await tools.delete(tool_id)


async def test_there_is_an_end_to_them(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(custom_tools, "MOST", 1)
    await world.store.custom_tools.add(ROLL)
    with pytest.raises(TooMany, match="1 tools"):
        await world.store.custom_tools.add(replace(ROLL, name="other"))


async def test_a_change_reaches_the_agents_that_name_the_tool_and_no_others(world: World) -> None:
    tools = world.store.custom_tools
    has = await agent_with(world, "memory_insert", "roll_dice")
    hasnt = await agent_with(world, who="bob")
    alike = await agent_with(world, "rollxdice", who="cy")
    before = await versions(world)
    added = await tools.add(ROLL)
    changed = await tools.change(added.tool_id, replace(ROLL, description="Roll one."))
    assert (changed.version, changed.draft.description) == (2, "Roll one.")
    after = await versions(world)
    assert after[has] == before[has] + 2
    assert (after[hasnt], after[alike]) == (before[hasnt], before[alike])


async def test_agents_go_along_when_a_tool_is_renamed_or_deleted(world: World) -> None:
    tools = world.store.custom_tools
    has = await agent_with(world, "memory_insert", "roll_dice", "other")
    added: CustomTool = await tools.add(ROLL)
    before = await versions(world)
    await tools.change(added.tool_id, replace(ROLL, name="throw"))
    assert await names_of(world, has) == ["memory_insert", "throw", "other"]
    await tools.delete(added.tool_id)
    assert await names_of(world, has) == ["memory_insert", "other"]
    assert (await versions(world))[has] == before[has] + 2
    assert list(await tools.all()) == []
