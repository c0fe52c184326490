"""Inbox rows that were given up and set aside: they wait for somebody to ask for them again."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from agentcore.clock import Micros
from agentcore.records import AgentId, Claim, ParkedItem, SetAside
from agentcore.sqlstore import tables as t


def read_parked(connection: Connection, *, limit: int) -> tuple[ParkedItem, ...]:
    """See `Store.parked`."""
    box = t.inbox
    rows = connection.execute(
        sa.select(
            box.c.agent_id,
            box.c.seq,
            box.c.address,
            box.c.received_at,
            box.c.parked_at,
            box.c.error,
        )
        .where(box.c.parked_at.is_not(None))
        .order_by(box.c.parked_at)
        .limit(limit)
    )
    return tuple(ParkedItem(*row) for row in rows)


def retry_parked(connection: Connection, agent_id: AgentId, seq: int, *, now: Micros) -> bool:
    """Put a parked row back into the queue, as if it had just been accepted."""
    box, lease = t.inbox, t.agent_lease
    size = connection.execute(
        sa.update(box)
        .where(box.c.agent_id == agent_id, box.c.seq == seq, box.c.parked_at.is_not(None))
        .values(parked_at=None, error=None, turn=None, due_at=now)
        .returning(box.c.size)
    ).scalar()
    if size is None:
        return False
    connection.execute(
        sa.update(lease)
        .where(lease.c.agent_id == agent_id)
        .values(
            pending=lease.c.pending + 1,
            pending_bytes=lease.c.pending_bytes + size,
            ready_at=sa.case((lease.c.ready_at < now, lease.c.ready_at), else_=now),
        )
    )
    return True


def read_set_aside(connection: Connection, claim: Claim) -> SetAside | None:
    """See `AgentStore.set_aside`."""
    box = t.inbox
    rows = connection.execute(
        sa.select(box.c.seq, box.c.turn, box.c.received_at)
        .where(
            box.c.agent_id == claim.agent_id,
            box.c.thread == claim.thread,
            box.c.author_id == claim.first.identity,
            box.c.kind == "message",
            box.c.parked_at.is_not(None),
        )
        .order_by(box.c.seq)
    ).all()
    if not rows:
        return None
    seqs = tuple(row.seq for row in rows if row.turn == rows[-1].turn)
    return SetAside(seqs, rows[-1].received_at)


def answered_after_all(connection: Connection, agent_id: AgentId, turns: Sequence[int]) -> None:
    """What these turns had set aside waits for nobody any more: it is being answered."""
    box = t.inbox
    connection.execute(
        sa.update(box)
        .where(box.c.agent_id == agent_id, box.c.turn.in_(turns), box.c.parked_at.is_not(None))
        .values(parked_at=None, error=None)
    )
