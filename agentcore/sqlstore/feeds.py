"""What a pull client reads: committed messages and notices after its cursor."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from agentcore.records import Address, AgentId, Feed, Message, Role, StopReason
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.messages import message_columns, read_message
from agentcore.sqlstore.outgoing import read_notices


def read_feed(
    connection: Connection,
    address: Address,
    *,
    after_message: int,
    after_notice: int,
    limit: int,
) -> Feed:
    """See `Store.feed`."""
    agent_id = connection.execute(
        sa.select(t.thread.c.agent_id)
        .where(t.thread.c.address == address)
        .order_by(t.thread.c.created_at.desc())
        .limit(1)
    ).scalar()
    notices = read_notices(connection, address, after=after_notice, limit=limit)
    if agent_id is None:  # so far nothing from here was let in
        return Feed(messages=(), notices=notices, answered=0, last_stop=None)
    return Feed(
        messages=_messages(connection, agent_id, address, after=after_message, limit=limit),
        notices=notices,
        answered=_answered(connection, agent_id, address),
        last_stop=_last_stop(connection, agent_id, address),
    )


def read_end(connection: Connection, address: Address) -> tuple[int, int]:
    """See `Store.feed_end`."""
    message = (
        sa.select(t.agent_lease.c.message_seq)
        .join(t.thread, t.thread.c.agent_id == t.agent_lease.c.agent_id)
        .where(t.thread.c.address == address)
        .order_by(t.thread.c.created_at.desc())
        .limit(1)
        .scalar_subquery()
    )
    notice = (
        sa.select(sa.func.max(t.notice.c.seq)).where(t.notice.c.address == address)
    ).scalar_subquery()
    newest = connection.execute(sa.select(message, notice)).one()
    return newest[0] or 0, newest[1] or 0


def _messages(
    connection: Connection, agent_id: AgentId, address: Address, *, after: int, limit: int
) -> tuple[Message, ...]:
    rows = connection.execute(
        sa.select(*message_columns())
        .join(
            t.thread,
            sa.and_(
                t.thread.c.agent_id == t.message.c.agent_id,
                t.thread.c.number == t.message.c.thread,
            ),
        )
        .where(
            t.message.c.agent_id == agent_id,
            t.thread.c.address == address,
            t.message.c.seq > after,
            t.message.c.role.in_([Role.USER, Role.ASSISTANT]),
            t.message.c.forgotten_at.is_(None),
        )
        .order_by(t.message.c.seq)
        .limit(limit)
    )
    return tuple(read_message(row) for row in rows)


def _answered(connection: Connection, agent_id: AgentId, address: Address) -> int:
    """The position up to which everything from here has been dealt with."""
    box = t.inbox
    here = (box.c.agent_id == agent_id, box.c.address == address)
    open_turn = (
        sa.select(t.agent_lease.c.open_turn)
        .where(t.agent_lease.c.agent_id == agent_id)
        .scalar_subquery()
    )
    unfinished = (*here, box.c.closed_at.is_(None), box.c.parked_at.is_(None))
    oldest = sa.select(sa.func.min(box.c.seq + 0))  # + 0: not by walking the key from its start
    waiting = oldest.where(*unfinished, box.c.turn.is_(None)).scalar_subquery()
    running = oldest.where(*unfinished, box.c.turn == open_turn).scalar_subquery()
    newest = sa.select(sa.func.max(box.c.seq)).where(*here).scalar_subquery()
    row = connection.execute(sa.select(waiting, running, newest)).one()
    first_open = min((seq for seq in row[:2] if seq is not None), default=None)
    return int(first_open - 1 if first_open is not None else row[2] or 0)


def _last_stop(connection: Connection, agent_id: AgentId, address: Address) -> StopReason | None:
    """How the newest finished turn ended."""
    reason = connection.execute(
        sa.select(t.turn.c.stop_reason)
        .where(
            t.turn.c.agent_id == agent_id,
            t.turn.c.address == address,
            t.turn.c.finished_at.is_not(None),
        )
        .order_by(t.turn.c.number.desc())
        .limit(1)
    ).scalar()
    return None if reason is None else StopReason(reason)
