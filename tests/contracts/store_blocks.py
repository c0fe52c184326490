"""Epochs and block edits, as the loop makes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from agentcore.records import (
    Block,
    BlockEdit,
    BlockId,
    EditActor,
    Epoch,
    EpochReason,
    Origin,
)
from tests.contracts.store_world import World


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
