"""Timers: rows that wait for their moment, then pass through the inbox like any message.

Each occurrence has a receipt, so that it happens once however often it is found due.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from agentcore.clock import Micros
from agentcore.records import AgentId, NewTimer, Origin, TextPart
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.engine.database import AnyRow, insert
from agentcore.sqlstore.people.absorbed import answering
from agentcore.sqlstore.people.threads import open_thread
from agentcore.sqlstore.queues.buckets import bucket_of
from agentcore.sqlstore.queues.holding import hold
from agentcore.sqlstore.queues.positions import take_position

SOURCE = "timer"


def add_timer(connection: Connection, agent_id: AgentId, timer: NewTimer, *, now: Micros) -> int:
    """See `AgentStore.add_timer`."""
    number = (
        sa.select(sa.func.coalesce(sa.func.max(t.timer.c.number), 0) + 1)
        .where(t.timer.c.agent_id == agent_id)
        .scalar_subquery()
    )
    added = connection.execute(
        sa.insert(t.timer)
        .values(
            agent_id=agent_id,
            number=number,
            kind=timer.kind,
            address=timer.address,
            thread=timer.thread,
            author_id=timer.author,
            payload={"text": timer.text},
            due_at=timer.due_at,
            created_at=now,
        )
        .returning(t.timer.c.number)
    )
    return int(added.scalar_one())


def fire_timers(connection: Connection, *, now: Micros, limit: int) -> int:
    """See `Store.fire_timers`."""
    due = connection.execute(
        sa.select(t.timer)
        .where(t.timer.c.due_at <= now)
        .order_by(t.timer.c.due_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    for row in due:
        _fire(connection, row, now)
    return len(due)


def _fire(connection: Connection, row: AnyRow, now: Micros) -> None:
    """Of an agent that another has taken in, for that one."""
    timer = t.timer
    connection.execute(
        sa.update(timer)
        .where(timer.c.agent_id == row.agent_id, timer.c.number == row.number)
        .values(due_at=None, occurrence=timer.c.occurrence + 1)
    )
    # With the moment: a number that was freed may be taken again while its receipts are kept.
    update_id = f"{row.agent_id}:{row.number}:{row.occurrence + 1}:{row.due_at}"
    receipt = connection.execute(
        insert(connection, t.receipt).on_conflict_do_nothing(),
        {"source": SOURCE, "update_id": update_id, "received_at": now},
    )
    if receipt.rowcount == 0:
        return
    text = str(row.payload["text"])
    size = len(text.encode())
    agent_id, thread = _answering(connection, row, now)
    position = take_position(connection, agent_id, size=size, due=now)
    if position is None:  # its agent is being erased
        return
    connection.execute(
        sa.insert(t.inbox).values(
            agent_id=agent_id,
            seq=position.seq,
            bucket=bucket_of(agent_id),
            source=SOURCE,
            update_id=update_id,
            address=row.address,
            thread=thread,
            platform=SOURCE,
            kind="timer",
            author_id=row.author_id,
            parts=(TextPart(text, Origin.OPERATOR),),
            size=size,
            received_at=now,
            due_at=now,
        )
    )


def _answering(connection: Connection, row: AnyRow, now: Micros) -> tuple[AgentId, int]:
    """The agent that answers where the timer was set, and its thread there."""
    agent_id = answering(connection, row.agent_id)
    if agent_id == row.agent_id:
        return agent_id, row.thread
    audience = connection.execute(
        sa.select(t.thread.c.audience).where(
            t.thread.c.agent_id == row.agent_id, t.thread.c.number == row.thread
        )
    ).scalar_one()
    hold(connection, agent_id)
    return agent_id, open_thread(connection, agent_id, row.address, audience, now)


def next_timer(connection: Connection) -> Micros | None:
    """When the next timer is due."""
    found = connection.execute(
        sa.select(sa.func.min(t.timer.c.due_at)).where(t.timer.c.due_at.is_not(None))
    ).scalar()
    return None if found is None else Micros(found)
