"""What a person wrote in agents of others: their words go, the rows stay.

Whoever works on such an agent at this moment holds the words in memory. So its lease is voided
with this transaction: what was being made of them is never committed, and the turn is taken up
again from what is left.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from agentcore.clock import Micros
from agentcore.memory.changes import brought_in
from agentcore.memory.forgetting import scrubbed
from agentcore.records import (
    SHARED_OWNER,
    AgentId,
    BlockId,
    EditActor,
    IdentityId,
    StopReason,
)
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.engine.database import AnyRow
from agentcore.sqlstore.forgetting.shown_lines import seen_by, take_out_of_messages
from agentcore.sqlstore.queues.holding import hold, raise_version
from agentcore.sqlstore.queues.unanswered import in_hand, open_turn_of
from agentcore.sqlstore.recall.postings import unindex
from agentcore.sqlstore.recall.vectors import forget_passage_vectors, forget_vectors
from agentcore.sqlstore.registry import RULES, TableRule
from agentcore.sqlstore.sleep.records import blank_reasons

Within = Callable[[sa.Column[Any]], sa.ColumnElement[bool]]
"""Which agents it is about, as a condition on a column that holds an agent."""


def outside(own: Collection[AgentId]) -> Within:
    """All agents but these."""
    return lambda agent: agent.not_in(own)


def inside(agent_id: AgentId) -> Within:
    """This one alone."""
    return lambda agent: agent == agent_id


def redact(
    connection: Connection,
    identities: Collection[IdentityId],
    within: Within,
    now: Micros,
    *,
    written_by: Collection[AgentId] = (),
) -> Counter[str]:
    """Take the words of these identities out of these agents; and out of blocks that nobody owns
    alone, those that the agents in `written_by` wrote there. Counts rows by table.
    """
    agents = sorted(_written_in(connection, identities, within))
    hold(connection, *agents)
    for agent_id in agents:
        unindex(connection, agent_id, t.message.c.author_id.in_(identities))
        forget_vectors(connection, agent_id, t.message.c.author_id.in_(identities))
        forget_passage_vectors(connection, agent_id, t.passage.c.author_id.in_(identities))
        _take_back(connection, agent_id, identities)
        _forget_summaries(connection, agent_id, identities)
    touched = {*agents, *_take_out_lines(connection, _Writers(identities, written_by), within)}
    counted: Counter[str] = Counter()
    for rule in RULES:
        if rule.author_column is not None:
            values = {**rule.redacted, rule.author_column: None}
            if rule.redacted_at is not None:
                values[rule.redacted_at] = now
            theirs = _theirs(rule, identities, within)
            done = connection.execute(sa.update(rule.table).where(theirs).values(**values))
            counted[rule.table.name] += done.rowcount
    for agent_id in sorted(touched):
        blank_reasons(connection, agent_id)
        void_lease(connection, agent_id, now)
    return +counted


def _theirs(
    rule: TableRule, identities: Collection[IdentityId], within: Within
) -> sa.ColumnElement[bool]:
    """Rows that these identities wrote there."""
    owner, author = rule.table.c[rule.owner_column or ""], rule.table.c[rule.author_column or ""]
    return sa.and_(author.in_(identities), within(owner))


def _written_in(
    connection: Connection, identities: Collection[IdentityId], within: Within
) -> set[AgentId]:
    """Agents that hold something from these identities; no block is among them."""
    found: set[AgentId] = set()
    for rule in RULES:
        if rule.author_column is not None and rule.table is not t.block_revision:
            owner = rule.table.c[rule.owner_column or ""]
            query = sa.select(owner).where(_theirs(rule, identities, within)).distinct()
            found.update(connection.execute(query).scalars())
    return found


def _said(agent_id: AgentId, identities: Collection[IdentityId]) -> sa.ColumnElement[bool]:
    return sa.and_(t.message.c.agent_id == agent_id, t.message.c.author_id.in_(identities))


def _take_back(
    connection: Connection, agent_id: AgentId, identities: Collection[IdentityId]
) -> None:
    """What of theirs waits or is being answered is no longer asked."""
    box, lease = t.inbox, t.agent_lease
    unfinished = connection.execute(
        sa.select(box.c.seq, box.c.size).where(
            box.c.agent_id == agent_id,
            box.c.author_id.in_(identities),
            in_hand(open_turn_of(agent_id)),
        )
    ).all()
    if not unfinished:
        return
    connection.execute(
        sa.update(box)
        .where(box.c.agent_id == agent_id, box.c.seq.in_([row.seq for row in unfinished]))
        .values(turn=None, parts=(), asked=None)
    )
    connection.execute(
        sa.update(lease)
        .where(lease.c.agent_id == agent_id)
        .values(
            pending=lease.c.pending - len(unfinished),
            pending_bytes=lease.c.pending_bytes - sum(row.size for row in unfinished),
        )
    )


def _forget_summaries(
    connection: Connection, agent_id: AgentId, identities: Collection[IdentityId]
) -> None:
    """A summary of a thread that they wrote in may tell what they said."""
    threads = sa.select(t.message.c.thread).where(_said(agent_id, identities))
    connection.execute(
        sa.update(t.epoch)
        .where(t.epoch.c.agent_id == agent_id, t.epoch.c.thread.in_(threads))
        .values(summary="")
    )


def void_lease(connection: Connection, agent_id: AgentId, now: Micros) -> None:
    """Whoever holds the agent commits nothing more; a turn that has lost all its rows is over."""
    lease, box = t.agent_lease, t.inbox
    mine = lease.c.agent_id == agent_id
    held = lease.c.holder.is_not(None)
    raise_version(connection, agent_id)
    connection.execute(
        sa.update(lease)
        .where(mine, held)
        .values(holder=None, lease_until=None, ready_at=now, fence=lease.c.fence + 1)
    )
    left = sa.exists().where(box.c.agent_id == agent_id, box.c.turn == lease.c.open_turn)
    turn = connection.execute(
        sa.select(lease.c.open_turn).where(mine, lease.c.open_turn.is_not(None), ~left)
    ).scalar()
    if turn is None:
        return
    connection.execute(
        sa.update(t.turn)
        .where(t.turn.c.agent_id == agent_id, t.turn.c.number == turn)
        .values(state="cancelled", stop_reason=StopReason.CANCELLED, error="", finished_at=now)
    )
    connection.execute(sa.update(lease).where(mine).values(open_turn=None, ready_at=now))


# Blocks: an edit's text holds all lines of the block, those of others as well.


_OWN_WORD = frozenset({EditActor.TOOL, EditActor.SLEEP_TIME, EditActor.USER, EditActor.LINK})
"""Edits in which an agent's own person or itself speaks, and no operator or program."""


