"""Blocks as clients of the API make, find, change and share them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from agentcore.errors import BlockConflict, Conflict, NotFound, TooLong
from agentcore.records import (
    SHARED_OWNER,
    Actor,
    AgentId,
    AgentPatch,
    Block,
    BlockPatch,
    BlockQuery,
    EditActor,
    Origin,
    StepCommit,
    StopReason,
    TurnEnd,
    new_agent_id,
    new_block_id,
)
from agentcore.sqlstore import tables as t
from tests.agentcore.sqlstore.test_agents import CLIENT, looks_at, made
from tests.contracts.store_blocks import an_edit
from tests.contracts.store_world import World, a_block, block_of


async def held(world: World, agent_id: AgentId, label: str = "human") -> Block:
    return block_of(await world.door(agent_id).blocks(), label)


async def labels(world: World, agent_id: AgentId) -> Sequence[str]:
    return [block.label for block in await world.door(agent_id).blocks()]


async def listed(world: World, **query: Any) -> Sequence[str]:
    found = await world.store.shelf.blocks(BlockQuery(**query), CLIENT)
    return [block.label for block in found]


async def edition(world: World, agent_id: AgentId) -> int:
    return (await world.door(agent_id).agent()).edition


async def test_a_block_is_made_without_an_agent_and_attached_to_several(world: World) -> None:
    block = await world.store.shelf.add(a_block("team", "Ship it.", tags=("x",)))
    assert block.owner == SHARED_OWNER
    one, two = await made(world), await made(world)
    for agent_id in (one, two, two):
        await world.store.shelf.attach(agent_id, block.block_id)
    assert await labels(world, one) == await labels(world, two) == ["persona", "human", "team"]
    assert await world.store.shelf.block(block.block_id, CLIENT) == block
    changed = await world.store.shelf.change(block.block_id, BlockPatch("Test it."), CLIENT)
    assert await held(world, one, "team") == await held(world, two, "team") == changed


async def test_an_agent_s_own_block_belongs_to_both_once_another_holds_it(world: World) -> None:
    one, two = await made(world), await made(world)
    own = await held(world, one)
    await world.store.shelf.change(own.block_id, BlockPatch(value="Likes rain."), CLIENT)
    before = await world.door(one).revisions()
    await world.store.shelf.detach(two, (await held(world, two)).block_id)
    await world.store.shelf.attach(two, own.block_id)
    shared = await held(world, one)
    assert (shared.owner, shared.value) == (SHARED_OWNER, "Likes rain.")
    assert await held(world, two) == shared
    assert await world.door(one).revisions() == before
    await world.store.agents.delete(one, CLIENT)
    assert await held(world, two) == shared


async def test_an_edit_in_a_turn_is_computed_again_when_its_block_was_shared_meanwhile(
    world: World,
) -> None:
    one = (await world.say()).agent_id
    claim = await world.claim_one()
    stale = an_edit(await held(world, one), "Likes rain.")
    two = await made(world)
    await world.store.shelf.detach(two, (await held(world, two)).block_id)
    await world.store.shelf.attach(two, stale.block.block_id)
    end = TurnEnd(StopReason.END_TURN)
    with pytest.raises(BlockConflict):
        await world.commit(claim, StepCommit(edits=(stale,), end=end))
    fresh = an_edit(await held(world, one), "Likes rain.")
    await world.commit(claim, StepCommit(edits=(fresh,), end=end))
    assert (await held(world, two)).value == "Likes rain."


async def test_every_change_is_a_version_with_a_revision_by_the_api(world: World) -> None:
    agent_id = await made(world)
    block = await held(world, agent_id)
    shelf = world.store.shelf
    for patch in (
        BlockPatch(value="New."),
        BlockPatch(limit=50),
        BlockPatch(description="Notes."),
        BlockPatch(read_only=True),
        BlockPatch(label="notes"),
        BlockPatch(metadata={"a": 1}, tags=("t",)),
        BlockPatch(value="New."),
    ):
        block = await shelf.change(block.block_id, patch, CLIENT)
    assert block == await held(world, agent_id, "notes")
    assert (block.version, block.value, block.limit, block.tags) == (6, "New.", 50, ("t",))
    revisions = await world.door(agent_id).revisions(label="notes")
    assert [each.version for each in revisions] == [6, 5, 4, 3, 2, 1]
    assert {(each.actor, each.origin) for each in revisions} == {
        (EditActor.API, Origin.OPERATOR),
    }
    assert (revisions[4].before, revisions[4].after) == ("Likes tea.", "New.")


async def test_only_a_new_value_leaves_the_prompt_s_head_as_it_is(world: World) -> None:
    agent_id = await made(world)
    block = await held(world, agent_id)
    await world.store.shelf.change(block.block_id, BlockPatch(value="New."), CLIENT)
    assert await edition(world, agent_id) == 0
    await world.store.shelf.change(block.block_id, BlockPatch(description="About."), CLIENT)
    assert await edition(world, agent_id) == 1
    await world.store.shelf.detach(agent_id, block.block_id)
    await world.store.shelf.detach(agent_id, block.block_id)
    assert await edition(world, agent_id) == 2


@pytest.mark.parametrize("patch", [BlockPatch(value="x" * 11), BlockPatch(limit=9)])
async def test_a_value_over_the_limit_is_refused_and_nothing_changes(
    world: World, patch: BlockPatch
) -> None:
    block = await world.store.shelf.add(a_block("note", "1234567890"))
    block = await world.store.shelf.change(block.block_id, BlockPatch(limit=10), CLIENT)
    with pytest.raises(TooLong):
        await world.store.shelf.change(block.block_id, patch, CLIENT)
    assert await world.store.shelf.block(block.block_id, CLIENT) == block


async def test_a_label_that_a_holder_has_already_is_refused(world: World) -> None:
    agent_id = await made(world)
    with pytest.raises(Conflict):
        await world.store.shelf.change_of(agent_id, "human", BlockPatch(label="persona"), CLIENT)
    assert await labels(world, agent_id) == ["persona", "human"]
    with pytest.raises(NotFound, match="No block with label 'nope' found for agent"):
        await world.store.shelf.change_of(agent_id, "nope", BlockPatch(value=""), CLIENT)


async def test_a_deleted_block_is_taken_from_all_that_held_it(world: World) -> None:
    one, two = await made(world), await made(world)
    block = await world.store.shelf.add(a_block("team"))
    for agent_id in (one, two):
        await world.store.shelf.attach(agent_id, block.block_id)
    before = await edition(world, one)
    await world.store.shelf.delete(block.block_id)
    assert await labels(world, one) == await labels(world, two) == ["persona", "human"]
    assert await edition(world, one) == before + 1
    for gone in (
        world.store.shelf.delete(block.block_id),
        world.store.shelf.attach(one, block.block_id),
    ):
        with pytest.raises(NotFound):
            await gone
    assert not [row for row in await world.table(t.block_revision) if row["label"] == "team"]


async def test_nothing_is_attached_to_an_agent_that_is_not_there(world: World) -> None:
    block = await world.store.shelf.add(a_block("team"))
    with pytest.raises(NotFound):
        await world.store.shelf.attach(new_agent_id(), block.block_id)
    with pytest.raises(NotFound):
        await world.store.shelf.change(new_block_id(), BlockPatch(value=""), CLIENT)


async def test_blocks_are_found_by_what_they_hold_and_by_how_many_hold_them(world: World) -> None:
    shelf = world.store.shelf
    tagged = await shelf.add(a_block("alpha", "Tea 100%", tags=("x", 'q"t'), description="Hot"))
    await shelf.add(a_block("beta", "Rain", tags=("x,y",), extras={"is_template": True}))
    named = a_block("gamma", "Wind", extras={"template_name": 'a "b"'})
    await shelf.add(named)
    one, two = await made(world), await made(world)
    for agent_id in (one, two):
        await shelf.attach(agent_id, tagged.block_id)
    alone = {"agents": (0,)}
    assert await listed(world, label="beta") == ["beta"]
    assert await listed(world, in_label="AMM") == ["gamma"]
    assert await listed(world, in_value="100%") == ["alpha"]
    assert await listed(world, in_description="hot") == ["alpha"]
    assert await listed(world, tags=("x",)) == ["alpha"]
    assert await listed(world, tags=('q"t',)) == ["alpha"]
    assert sorted(await listed(world, tags=("x", "x,y"))) == ["alpha", "beta"]
    assert await listed(world, tags=("x", "x,y"), all_tags=True) == []
    assert await listed(world, templates_only=True) == ["beta"]
    assert await listed(world, name='a "b"') == ["gamma"]
    assert sorted(await listed(world, **alone)) == ["beta", "gamma"]
    assert await listed(world, more_than=1) == ["alpha"]
    assert "alpha" not in await listed(world, fewer_than=2)
    assert sorted(await listed(world, held_by=one)) == ["alpha", "human", "persona"]


async def test_whoever_reads_a_person_s_block_over_the_api_is_seen(world: World) -> None:
    agent_id = (await world.say()).agent_id
    own = await held(world, agent_id)
    shelf = world.store.shelf
    await shelf.block(own.block_id, CLIENT)
    await shelf.blocks(BlockQuery(), CLIENT)
    await shelf.change(own.block_id, BlockPatch(value="!"), CLIENT)
    await shelf.change_of(agent_id, "human", BlockPatch(value="?"), CLIENT)
    assert sorted(await looks_at(world)) == [
        "edit block",
        "edit block",
        "list blocks",
        "read block",
    ]
    other = await made(world)
    await shelf.block((await held(world, other)).block_id, Actor("api", "x"))
    assert len(await looks_at(world)) == 4


async def test_nothing_is_shown_of_who_is_being_erased(world: World) -> None:
    said = await world.say()
    own = await held(world, said.agent_id)
    await world.store.agents.update(said.agent_id, AgentPatch(tags=("theirs",)), CLIENT)
    (person,) = await world.store.people()
    begun = await world.store.erasures.begin(person.user_id, CLIENT)
    assert await listed(world) == []
    assert await world.store.agents.tags() == []
    with pytest.raises(NotFound):
        await world.store.shelf.block(own.block_id, CLIENT)
    await world.store.erasures.finish(begun)


@pytest.mark.parametrize("changed", [("human", "persona"), ("persona", "human")])
async def test_edits_of_one_moment_are_listed_in_one_order(
    world: World, changed: Sequence[str]
) -> None:
    agent_id = await made(world)
    for label in changed:
        block = await held(world, agent_id, label)
        await world.store.shelf.change(block.block_id, BlockPatch(value="Anew."), CLIENT)
    found = [(each.version, each.label) for each in await world.door(agent_id).revisions()]
    assert found == [(2, "human"), (2, "persona"), (1, "human"), (1, "persona")]
