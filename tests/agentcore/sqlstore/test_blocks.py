"""Edits of blocks: none is lost, and the revisions tell each block's whole story."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agentcore.errors import BlockConflict
from agentcore.records import Block, Claim, EditActor, Origin, StepCommit
from agentcore.sqlstore.stores import SqlStore
from tests.agentcore.sqlstore.conftest import Opened
from tests.contracts.store_blocks import an_edit
from tests.contracts.store_world import World, block_of, texts

LABELS = ("persona", "human")
VALUES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40)
ODDLY = st.integers(0, 19).map(lambda n: n == 7)
EDITS = st.tuples(st.sampled_from(LABELS), VALUES, st.sampled_from(EditActor), ODDLY)


async def a_claim(world: World) -> Claim:
    await world.say()
    return await world.claim_one()


@settings(
    max_examples=10,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(commits=st.lists(st.lists(EDITS, min_size=1, max_size=6), min_size=20, max_size=20))
async def test_the_revisions_are_the_chain_of_a_block_s_values(
    world: World, commits: list[list[tuple[str, str, EditActor, bool]]]
) -> None:
    """About a thousand random edits in batches, some from a version that is gone."""
    await world.say(who=f"person{next(world.updates)}")
    claim = await world.claim_one()
    door = world.door(claim.agent_id)
    model = {block.label: [("", block.value)] for block in await door.blocks()}
    for number, batch in enumerate(commits, start=1):
        blocks = {block.label: block for block in await door.blocks()}
        edits = []
        for label, after, actor, stale in batch:
            block = blocks[label]
            if stale:
                block = replace(block, version=block.version - 1)
            edits.append(an_edit(block, after, actor=actor))
            blocks[label] = replace(blocks[label], value=after, version=block.version + 1)
        step = StepCommit(edits=tuple(edits), step=world.step(number))
        if any(stale for *_, stale in batch):
            with pytest.raises(BlockConflict):
                await world.commit(claim, step)
            continue
        await world.commit(claim, step)
        for edit in edits:
            model[edit.block.label].append((edit.block.value, edit.after))
        world.later(1)

    for label, chain in model.items():
        revisions = (await door.revisions(label=label, limit=1_000))[::-1]
        assert [(each.before, each.after) for each in revisions] == chain
        assert [each.version for each in revisions] == list(range(1, len(chain) + 1))
        block = block_of(await door.blocks(), label)
        assert (block.value, block.version) == (chain[-1][1], len(chain))
    await world.answer(claim, step=world.step(len(commits) + 1))


async def test_edits_at_once_of_one_version_are_never_both_kept(
    world: World, opened: Opened
) -> None:
    claim = await a_claim(world)
    block = block_of(await world.door(claim.agent_id).blocks())
    other = opened()
    doors = [
        world.door(claim.agent_id),
        SqlStore(other, world.clock).for_agent(claim.agent_id, world.owner),
    ]
    outcomes = await asyncio.gather(
        *(
            doors[n % 2].commit(claim, StepCommit(edits=(an_edit(block, f"{n}"),)))
            for n in range(6)
        ),
        return_exceptions=True,
    )
    await other.close()
    lost = [each for each in outcomes if isinstance(each, BlockConflict)]
    assert len(lost) == 5
    revisions = await doors[0].revisions(label="human")
    assert [each.version for each in revisions] == [2, 1]


async def test_an_edit_that_takes_another_back_says_so(world: World) -> None:
    claim = await a_claim(world)
    door = world.door(claim.agent_id)
    block = block_of(await door.blocks())
    await world.commit(claim, StepCommit(edits=(an_edit(block, "new"),)))
    world.later(1)
    changed = block_of(await door.blocks())
    undo = an_edit(changed, block.value, actor=EditActor.USER, undoes=2)
    await world.commit(claim, StepCommit(edits=(undo,)))
    newest = (await door.revisions())[0]
    assert (newest.actor, newest.undoes, newest.after) == (EditActor.USER, 2, block.value)
    assert newest.origin is Origin.OWNER


async def test_revisions_come_newest_first_and_as_many_as_asked_for(world: World) -> None:
    claim = await a_claim(world)
    door = world.door(claim.agent_id)
    for n in range(4):
        world.later(1)
        block = block_of(await door.blocks(), LABELS[n % 2])
        await world.commit(claim, StepCommit(edits=(an_edit(block, f"{n}"),)))
    assert [each.after for each in await door.revisions(limit=3)] == ["3", "2", "1"]
    assert [each.after for each in await door.revisions(label="human", limit=2)] == ["3", "1"]
    assert await door.revisions(label="unknown") == ()


async def test_what_a_block_holds_comes_back_to_the_letter(world: World) -> None:
    claim = await a_claim(world)
    door = world.door(claim.agent_id)
    value = "a\r\nb\tc \u2028 👋 </human> {{x}} \x01 1→ '; --"
    block = block_of(await door.blocks())
    await world.commit(claim, StepCommit(edits=(an_edit(block, value),)))
    found: Block = block_of(await door.blocks())
    assert found == replace(block, value=value, version=2)
    assert texts(await door.window(1, first=1)) == []
