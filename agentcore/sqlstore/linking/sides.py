"""Two users who may be one person, as they stand: where they write, and what their agents keep in
mind.
"""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from agentcore.memory.changes import brought_in
from agentcore.memory.joining import PERSONA, OriginOf
from agentcore.records import (
    AgentId,
    Block,
    BlockId,
    ConsentTerms,
    EditActor,
    Joining,
    LinkSide,
    Origin,
    UserId,
)
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.content.blocks import read_blocks
from agentcore.sqlstore.engine.database import AnyRow
from agentcore.sqlstore.people.users import agent_of, platforms_of
from agentcore.sqlstore.sleep.history import UNTRUSTED, read_histories
from agentcore.sqlstore.sleep.material import willing_under


def read_joining(
    connection: Connection, users: Sequence[AnyRow], terms: ConsentTerms | None
) -> Joining:
    """Two users in the order in which they become one. Whoever has an agent stays before one who
    has none, whoever is let in before one who isn't; of two, the older one.
    """
    first, second = users
    sides = {row.user_id: _side(connection, row.user_id) for row in (first, second)}
    stays, goes = sorted(
        (first, second),
        key=lambda row: (
            sides[row.user_id].agent_id is None,
            row.access != "admitted",
            row.created_at,
            row.user_id,
        ),
    )
    willing = willing_under(terms)
    agents = [side.agent_id for side in sides.values() if side.agent_id is not None]
    asked = len(agents) == 2 and willing(stays) and willing(goes)
    return Joining(
        sides[stays.user_id],
        sides[goes.user_id],
        by_model=asked and not _sleepless(connection, agents),
    )


def _side(connection: Connection, user_id: UserId) -> LinkSide:
    agent_id = agent_of(connection, user_id)
    platforms = platforms_of(connection, user_id)
    if agent_id is None:
        return LinkSide(user_id, None, platforms)
    blocks = read_blocks(connection, agent_id)
    drawers = read_histories(connection, agent_id, blocks).drawers
    persona = next((block for block in blocks if block.label == PERSONA), None)
    changed = persona is not None and persona.value != _as_made(connection, persona)
    return LinkSide(user_id, agent_id, platforms, drawers, changed)


def _as_made(connection: Connection, block: Block) -> str | None:
    """A persona as a template has last made it."""
    revision = t.block_revision
    by_template = sa.or_(revision.c.actor == EditActor.TEMPLATE, revision.c.template.is_not(None))
    return connection.execute(
        sa.select(revision.c.after)
        .where(revision.c.owner == block.owner, revision.c.block_id == block.block_id, by_template)
        .order_by(revision.c.version.desc())
        .limit(1)
    ).scalar()


def _sleepless(connection: Connection, agents: Sequence[AgentId]) -> bool:
    """Whether one of them doesn't want their memory put in order behind their back."""
    lease = t.agent_lease
    query = sa.select(sa.func.count()).where(
        lease.c.agent_id.in_(agents), lease.c.sleepless.is_(True)
    )
    return bool(connection.execute(query).scalar())


def origins_of(connection: Connection, side: LinkSide) -> OriginOf:
    """Where each line of an agent's blocks came from."""
    revision = t.block_revision
    known: dict[tuple[BlockId, str], Origin | None] = {}
    for block in side.blocks:
        rows = connection.execute(
            sa.select(revision)
            .where(
                revision.c.owner == block.owner,
                revision.c.block_id == block.block_id,
                sa.or_(revision.c.version == 1, revision.c.origin.in_(UNTRUSTED)),
            )
            .order_by(revision.c.version)
        )
        for row in rows:
            made = row.version == 1 and row.actor == EditActor.TEMPLATE
            for line in brought_in(row.before, row.after):
                known[block.block_id, line] = None if made else Origin(row.origin)
    return lambda block_id, line: known.get((block_id, line), Origin.AGENT)
