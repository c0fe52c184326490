"""Two of what should have been one, because a chat had two addresses for a moment: agents of one
chat, and threads of one place.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from agentcore.clock import Micros
from agentcore.memory.changes import brought_in
from agentcore.records import (
    Address,
    AgentId,
    BlockEdit,
    EditActor,
    Message,
    NewMessage,
    Role,
)
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.content.blocks import Cause, apply_edits, read_blocks
from agentcore.sqlstore.content.messages import read_thread
from agentcore.sqlstore.engine.database import AnyRow
from agentcore.sqlstore.people.threads import add_thread
from agentcore.sqlstore.queues.addresses import at_home
from agentcore.sqlstore.queues.buckets import bucket_of
from agentcore.sqlstore.queues.unanswered import open_turn_of, unanswered
from agentcore.sqlstore.recall.postings import append, drafted, last_said, read_said
from agentcore.sqlstore.registry import RULES, columns_of_agents

_OF_THREADS = (t.message, t.term, t.message_vector, t.turn, t.timer, t.inbox)
"""What names a thread by its number, but for its epochs."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where messages are appended: see `postings.Target`."""

    agent_id: AgentId
    thread: int
    turn: int | None = None


def take_over(connection: Connection, keeps: AgentId, goes: AgentId, now: Micros) -> None:
    """All that the second agent has heard, noted and has still to do is the first one's. Both are
    held.
    """
    for thread in _threads(connection, goes):
        place = Place(
            keeps,
            # It is joined with the one that is there.
            add_thread(connection, keeps, thread.address, thread.audience, thread.created_at),
        )
        said = read_thread(connection, goes, thread.number, first=1)
        _say_again(connection, place, said)
        wait_again(connection, place, goes, thread.number, now)
    _note_again(connection, keeps, goes, now)
    for rule in RULES:
        column = rule.table.c.get("agent_id")
        if column is not None and not column.primary_key and rule.table is not t.block_revision:
            values: dict[str, object] = {"agent_id": keeps}
            if "turn" in rule.table.c:
                values["turn"] = None
            connection.execute(sa.update(rule.table).where(column == goes).values(values))
    for rule, column in columns_of_agents():
        connection.execute(sa.delete(rule.table).where(column == goes))


def _threads(connection: Connection, agent_id: AgentId) -> Sequence[AnyRow]:
    mine = sa.select(t.thread).where(t.thread.c.agent_id == agent_id)
    return connection.execute(mine.order_by(t.thread.c.number)).all()


def _say_again(connection: Connection, place: Place, said: Sequence[Message]) -> None:
    spoken = [
        NewMessage(m.message_id, m.role, m.parts, m.created_at, m.author, m.meta, m.otid)
        for m in said
        if m.role in {Role.USER, Role.ASSISTANT} and m.text
    ]
    if not spoken:
        return
    drafts = [drafted(message) for message in spoken]
    lease = t.agent_lease
    newest, before = connection.execute(
        sa.update(lease)
        .where(lease.c.agent_id == place.agent_id)
        .values(
            message_seq=lease.c.message_seq + len(spoken),
            indexed_messages=lease.c.indexed_messages + sum(1 for each in drafts if each.size),
            indexed_words=lease.c.indexed_words + sum(each.size for each in drafts),
        )
        .returning(lease.c.message_seq, last_said()),
        {"said_by": place.agent_id, "said_in": place.thread},
    ).one()
    numbered = list(enumerate(spoken, start=newest - len(spoken) + 1))
    append(connection, place, numbered, drafts, read_said(before))


def wait_again(
    connection: Connection,
    place: Place,
    goes: AgentId,
    thread: int,
    now: Micros,
) -> tuple[int, int]:
    """What nobody has finished with waits for the agent that stays. Returns how much of it isn't
    parked, and its size.
    """
    box, lease = t.inbox, t.agent_lease
    rows = _unfinished(connection, goes, thread)
    if not rows:
        return 0, 0
    waiting = [row for row in rows if row.parked_at is None]
    size = sum(row.size for row in waiting)
    newest = connection.execute(
        sa.update(lease)
        .where(lease.c.agent_id == place.agent_id)
        .values(
            inbox_seq=lease.c.inbox_seq + len(rows),
            pending=lease.c.pending + len(waiting),
            pending_bytes=lease.c.pending_bytes + size,
            ready_at=now,
        )
        .returning(lease.c.inbox_seq)
    ).scalar_one()
    for seq, row in enumerate(rows, start=newest - len(rows) + 1):
        connection.execute(
            sa.update(box)
            .where(box.c.agent_id == goes, box.c.seq == row.seq)
            .values(
                agent_id=place.agent_id,
                seq=seq,
                bucket=bucket_of(place.agent_id),
                thread=place.thread,
                turn=None,
            )
        )
    return len(waiting), size


def _unfinished(connection: Connection, agent_id: AgentId, thread: int) -> Sequence[AnyRow]:
    box = t.inbox
    return connection.execute(
        sa.select(box.c.seq, box.c.size, box.c.parked_at)
        .where(
            box.c.agent_id == agent_id,
            box.c.thread == thread,
            unanswered(open_turn_of(agent_id)),
        )
        .order_by(box.c.seq)
    ).all()


def _note_again(connection: Connection, keeps: AgentId, goes: AgentId, now: Micros) -> None:
    """Lines that the second agent has noted and that still stand, by whom they came from."""
    noted = {block.label: block for block in read_blocks(connection, goes)}
    revision = t.block_revision
    for block in read_blocks(connection, keeps):
        other = noted.get(block.label)
        if other is None or other.block_id == block.block_id:
            continue
        edits = connection.execute(
            sa.select(revision)
            .where(
                revision.c.owner == other.owner,
                revision.c.block_id == other.block_id,
                revision.c.version > 1,
            )
            .order_by(revision.c.version)
        ).all()
        held = block
        for row in edits:
            fresh = [
                line
                for line in brought_in(row.before, row.after)
                if line in other.value.split("\n") and line not in held.value.split("\n")
            ]
            after = "\n".join([*([held.value] if held.value else []), *fresh])
            if not fresh or len(after) > held.limit:
                continue
            edit = BlockEdit(held, after, EditActor(row.actor), row.origin)
            apply_edits(connection, [edit], Cause(keeps, row.author_id, None, None), now)
            held = replace(held, value=after, version=held.version + 1)


def join_threads(connection: Connection, agent_id: AgentId, home: Address) -> None:
    """Of the lasting threads that the agent has at one place of a chat, all are the first."""
    thread = t.thread
    open_ones = connection.execute(
        sa.select(thread.c.address, thread.c.number)
        .where(
            thread.c.agent_id == agent_id,
            at_home(thread.c.address, home),
            thread.c.closed_at.is_(None),
            thread.c.ephemeral.is_(False),
        )
        .order_by(thread.c.address, thread.c.number)
    ).all()
    for _, group in groupby(open_ones, key=lambda row: row.address):
        first, *others = [row.number for row in group]
        for number in others:
            _join(connection, agent_id, first, number)


def _join(connection: Connection, agent_id: AgentId, first: int, other: int) -> None:
    for table in _OF_THREADS:
        connection.execute(
            sa.update(table)
            .where(table.c.agent_id == agent_id, table.c.thread == other)
            .values(thread=first)
        )
    for table, column in ((t.epoch, t.epoch.c.thread), (t.thread, t.thread.c.number)):
        connection.execute(sa.delete(table).where(table.c.agent_id == agent_id, column == other))
