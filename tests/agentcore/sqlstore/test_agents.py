"""Agents as clients of the API make, find, change and delete them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from agentcore.errors import Conflict, Fenced, NotFound
from agentcore.records import (
    Actor,
    AgentDraft,
    AgentId,
    AgentPatch,
    AgentQuery,
    AgentView,
    Role,
    StopReason,
    new_agent_id,
    new_block_id,
    new_identity_id,
)
from agentcore.records.identities import NewIdentity
from agentcore.records.people import IdentityKey
from agentcore.sqlstore import tables as t
from tests.contracts.store_statements import executed
from tests.contracts.store_world import World, a_block, a_seed

CLIENT = Actor("api", "client")


def a_draft(name: str = "Made", **changes: Any) -> AgentDraft:
    seed = replace(a_seed(), owner_kind="api", template="", name=name)
    return replace(AgentDraft(seed), **changes)


async def made(world: World, name: str = "Made", **changes: Any) -> AgentId:
    return (await world.store.agents.create(a_draft(name, **changes))).agent.agent_id


async def found(world: World, **query: Any) -> Sequence[str]:
    views = await world.store.agents.list(AgentQuery(**query), CLIENT)
    return [view.agent.name for view in views]


async def viewed(world: World, agent_id: AgentId) -> AgentView:
    return await world.store.agents.view(agent_id, CLIENT, messages=True)


async def looks_at(world: World) -> Sequence[str]:
    return [row["action"] for row in await world.table(t.audit)]


async def test_what_making_an_agent_answers_is_what_is_read_of_it_later(world: World) -> None:
    draft = a_draft(
        tags=("b", "a", "b"),
        description="Made for a test.",
        time_zone="Asia/Tokyo",
        metadata={"team": 7},
        extras={"embedding": "openai/text-embedding-3-small"},
    )
    made = await world.store.agents.create(draft)
    assert made == await viewed(world, made.agent.agent_id)
    assert made.tags == ("a", "b")


async def test_an_agent_begins_with_messages_that_are_in_view_and_found(world: World) -> None:
    said = (
        world.message(Role.USER, "My cat is called Pavlova."),
        world.message(Role.ASSISTANT, "A fine name."),
    )
    made = await world.store.agents.create(a_draft(messages=said))
    assert made.messages == tuple(each.message_id for each in said)
    door = world.door(made.agent.agent_id)
    assert [each.text for each in await door.history(limit=5)] == [
        "A fine name.",
        "My cat is called Pavlova.",
    ]


async def test_agents_are_found_by_name_text_and_tags(world: World) -> None:
    await made(world, "Ada", tags=("blue", "old"))
    await made(world, "Bert", tags=("blue",))
    await made(world, "ada 2")
    assert await found(world, name="Ada") == ["Ada"]
    assert set(await found(world, text="ADA")) == {"Ada", "ada 2"}
    assert await found(world, text="%") == []
    assert set(await found(world, tags=("blue", "old"))) == {"Ada", "Bert"}
    assert await found(world, tags=("blue", "old"), all_tags=True) == ["Ada"]
    assert await world.store.agents.tags() == ["blue", "old"]
    assert await world.store.agents.count() == 3


async def test_a_hidden_agent_is_listed_only_for_who_asks_for_hidden_ones(world: World) -> None:
    agent_id = await made(world, "Shy", hidden=True)
    assert await found(world) == []
    assert await found(world, with_hidden=True) == ["Shy"]
    assert (await viewed(world, agent_id)).agent.name == "Shy"


@pytest.mark.parametrize("ascending", [True, False])
@pytest.mark.parametrize("by", ["created_at", "updated_at", "last_run_completion"])
async def test_pages_meet_without_a_gap_in_both_directions(
    world: World, ascending: bool, by: Any
) -> None:
    ids = []
    for number in range(5):
        ids.append(await made(world, str(number)))
        world.later(number % 2)  # some at the same moment
    order = {"ascending": ascending, "by": by}
    whole = await found(world, **order)
    assert sorted(whole) == ["0", "1", "2", "3", "4"]
    named = dict(zip("01234", ids, strict=True))
    first = await found(world, limit=2, **order)
    second = await found(world, limit=2, after=named[first[-1]], **order)
    third = await found(world, limit=2, after=named[second[-1]], **order)
    assert [*first, *second, *third] == whole
    assert await found(world, limit=2, before=named[third[0]], **order) == second


async def test_a_page_after_an_agent_that_is_not_there_any_more_begins_anew(world: World) -> None:
    for name in "abc":
        await made(world, name)
        world.later(1)
    assert await found(world, after=new_agent_id(), ascending=True, limit=2) == ["a", "b"]


async def test_the_agents_of_a_person_are_found_by_their_identity(world: World) -> None:
    agent_id = await made(world, "Hers")
    await made(world, "Nobody's")
    key = IdentityKey("api", "", "customer-7")
    new = NewIdentity(key, "Ada", agents=(agent_id,))
    identity = await world.store.identities.create(new, CLIENT)
    assert await found(world, identity=identity.identity_id) == ["Hers"]
    assert await found(world, keys=(key,)) == ["Hers"]
    assert await found(world, identity=new_identity_id()) == []
    assert (await viewed(world, agent_id)).identities == (identity.identity_id,)


async def test_a_change_replaces_what_it_names_and_nothing_else(world: World) -> None:
    agent_id = await made(world, tags=("a",), extras={"kept": 1, "gone": 2})
    before = await viewed(world, agent_id)
    world.later(5)
    patch = AgentPatch(
        name="Renamed", tags=("b",), model=None, extras={"gone": None, "new": 3}, tools=()
    )
    after = await world.store.agents.update(agent_id, patch, CLIENT)
    assert (after.agent.name, after.tags, after.agent.tools) == ("Renamed", ("b",), ())
    assert after.agent.extras == {"kept": 1, "new": 3}
    assert (after.agent.system, after.blocks) == (before.agent.system, before.blocks)
    assert (after.agent.created_at, after.agent.updated_at) == (before.agent.created_at, world.now)


async def test_only_what_a_prompt_begins_with_makes_it_begin_anew(world: World) -> None:
    agent_id = await made(world)
    (block, other) = (await viewed(world, agent_id)).blocks
    agents = world.store.agents

    async def edition(patch: AgentPatch) -> int:
        return (await agents.update(agent_id, patch, CLIENT)).agent.edition

    assert await edition(AgentPatch(name="Other", model="a/b", tools=())) == 0
    assert await edition(AgentPatch(system=a_seed().system)) == 0
    assert await edition(AgentPatch(system="Be brief.")) == 1
    assert await edition(AgentPatch(block_ids=(other.block_id, block.block_id))) == 1
    assert await edition(AgentPatch(block_ids=(other.block_id,))) == 2


async def test_every_change_lets_the_next_turn_read_the_agent_anew(world: World) -> None:
    agent_id = await made(world)

    async def version() -> int:
        (row,) = await world.table(t.agent_lease)
        return int(row["version"])

    before = await version()
    await world.store.agents.update(agent_id, AgentPatch(name="Other"), CLIENT)
    assert await version() == before + 1


async def test_an_agent_of_blocks_that_are_not_there_is_not_made(world: World) -> None:
    with pytest.raises(NotFound):
        await made(world, block_ids=(new_block_id(),))
    with pytest.raises(NotFound):
        await made(world, identities=(new_identity_id(),))
    assert await found(world) == []


async def test_two_blocks_with_one_label_are_refused(world: World) -> None:
    shelved = await world.store.shelf.add(a_block("human"))
    with pytest.raises(Conflict):
        await made(world, block_ids=(shelved.block_id,))


async def test_whoever_looks_at_a_person_s_agent_over_the_api_is_seen(world: World) -> None:
    agent_id = (await world.say()).agent_id
    await viewed(world, agent_id)
    await found(world)
    await world.store.for_agent(agent_id, CLIENT).blocks()
    await world.store.agents.update(agent_id, AgentPatch(description="!"), CLIENT)
    assert sorted(await looks_at(world)) == [
        "change agent",
        "list agents",
        "read blocks",
        "read blocks",
    ]


async def test_nothing_is_written_when_the_api_reads_an_agent_of_its_own(world: World) -> None:
    agent_id = await made(world)
    await viewed(world, agent_id)
    await found(world)
    await world.store.for_agent(agent_id, CLIENT).blocks()
    assert await looks_at(world) == []
    await world.store.for_agent(agent_id, Actor("operator", "me")).blocks()
    assert await looks_at(world) == ["read blocks"]


async def test_a_deleted_agent_leaves_no_row_behind(world: World) -> None:
    before = {table.name: await world.table(table) for table in t.metadata.sorted_tables}
    said = (world.message(Role.USER, "Hello"),)
    agent_id = await made(world, tags=("a",), messages=said)
    await world.store.agents.delete(agent_id, CLIENT)
    assert await found(world, with_hidden=True) == []
    with pytest.raises(NotFound):
        await viewed(world, agent_id)
    with pytest.raises(NotFound):
        await world.store.agents.delete(agent_id, CLIENT)
    world.later(1)
    assert await world.store.erasures.finish_agents(before=world.now) == 1
    assert await world.store.erasures.finish_agents(before=world.now) == 0
    after = {table.name: await world.table(table) for table in t.metadata.sorted_tables}
    (told,) = after.pop("audit")
    assert (told["action"], told["agent_id"], told["actor"]) == ("delete agent", None, "client")
    assert after == {name: rows for name, rows in before.items() if name != "audit"}


async def test_the_person_of_a_deleted_agent_gets_a_new_one_and_nobody_else_is_touched(
    world: World,
) -> None:
    agent_id = await world.talk("I like tea.")
    other = await world.talk("I like coffee.", who="bob")
    await world.store.agents.delete(agent_id, CLIENT)
    new = (await world.say("Hello again")).agent_id
    assert new not in {agent_id, other}
    assert [each.text for each in await world.door(new).history(limit=5)] == []
    assert (await world.say("Me too", who="bob")).agent_id == other
    assert len(await world.door(other).history(limit=5)) == 2


async def test_a_turn_of_a_deleted_agent_commits_nothing_more(world: World) -> None:
    agent_id = (await world.say()).agent_id
    claim = await world.claim_one()
    await world.store.agents.delete(agent_id, CLIENT)
    with pytest.raises(Fenced):
        await world.answer(claim)
    assert await world.sent() == []


async def test_erasing_people_does_not_wait_for_deleted_agents(world: World) -> None:
    await world.store.agents.delete(await made(world), CLIENT)
    world.later(1)
    assert await world.store.erasures.unfinished(before=world.now) == []


async def test_making_an_agent_takes_few_statements(world: World) -> None:
    await made(world)
    with executed(world.database) as seen:
        await made(world, tags=("a", "b"))
    # The agent, its lease, its blocks, their revisions, what holds them, and its tags.
    assert len(seen.statements) == 6
    with executed(world.database) as seen:
        await world.store.agents.list(AgentQuery(), CLIENT)
    assert len(seen.statements) == 6


async def test_the_last_run_of_an_agent_is_in_its_view_and_finds_it(world: World) -> None:
    agent_id = await made(world, "Idle", extras={"project_id": 'p "1"'})
    assert (await viewed(world, agent_id)).last is None
    talked = await world.talk("Hello")
    last = (await viewed(world, talked)).last
    assert last is not None
    assert (last.reason, last.finished_at) == (StopReason.END_TURN, world.now)
    assert await found(world, ended=StopReason.END_TURN) == ["Familiar"]
    assert await found(world, ended=StopReason.CANCELLED) == []
    assert await found(world, by="last_run_completion") == ["Familiar", "Idle"]
    assert await found(world, extras={"project_id": 'p "1"'}) == ["Idle"]
