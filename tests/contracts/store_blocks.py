"""Epochs and block edits, as the loop makes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from agentcore.records import (
    AgentId,
    Block,
    BlockEdit,
    BlockId,
    EditActor,
    Epoch,
    EpochReason,
    Origin,
    StepCommit,
    StopReason,
    TurnEnd,
)
from tests.contracts.store_world import World, block_of


def an_epoch(world: World, blocks: Sequence[Block] = (), **changes: object) -> Epoch:
    versions: Mapping[BlockId, int] = {block.block_id: block.version for block in blocks}
    plain = Epoch(
        thread=1,
        number=1,
        reason=EpochReason.FIRST,
        system="You are a friend.",
        template="friend:1",
        block_versions=versions,
        summary="",
        first_message=1,
        last_note=0,
        created_at=world.now,
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def an_edit(block: Block, after: str, **changes: object) -> BlockEdit:
    plain = BlockEdit(block, after, EditActor.TOOL, Origin.OWNER)
    return replace(plain, **changes)  # type: ignore[arg-type]


async def edited_in_a_turn(
    world: World, agent_id: AgentId, after: str, origin: Origin, **changes: object
) -> None:
    """An edit of the block `human`, in a turn of its own."""
    await world.say("…")
    claim = await world.claim_one()
    block = block_of(await world.door(agent_id).blocks())
    edit = an_edit(block, after, origin=origin, **changes)
    await world.commit(
        claim,
        StepCommit(tuple(world.heard(claim)), (edit,), end=TurnEnd(StopReason.END_TURN)),
    )
