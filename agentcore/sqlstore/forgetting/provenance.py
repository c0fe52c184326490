"""Edits as they were made, for taking them back and for telling where a line comes from."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Sequence
from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from agentcore.clock import Clock, Micros
from agentcore.records import (
    SHARED_OWNER,
    AgentId,
    BlockId,
    EditActor,
    Listing,
    Origin,
    Revision,
    RevisionMark,
    UserId,
)
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.content import listings
from agentcore.sqlstore.content.revisions import (
    newest_first,
    read_block_revisions,
    read_revision,
)
from agentcore.sqlstore.engine.database import Database
from agentcore.sqlstore.forgetting.marking import open_since

_TRUSTED = [origin for origin in Origin if origin.trusted]


class SqlProvenance:
    """`Provenance`: every query is bound to `agent_id`."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        agent_id: AgentId,
        audit: Callable[[str], Awaitable[None]],
    ) -> None:
        self._database = database
        self._clock = clock
        self._agent_id = agent_id
        self._audit = audit

    async def marks(self, *, limit: int, offset: int = 0) -> Sequence[RevisionMark]:
        await self._audit("read revisions")
        return await self._database.read(
            partial(read_marks, agent_id=self._agent_id, limit=limit, offset=offset)
        )

    async def edits(self, marks: Sequence[RevisionMark]) -> Sequence[Revision]:
        await self._audit("read revisions")
        return await self._database.read(partial(read_edits, agent_id=self._agent_id, marks=marks))

    async def of_block(
        self, block_id: BlockId, *, before: int | None = None, limit: int = 50
    ) -> Sequence[Revision]:
        await self._audit("read revisions")
        return await self._database.read(
            partial(
                read_block_revisions,
                agent_id=self._agent_id,
                block_id=block_id,
                before=before,
                limit=limit,
            )
        )

    async def untrusted(self, blocks: Collection[BlockId]) -> Sequence[Revision]:
        await self._audit("read revisions")
        return await self._database.read(
            partial(read_untrusted, agent_id=self._agent_id, blocks=blocks)
        )

    async def forgotten_at(self) -> Micros | None:
        now = self._clock.now()
        return await self._database.read(partial(open_since, agent_id=self._agent_id, now=now))

    async def listing(self, user_id: UserId, *, shown_by: Micros) -> Listing | None:
        await self._audit("read blocks")
        return await self._database.read(
            partial(
                listings.read,
                agent_id=self._agent_id,
                user_id=user_id,
                now=self._clock.now(),
                shown_by=shown_by,
            )
        )


def read_marks(
    connection: Connection, agent_id: AgentId, *, limit: int, offset: int
) -> tuple[RevisionMark, ...]:
    """See `Provenance.marks`. At the same moment, a later turn is newer."""
    revision = t.block_revision
    rows = connection.execute(
        sa.select(
            revision.c.block_id,
            revision.c.version,
            revision.c.actor,
            revision.c.created_at,
            revision.c.turn,
            revision.c.undoes,
            revision.c.template,
            revision.c.erased_at,
        )
        .where(revision.c.agent_id == agent_id, _held(agent_id))
        .order_by(
            revision.c.created_at.desc(),
            sa.func.coalesce(revision.c.turn, 0).desc(),
            revision.c.version.desc(),
            revision.c.label,
            revision.c.block_id,
        )
        .limit(limit)
        .offset(offset)
    )
    return tuple(
        RevisionMark(
            row.block_id,
            row.version,
            EditActor(row.actor),
            row.created_at,
            row.turn,
            row.undoes,
            row.template,
            row.erased_at is not None,
        )
        for row in rows
    )


def read_edits(
    connection: Connection, agent_id: AgentId, marks: Sequence[RevisionMark]
) -> tuple[Revision, ...]:
    """See `Provenance.edits`."""
    if not marks:
        return ()
    revision, wanted = t.block_revision, [(mark.block_id, mark.version) for mark in marks]
    rows = connection.execute(
        sa.select(revision).where(
            revision.c.owner.in_([agent_id, SHARED_OWNER]),
            # One by one for the index, which a list of pairs doesn't reach.
            revision.c.block_id.in_(sorted({block_id for block_id, _ in wanted})),
            revision.c.version.in_(sorted({version for _, version in wanted})),
            sa.tuple_(revision.c.block_id, revision.c.version).in_(wanted),
            _held(agent_id),
        )
    )
    own = (row for row in rows if row.agent_id == agent_id)
    found = {(row.block_id, row.version): read_revision(row, agent_id) for row in own}
    return tuple(found[each] for each in wanted if each in found)


def read_untrusted(
    connection: Connection, agent_id: AgentId, blocks: Collection[BlockId]
) -> tuple[Revision, ...]:
    """See `Provenance.untrusted`."""
    revision = t.block_revision
    rows = connection.execute(
        sa.select(revision)
        .where(
            revision.c.owner.in_([agent_id, SHARED_OWNER]),
            revision.c.block_id.in_(list(blocks)),
            revision.c.origin.not_in(_TRUSTED),
            _held(agent_id),
        )
        .order_by(*newest_first())
    )
    return tuple(read_revision(row, agent_id) for row in rows)


def _held(agent_id: AgentId) -> sa.ColumnElement[Any]:
    """Whether the agent holds the revision's block."""
    held, revision = t.agent_block, t.block_revision
    return sa.exists().where(
        held.c.agent_id == agent_id,
        held.c.owner == revision.c.owner,
        held.c.block_id == revision.c.block_id,
    )
