"""In a group, of a person's own agent only the block `public` is read, whatever asks."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
import sqlalchemy as sa

from agentcore.records import Address, Claim, NoticeDraft, StepCommit
from agentcore.sqlstore import tables as t
from agentcore.store.gate import GateScope
from tests.contracts.store_blocks import an_edit, an_epoch
from tests.contracts.store_world import HUMAN, World, a_block, block_of

GROUP = Address("group:1")


async def in_a_group(world: World, *, owner_kind: str = "user") -> Claim:
    """A turn in a thread that has just become a group's, with an epoch that shows all blocks.
    Beside it there are private threads, of the same number too.
    """
    for who in ("ada", "bob"):
        await world.talk("Hello", who=who)
    await world.talk("Hello", who="bob", address=Address("home:bob:2"))
    await world.say("Hi", address=GROUP)
    claim = await world.claim_one()
    door = world.door(claim.agent_id)
    shared = a_block("public", "", owner=claim.agent_id)
    await world.commit(claim, StepCommit(blocks=(shared,)))
    blocks = await door.blocks()
    edit = an_edit(block_of(blocks, "public"), "Likes rye.")
    await world.commit(claim, StepCommit(edits=(edit,)))
    epoch = an_epoch(world, await door.blocks(), thread=claim.thread)
    await world.commit(claim, StepCommit(epoch=epoch))
    await world.run(sa.update(t.thread).where(t.thread.c.address == GROUP).values(audience="chat"))
    await world.run(sa.update(t.agent).values(owner_kind=owner_kind))
    return claim


@pytest.mark.parametrize("owner_kind", ["user", "api"])
async def test_only_what_is_shared_is_read_there(world: World, owner_kind: str) -> None:
    claim = await in_a_group(world, owner_kind=owner_kind)
    door = world.door(claim.agent_id)

    here = await door.blocks(thread=claim.thread)
    head = await door.head(claim)

    assert [(block.label, block.value) for block in here] == [("public", "Likes rye.")]
    assert [(block.label, block.value) for block in head.blocks] == [("public", "Likes rye.")]
    assert head.among_others
    assert not head.confidential
    assert len(await door.blocks()) == 3, "its owner sees all"
    assert await door.blocks(thread=99) == here, "a thread that nobody knows is nobody's own"


async def test_a_groups_own_agent_knows_all_that_it_knows(world: World) -> None:
    claim = await in_a_group(world, owner_kind="chat")
    door = world.door(claim.agent_id)

    edit = an_edit(block_of(await door.blocks()), "Likes rye.")
    await world.commit(claim, StepCommit(edits=(edit,)))

    here = await door.blocks(thread=claim.thread)
    head = await door.head(claim)

    assert block_of(here).value == "Likes rye."
    assert {block.label: block.value for block in head.blocks}["human"] == HUMAN, "as of the epoch"
    assert len(head.blocks) == len(here) == 3
    assert not head.among_others


async def test_commands_see_no_more_than_that(world: World) -> None:
    await in_a_group(world)
    seen: list[str] = []

    def look(scope: GateScope) -> Sequence[NoticeDraft]:
        seen.extend(block.label for block in scope.blocks())
        return []

    await world.send(world.submission(command="memory", address=GROUP), command=look)

    assert seen == ["public"]
