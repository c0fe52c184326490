"""Blocks that come from elsewhere, with the edits that they came to be by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from agentcore.clock import Micros
from agentcore.records import SHARED_OWNER, AgentId, BlockId, EditActor, Origin, new_block_id
from agentcore.records.content import PlainBlock, PlainRevision
from agentcore.sqlstore import tables as t


@dataclass(frozen=True, slots=True)
class HeldBlock:
    """A block that was made: whose it is and by which id."""

    owner: AgentId
    block_id: BlockId


def exists(connection: Connection, condition: sa.ColumnElement[bool]) -> bool:
    """Whether there is such a row."""
    return bool(connection.execute(sa.select(sa.exists().where(condition))).scalar())


def add_block(
    connection: Connection,
    block: PlainBlock,
    owner: AgentId,
    agent_id: AgentId,
    numbers: Mapping[str, int],
    now: Micros,
) -> HeldBlock:
    """A block with its revisions; without any, it begins here. A shared one that came along with
    another agent before is that one.
    """
    block_id = block.block_id
    if block.shared and block_id is not None and _is_shared(connection, block_id):
        return HeldBlock(SHARED_OWNER, block_id)
    if block_id is None or exists(connection, t.block.c.block_id == block_id):
        block_id = new_block_id()
    revisions = block.revisions or (_first(block, now),)
    connection.execute(
        sa.insert(t.block),
        {
            "owner": owner,
            "block_id": block_id,
            "label": block.label,
            "value": block.value,
            "limit": block.limit,
            "description": block.description,
            "read_only": block.read_only,
            "version": revisions[-1].version,
            "metadata": dict(block.metadata),
            "tags": list(block.tags),
            "extras": dict(block.extras),
            "created_at": revisions[0].created_at,
            "updated_at": revisions[-1].created_at,
        },
    )
    rows = [_revision(each, owner, block_id, agent_id, numbers) for each in revisions]
    connection.execute(sa.insert(t.block_revision), rows)
    return HeldBlock(owner, block_id)


def _is_shared(connection: Connection, block_id: BlockId) -> bool:
    block = t.block.c
    return exists(connection, sa.and_(block.owner == SHARED_OWNER, block.block_id == block_id))


def _first(block: PlainBlock, now: Micros) -> PlainRevision:
    return PlainRevision(
        version=1,
        before="",
        after=block.value,
        actor=EditActor.API,
        origin=Origin.OPERATOR,
        created_at=now,
        label=block.label,
        limit=block.limit,
        description=block.description,
        read_only=block.read_only,
    )


def _revision(
    each: PlainRevision,
    owner: AgentId,
    block_id: BlockId,
    agent_id: AgentId,
    numbers: Mapping[str, int],
) -> dict[str, Any]:
    return {
        "owner": owner,
        "block_id": block_id,
        "version": each.version,
        "label": each.label,
        "limit": each.limit,
        "description": each.description,
        "read_only": each.read_only,
        "actor": each.actor,
        "origin": each.origin,
        # The first tells whose own the block was.
        "agent_id": None if owner == SHARED_OWNER and each.version == 1 else agent_id,
        "message": None if each.message is None else numbers[each.message],
        "tool_call_id": each.tool_call_id,
        "undoes": each.undoes,
        "template": each.template,
        "created_at": each.created_at,
        "before": each.before,
        "after": each.after,
    }


def attach(
    connection: Connection, agent_id: AgentId, label: str, held: HeldBlock, position: int
) -> None:
    connection.execute(
        sa.insert(t.agent_block),
        {
            "agent_id": agent_id,
            "label": label,
            "owner": held.owner,
            "block_id": held.block_id,
            "position": position,
        },
    )
