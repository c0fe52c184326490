"""Edits of memory blocks, as they are read again."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from agentcore.records import AgentId, BlockId, EditActor, Origin, Revision
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.engine.database import AnyRow


def newest_first() -> tuple[sa.ColumnElement[Any], ...]:
    """The order of revisions of several blocks: those of one moment always in the same."""
    revision = t.block_revision
    return (
        revision.c.created_at.desc(),
        revision.c.version.desc(),
        revision.c.label,
        revision.c.block_id,
    )


def read_revisions(
    connection: Connection, agent_id: AgentId, *, label: str | None, limit: int
) -> tuple[Revision, ...]:
    """The edits of the blocks that the agent holds now, newest first. Those that another agent
    made to a shared block name no turn and no message: they are numbers of that agent.
    """
    query = _revisions_of_held(agent_id).order_by(*newest_first()).limit(limit)
    if label is not None:
        query = query.where(t.agent_block.c.label == label)
    return tuple(read_revision(row, agent_id) for row in connection.execute(query))


def read_block_revisions(
    connection: Connection,
    agent_id: AgentId,
    block_id: BlockId,
    *,
    before: int | None,
    limit: int,
) -> tuple[Revision, ...]:
    """The edits of one block that the agent holds, newest first, as `read_revisions` gives them;
    only those older than version `before`.
    """
    revision = t.block_revision
    query = (
        _revisions_of_held(agent_id)
        .where(t.agent_block.c.block_id == block_id)
        .order_by(revision.c.version.desc())
        .limit(limit)
    )
    if before is not None:
        query = query.where(revision.c.version < before)
    return tuple(read_revision(row, agent_id) for row in connection.execute(query))


def _revisions_of_held(agent_id: AgentId) -> sa.Select[Any]:
    revision, held = t.block_revision, t.agent_block
    same = sa.and_(held.c.owner == revision.c.owner, held.c.block_id == revision.c.block_id)
    return sa.select(revision).join(held, same).where(held.c.agent_id == agent_id)


def read_revisions_from(
    connection: Connection, agent_id: AgentId, turns: Collection[int], messages: Collection[int]
) -> tuple[Revision, ...]:
    """The edits that the agent made in these turns or because of these messages, newest first."""
    revision = t.block_revision
    rows = connection.execute(
        sa.select(revision)
        .where(
            revision.c.agent_id == agent_id,
            sa.or_(revision.c.turn.in_(turns), revision.c.message.in_(messages)),
        )
        .order_by(*newest_first())
    )
    return tuple(read_revision(row, agent_id) for row in rows)


def read_revision(row: AnyRow, agent_id: AgentId) -> Revision:
    """An edit as the agent may see it."""
    mine = row.agent_id == agent_id
    return Revision(
        block_id=row.block_id,
        label=row.label,
        version=row.version,
        before=row.before,
        after=row.after,
        actor=EditActor(row.actor),
        origin=Origin(row.origin),
        created_at=row.created_at,
        turn=row.turn if mine else None,
        message=row.message if mine else None,
        undoes=row.undoes,
        template=row.template,
        own=mine,
        agent_id=agent_id if mine else None,
    )