@dataclass(frozen=True, slots=True)
class _Writers:
    """Whose lines are to go: people's, and in blocks of nobody alone, these agents'. Of a block that
    was such an agent's own once, what an operator wrote there for it goes as well.
    """

    identities: Collection[IdentityId]
    agents: Collection[AgentId]

    def of_agents(self) -> sa.ColumnElement[bool]:
        """Revisions of shared blocks that one of the agents has made."""
        revision = t.block_revision
        return sa.and_(revision.c.agent_id.in_(self.agents), revision.c.owner == SHARED_OWNER)

    def wrote(self, row: AnyRow, *, own: bool) -> bool:
        """`own`: the block was one of the agents' once."""
        if row.author_id in self.identities:
            return True
        theirs = row.owner == SHARED_OWNER and row.agent_id in self.agents
        return theirs and (own or row.actor in _OWN_WORD)


def _take_out_lines(connection: Connection, writers: _Writers, within: Within) -> set[AgentId]:
    """Take the lines that came with their edits out of the blocks, of all later versions, and of
    the messages that show them.

    Returns:
        The agents that hold one of these blocks.
    """
    revision = t.block_revision
    by_people = sa.and_(revision.c.author_id.in_(writers.identities), within(revision.c.owner))
    blocks = {
        (row.owner, row.block_id)
        for wrote in (by_people, writers.of_agents())
        for row in connection.execute(
            sa.select(revision.c.owner, revision.c.block_id).where(wrote).distinct()
        )
    }
    holders: set[AgentId] = set()
    for owner, block_id in sorted(blocks):
        lines = _take_out_of(connection, owner, block_id, writers)
        of_block = seen_by(connection, owner, block_id)
        take_out_of_messages(connection, of_block, lines)
        holders |= of_block
    return holders


def _take_out_of(
    connection: Connection, owner: AgentId, block_id: BlockId, writers: _Writers
) -> Collection[str]:
    """Returns the lines."""
    revision, block = t.block_revision, t.block
    of_block = sa.and_(revision.c.owner == owner, revision.c.block_id == block_id)
    history = connection.execute(
        sa.select(revision).where(of_block).order_by(revision.c.version)
    ).all()
    own = history[0].agent_id in writers.agents
    theirs = (row for row in history if writers.wrote(row, own=own))
    lines = {line for row in theirs for line in brought_in(row.before, row.after)}
    for row in history:
        before, after = scrubbed(row.before, lines), scrubbed(row.after, lines)
        if (before, after) != (row.before, row.after):
            connection.execute(
                sa.update(revision)
                .where(of_block, revision.c.version == row.version)
                .values(before=before, after=after)
            )
    mine = sa.and_(block.c.owner == owner, block.c.block_id == block_id)
    value = connection.execute(sa.select(block.c.value).where(mine)).scalar_one()
    connection.execute(sa.update(block).where(mine).values(value=scrubbed(value, lines)))
    return lines
