"""What the histories of an agent's blocks tell a sleep-time run: when each line came and after whose
words, which ones nobody may touch, and what a person took back.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from agentcore.memory.changes import brought_in
from agentcore.records import AgentId, Block, Drawer, EditActor, LineFacts, Origin
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.engine.database import AnyRow

MOST_REVISIONS = 200
"""Of each block: lines older than these have no date."""
UNTRUSTED = tuple(origin for origin in Origin if not origin.trusted)


@dataclass(frozen=True, slots=True)
class Histories:
    """Of all blocks that a run may put in order. `removed` are lines that a person took out,
    `taken_back` the messages that led to what they undid.
    """

    drawers: tuple[Drawer, ...]
    removed: frozenset[str]
    taken_back: frozenset[int]


def read_histories(connection: Connection, agent_id: AgentId, blocks: Sequence[Block]) -> Histories:
    drawers: list[Drawer] = []
    everything: list[AnyRow] = []
    for block in blocks:
        history = _revisions(connection, block)
        drawers.append(_drawer(connection, agent_id, block, history))
        everything += history
    return Histories(
        tuple(drawers),
        frozenset(
            line
            for row in everything
            if row.actor == EditActor.USER
            for line in brought_in(row.after, row.before)
        ),
        frozenset(_led_to_undone(agent_id, everything)),
    )


def foreign_lines(connection: Connection, block: Block) -> frozenset[str]:
    """Lines of a block that came with an edit which words of others led to, however long ago."""
    revision = t.block_revision
    rows = connection.execute(
        sa.select(revision.c.before, revision.c.after).where(
            revision.c.owner == block.owner,
            revision.c.block_id == block.block_id,
            revision.c.origin.in_(UNTRUSTED),
        )
    )
    found = frozenset(line for row in rows for line in brought_in(row.before, row.after))
    return found & frozenset(block.value.split("\n"))


def _revisions(connection: Connection, block: Block) -> Sequence[AnyRow]:
    """Newest first."""
    revision = t.block_revision
    return connection.execute(
        sa.select(revision)
        .where(revision.c.owner == block.owner, revision.c.block_id == block.block_id)
        .order_by(revision.c.version.desc())
        .limit(MOST_REVISIONS)
    ).all()


def _drawer(
    connection: Connection, agent_id: AgentId, block: Block, history: Sequence[AnyRow]
) -> Drawer:
    now = frozenset(block.value.split("\n"))
    facts: dict[str, LineFacts] = {}
    for row in history:
        if row.undoes is None:  # an undo brings back what was written before
            message = row.message if row.agent_id == agent_id else None
            for line in now.intersection(brought_in(row.before, row.after)):
                facts.setdefault(line, LineFacts(row.created_at, row.author_id, message))
    return Drawer(
        block=block,
        lines=facts,
        foreign=foreign_lines(connection, block),
        restored=frozenset(_restored(history)) & now,
    )


def _restored(history: Sequence[AnyRow]) -> Iterator[str]:
    """Lines that came back when a person took back what a run had done."""
    by_run = {row.version for row in history if row.actor == EditActor.SLEEP_TIME}
    for row in history:
        if row.undoes in by_run:
            yield from brought_in(row.before, row.after)


def _led_to_undone(agent_id: AgentId, history: Sequence[AnyRow]) -> Iterator[int]:
    undone = {(row.block_id, row.undoes) for row in history if row.undoes is not None}
    for row in history:
        if (row.block_id, row.version) in undone and row.message and row.agent_id == agent_id:
            yield row.message
