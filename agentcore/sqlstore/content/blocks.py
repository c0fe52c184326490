"""Rows of memory blocks. Invariant: a block never changes without a revision in the same
transaction, and never from a version other than the one that the edit was computed from.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from agentcore.clock import Micros
from agentcore.errors import BlockConflict
from agentcore.records import (
    SEEN_IN_GROUPS,
    SHARED_OWNER,
    AgentId,
    Block,
    BlockEdit,
    BlockId,
    EditActor,
    HeadBlock,
    IdentityId,
    Origin,
)
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.engine.database import AnyRow, lock_row


def add_blocks(
    connection: Connection,
    blocks: Sequence[Block],
    *,
    agent_id: AgentId,
    now: Micros,
    after: int = 0,
    by: EditActor = EditActor.TEMPLATE,
) -> None:
    """Blocks with their first revisions, attached to an agent in this order, behind the `after`
    that it has. Those that belong to nobody alone may be there already.
    """
    owned = [(block, _owner(block, agent_id)) for block in blocks]
    fresh = [
        (block, owner)
        for block, owner in owned
        if owner != SHARED_OWNER or not _is_there(connection, block.block_id)
    ]
    if fresh:
        rows = [_first_version(block, owner, now) for block, owner in fresh]
        connection.execute(sa.insert(t.block), [{**row, "updated_at": now} for row in rows])
        whose = [None if owner == SHARED_OWNER else agent_id for _, owner in fresh]
        made = [_first_revision(*each, by) for each in zip(rows, whose, strict=True)]
        connection.execute(sa.insert(t.block_revision), made)
    if owned:
        connection.execute(
            sa.insert(t.agent_block),
            [
                {
                    "agent_id": agent_id,
                    "label": block.label,
                    "owner": owner,
                    "block_id": block.block_id,
                    "position": position,
                }
                for position, (block, owner) in enumerate(owned, start=after)
            ],
        )


def add_shelved(connection: Connection, block: Block, now: Micros) -> None:
    """A block that belongs to nobody alone, and that no agent holds yet."""
    row = _first_version(block, SHARED_OWNER, now)
    connection.execute(sa.insert(t.block), {**row, "updated_at": now})
    connection.execute(sa.insert(t.block_revision), _first_revision(row, None, EditActor.API))


def _owner(block: Block, agent_id: AgentId) -> AgentId:
    return SHARED_OWNER if block.owner == SHARED_OWNER else agent_id


def _is_there(connection: Connection, block_id: BlockId) -> bool:
    query = sa.select(t.block.c.version).where(
        t.block.c.owner == SHARED_OWNER, t.block.c.block_id == block_id
    )
    return connection.execute(query).scalar() is not None


def _first_version(block: Block, owner: AgentId, now: Micros) -> dict[str, object]:
    return {
        "owner": owner,
        "block_id": block.block_id,
        "label": block.label,
        "value": block.value,
        "limit": block.limit,
        "description": block.description,
        "read_only": block.read_only,
        "version": 1,
        "metadata": dict(block.metadata),
        "tags": list(block.tags),
        "extras": dict(block.extras),
        "created_at": now,
    }


def _first_revision(
    row: Mapping[str, object], agent_id: AgentId | None, by: EditActor
) -> dict[str, object]:
    """`agent_id`: whose own the block is; by that it is known later, when several hold it."""
    same = ("owner", "block_id", "version", "label", "limit", "description", "read_only")
    return {
        **{name: row[name] for name in (*same, "created_at")},
        "before": "",
        "after": row["value"],
        "actor": by,
        "origin": Origin.OPERATOR,
        "agent_id": agent_id,
    }


BLOCK_COLUMNS = (
    t.block.c.owner,
    t.block.c.block_id,
    t.agent_block.c.label,
    t.block.c.value,
    t.block.c.limit,
    t.block.c.description,
    t.block.c.read_only,
    t.block.c.version,
    t.block.c.metadata,
    t.block.c.tags,
    t.block.c.extras,
)
ATTACHED = t.agent_block.join(
    t.block,
    sa.and_(
        t.block.c.owner == t.agent_block.c.owner, t.block.c.block_id == t.agent_block.c.block_id
    ),
)


def read_blocks(
    connection: Connection, agent_id: AgentId, *, thread: int | None = None
) -> tuple[Block, ...]:
    """The agent's blocks in the order of their attachment; those that may be seen in a thread
    (None: all).
    """
    query = (
        sa.select(*BLOCK_COLUMNS)
        .select_from(ATTACHED)
        .where(t.agent_block.c.agent_id == agent_id)
        .order_by(t.agent_block.c.position, t.agent_block.c.label)
    )
    if thread is not None:
        public = t.agent_block.c.label.in_(SEEN_IN_GROUPS)
        query = query.where(sa.or_(public, among_themselves(agent_id, thread)))
    return tuple(block_of(row) for row in connection.execute(query))


def block_of(row: AnyRow) -> Block:
    """The block of a row of `BLOCK_COLUMNS`."""
    return Block(
        block_id=row.block_id,
        owner=row.owner,
        label=row.label,
        value=row.value,
        limit=row.limit,
        description=row.description,
        read_only=row.read_only,
        version=row.version,
        metadata=row.metadata,
        tags=tuple(row.tags),
        extras=row.extras,
    )


def among_themselves(agent_id: AgentId, thread: int) -> sa.ColumnElement[bool]:
    """Whether a thread's audience may see all that the agent knows: in a group, only its own
    agent's members do.
    """
    here = t.thread.alias("here")
    return sa.exists().where(
        here.c.agent_id == agent_id,
        here.c.number == thread,
        t.agent.c.agent_id == here.c.agent_id,
        sa.or_(here.c.audience == "private", t.agent.c.owner_kind == "chat"),
    )


def versions_of_blocks(agent_id: sa.Column[AgentId]) -> sa.ScalarSelect[int]:
    """The sum of the versions of all blocks that an agent holds: part of a statement."""
    return (
        sa.select(sa.cast(sa.func.coalesce(sa.func.sum(t.block.c.version), 0), sa.BigInteger))
        .select_from(ATTACHED)
        .where(t.agent_block.c.agent_id == agent_id)
        .correlate(agent_id.table)
        .scalar_subquery()
    )


@dataclass(frozen=True, slots=True)
class Cause:
    """What an edit goes back to."""

    agent_id: AgentId
    author: IdentityId | None
    turn: int | None
    message: int | None


def apply_edits(
    connection: Connection, edits: Sequence[BlockEdit], cause: Cause, now: Micros
) -> None:
    """Write each edit and its revision, in order.

    Raises:
        BlockConflict: a block is not at the version that its edit was computed from, or the
            agent doesn't hold it (any more).
    """
    _lock_in_order(connection, edits)
    for edit in edits:
        _write_value(connection, edit, cause.agent_id, now)
    if edits:
        connection.execute(
            sa.insert(t.block_revision), [_revision(edit, cause, now) for edit in edits]
        )


def _lock_in_order(connection: Connection, edits: Sequence[BlockEdit]) -> None:
    """Of two that edit the same shared blocks in different orders, each would wait for the other."""
    shared = {edit.block.block_id for edit in edits if edit.block.owner == SHARED_OWNER}
    if len(shared) > 1:
        mine = sa.and_(t.block.c.owner == SHARED_OWNER, t.block.c.block_id.in_(shared))
        query = sa.select(t.block.c.version).where(mine).order_by(t.block.c.block_id)
        lock_row(connection, query)


def _write_value(connection: Connection, edit: BlockEdit, agent_id: AgentId, now: Micros) -> None:
    block, held = edit.block, t.agent_block
    attached = sa.exists().where(
        held.c.agent_id == agent_id,
        held.c.owner == block.owner,
        held.c.block_id == block.block_id,
    )
    changed = connection.execute(
        sa.update(t.block)
        .where(
            t.block.c.owner == block.owner,
            t.block.c.block_id == block.block_id,
            t.block.c.version == block.version,
            attached,
        )
        .values(value=edit.after, version=block.version + 1, updated_at=now)
    )
    if changed.rowcount != 1:
        msg = f"Block {block.label!r} changed while it was being edited."
        raise BlockConflict(msg)


def _revision(edit: BlockEdit, cause: Cause, now: Micros) -> dict[str, object]:
    block = edit.block
    return {
        "owner": block.owner,
        "block_id": block.block_id,
        "version": block.version + 1,
        "label": block.label,
        "before": block.value,
        "after": edit.after,
        "limit": block.limit,
        "description": block.description,
        "read_only": block.read_only,
        "actor": edit.actor,
        "author_id": cause.author if edit.author is None else edit.author,
        "origin": edit.origin,
        "agent_id": cause.agent_id,
        "turn": cause.turn,
        "message": cause.message if edit.message is None else edit.message,
        "tool_call_id": edit.tool_call_id,
        "undoes": edit.undoes,
        "template": edit.template,
        "created_at": now,
    }


def blocks_at(
    connection: Connection, agent_id: AgentId, versions: Mapping[BlockId, int], *, thread: int
) -> tuple[HeadBlock, ...]:
    """The blocks as they stood at these versions, in the order of the mapping; those that may be
    seen in a thread.
    """
    if not versions:
        return ()
    rows = connection.execute(
        sa.select(t.block_revision).where(
            t.block_revision.c.owner.in_([agent_id, SHARED_OWNER]),
            # One by one for the index, which a list of pairs doesn't reach.
            t.block_revision.c.block_id.in_(list(versions)),
            t.block_revision.c.version.in_(sorted(set(versions.values()))),
            sa.tuple_(t.block_revision.c.block_id, t.block_revision.c.version).in_(
                list(versions.items())
            ),
            sa.or_(
                among_themselves(agent_id, thread),
                t.block_revision.c.block_id.in_(
                    sa.select(t.agent_block.c.block_id).where(
                        t.agent_block.c.agent_id == agent_id,
                        t.agent_block.c.label.in_(SEEN_IN_GROUPS),
                    )
                ),
            ),
        )
    )
    found = {
        row.block_id: HeadBlock(row.label, row.after, row.limit, row.description, row.read_only)
        for row in rows
    }
    return tuple(found[block_id] for block_id in versions if block_id in found)
