"""Blocks that several agents hold: one for all, none of its edits lost, and nobody's words in it
once they are erased."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import replace

import pytest
import sqlalchemy as sa

from agentcore.errors import BlockConflict
from agentcore.records import (
    SHARED_OWNER,
    AgentSeed,
    BlockEdit,
    BlockId,
    Claim,
    EditActor,
    Origin,
    Role,
    StepCommit,
    TextPart,
    ToolCall,
    ToolCallPart,
    ToolReturnPart,
)
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.stores import SqlStore
from tests.agentcore.sqlstore.conftest import Opened
from tests.contracts.store_blocks import an_edit, an_epoch
from tests.contracts.store_rows import erase, shown
from tests.contracts.store_world import (
    SHARED_BLOCK,
    World,
    a_block,
    a_seed,
    block_of,
    everything,
)

OTHER_BLOCK = BlockId("block-22222222-2222-4222-8222-222222222222")
ADAS = 'Ada breeds "axolotls"'


def team_seed() -> AgentSeed:
    team = a_block("team", "Ship it.", owner=SHARED_OWNER, block_id=SHARED_BLOCK)
    list_ = a_block("list", "Bread", owner=SHARED_OWNER, block_id=OTHER_BLOCK)
    return replace(a_seed(), blocks=(a_block(), team, list_))


async def members(world: World, *names: str) -> Sequence[Claim]:
    """A claim for each, in order; all their agents hold the blocks."""
    for who in names:
        await world.send(world.submission(who=who), seed=team_seed)
    return sorted(await world.claim(limit=100), key=lambda claim: claim.address)


async def test_first_contacts_at_once_make_a_shared_block_once(
    world: World, opened: Opened
) -> None:
    other = opened()
    stores = [world.store, SqlStore(other, world.clock)]
    worlds = [replace(world, store=store) for store in stores]
    people = [f"p{n}" for n in range(8)]
    await asyncio.gather(
        *(
            worlds[n % 2].send(world.submission(who=who), seed=team_seed)
            for n, who in enumerate(people)
        )
    )
    await other.close()
    shared = [row for row in await world.table(t.block) if row["owner"] == SHARED_OWNER]
    assert sorted(row["label"] for row in shared) == ["list", "team"]
    claims = await world.claim(limit=100)
    assert len(claims) == len(people)
    for claim in claims:
        assert [b.label for b in await world.door(claim.agent_id).blocks()][1:] == ["team", "list"]


async def test_a_hundred_inserts_of_many_agents_at_once_are_all_there(
    world: World, opened: Opened
) -> None:
    """Half of them through another process; each edits both blocks, some in the other order."""
    claims = await members(world, *(f"p{n}" for n in range(5)))
    other = opened()
    stores = [world.store, SqlStore(other, world.clock)]

    async def twenty(number: int, claim: Claim) -> None:
        door = stores[number % 2].for_agent(claim.agent_id, world.owner)
        labels = ("team", "list") if number % 3 else ("list", "team")
        for line in range(20):
            done = False
            while not done:
                blocks = await door.blocks()
                edits = [
                    an_edit(block, f"{block.value}\n{number}.{line}")
                    for block in (block_of(blocks, label) for label in labels)
                ]
                try:
                    await door.commit(claim, StepCommit(edits=tuple(edits)))
                    done = True
                except BlockConflict:
                    continue

    await asyncio.gather(*(twenty(number, claim) for number, claim in enumerate(claims)))
    await other.close()
    expected = sorted(f"{number}.{line}" for number in range(5) for line in range(20))
    door = world.door(claims[0].agent_id)
    for label, first in (("team", "Ship it."), ("list", "Bread")):
        block = block_of(await door.blocks(), label)
        assert sorted(block.value.split("\n")) == sorted([first, *expected])
        assert block.version == 101
        revisions = (await door.revisions(label=label, limit=200))[::-1]
        assert [each.version for each in revisions] == list(range(1, 102))
        afters = ["", *(each.after for each in revisions)]
        assert [each.before for each in revisions] == afters[:-1]


async def test_edits_by_a_tool_a_person_and_the_api_at_once_are_all_there(world: World) -> None:
    claims = await members(world, "ada", "bob", "eve")
    actors = (EditActor.TOOL, EditActor.USER, EditActor.API)

    async def one(claim: Claim, actor: EditActor) -> None:
        door = world.door(claim.agent_id)
        for attempt in range(10):
            block = block_of(await door.blocks(), "team")
            edit = BlockEdit(block, f"{block.value}\n{actor}", actor, Origin.OWNER)
            try:
                await door.commit(claim, StepCommit(edits=(edit,)))
            except BlockConflict:
                assert attempt < 9
                continue
            return

    await asyncio.gather(*(one(*pair) for pair in zip(claims, actors, strict=True)))
    door = world.door(claims[0].agent_id)
    lines = block_of(await door.blocks(), "team").value.split("\n")
    assert sorted(lines) == ["Ship it.", "api", "tool", "user"]
    assert {each.actor for each in await door.revisions(label="team")} == {
        *actors,
        EditActor.TEMPLATE,
    }


async def test_who_does_not_hold_a_block_any_more_cannot_edit_it(world: World) -> None:
    ada, bob = await members(world, "ada", "bob")
    seen = await world.door(ada.agent_id).blocks()
    held = t.agent_block.c
    await world.run(
        sa.delete(t.agent_block).where(held.agent_id == ada.agent_id, held.block_id == SHARED_BLOCK)
    )
    with pytest.raises(BlockConflict, match="'team' changed"):
        await world.commit(ada, StepCommit(edits=(an_edit(block_of(seen, "team"), "Mine"),)))
    await world.commit(ada, StepCommit(edits=(an_edit(block_of(seen, "list"), "Mine"),)))
    await world.commit(bob, StepCommit(edits=(an_edit(block_of(seen, "team"), "Bob's"),)))


async def test_an_edit_of_another_agent_names_no_turn_of_one_s_own(world: World) -> None:
    ada, bob = await members(world, "ada", "bob")
    block = block_of(await world.door(ada.agent_id).blocks(), "team")
    edit = an_edit(block, "Ship it today.", message=1, template="friend:2")
    await world.commit(bob, StepCommit(edits=(edit,)))

    hers = (await world.door(ada.agent_id).revisions(label="team"))[0]
    his = (await world.door(bob.agent_id).revisions(label="team"))[0]

    assert (hers.own, hers.agent_id, hers.turn, hers.message) == (False, None, None, None)
    assert (his.own, his.agent_id, his.turn, his.message) == (True, bob.agent_id, bob.turn, 1)
    assert hers.template == his.template == "friend:2"


async def test_a_claim_tells_when_somebody_else_has_edited(world: World) -> None:
    ada, bob = await members(world, "ada", "bob")
    assert ada.memory == bob.memory == 3
    await world.answer(ada)
    block = block_of(await world.door(bob.agent_id).blocks(), "team")
    await world.answer(bob, edits=(an_edit(block, "Ship it today."),))
    await world.say(who="ada")
    assert (await world.claim_one()).memory == 4


async def test_an_erased_person_s_words_leave_the_block_and_what_shows_it(world: World) -> None:
    ada, bob = await members(world, "ada", "bob")
    block = block_of(await world.door(ada.agent_id).blocks(), "team")
    await world.answer(ada, edits=(an_edit(block, f"{block.value}\n{ADAS}"),))
    seen = block_of(await world.door(bob.agent_id).blocks(), "team")
    frame = f"It now reads:\n1→ Ship it.\n2→ {ADAS}"
    arguments = json.dumps({"label": "team", "old_string": ADAS, "new_string": f"{ADAS}!"})
    await world.commit(
        bob,
        StepCommit(
            messages=(
                world.message(Role.NOTE, frame),
                world.message(
                    Role.ASSISTANT,
                    "",
                    parts=(ToolCallPart(ToolCall("c", "memory_replace", arguments)),),
                ),
                world.message(
                    Role.TOOL,
                    "",
                    parts=(ToolReturnPart("c", "memory_insert", frame, "success", Origin.OWNER),),
                ),
                world.message(Role.ASSISTANT, "Bob's own"),
            ),
            epoch=an_epoch(world, [seen], summary=f"They said: {ADAS}"),
            edits=(an_edit(seen, f"{seen.value}\nBob likes beer"),),
        ),
    )
    await erase(world)

    left = await everything(world, [t.block, t.block_revision, t.message, t.epoch, t.tool_call])
    assert "axolotl" not in shown(left)
    door = world.door(bob.agent_id)
    assert block_of(await door.blocks(), "team").value == "Ship it.\nBob likes beer"
    assert [each.after for each in await door.revisions(label="team")] == [
        "Ship it.\nBob likes beer",
        "Ship it.",
        "Ship it.",
    ]
    texts = [
        part.text
        for message in await door.history(limit=10)
        for part in message.parts
        if isinstance(part, TextPart | ToolReturnPart)
    ]
    assert texts == ["Bob's own", "It now reads:\n1→ Ship it.", "It now reads:\n1→ Ship it."]


async def test_their_words_leave_a_call_that_is_nested_too_deeply_to_be_read(world: World) -> None:
    ada, bob = await members(world, "ada", "bob")
    block = block_of(await world.door(ada.agent_id).blocks(), "team")
    await world.answer(ada, edits=(an_edit(block, f"{block.value}\n{ADAS}"),))
    deep = f'{{"old_string": {json.dumps(ADAS)}, "new_string": {"[" * 50_000}{"]" * 50_000}}}'
    call = ToolCallPart(ToolCall("c", "memory_replace", deep))
    said = world.message(Role.ASSISTANT, "", parts=(call,))
    await world.commit(bob, StepCommit(messages=(said,)))
    await erase(world)
    assert "axolotl" not in shown(await everything(world, [t.message]))
