"""An agent's turns, as an operator is shown them."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from agentcore.records import AgentId, StopReason, TurnView
from agentcore.sqlstore import tables as t


def read_turns(connection: Connection, agent_id: AgentId, *, limit: int) -> tuple[TurnView, ...]:
    """See `AgentStore.turns`."""
    turn = t.turn
    rows = connection.execute(
        sa.select(turn, t.thread.c.thread_id)
        .join(
            t.thread,
            sa.and_(t.thread.c.agent_id == turn.c.agent_id, t.thread.c.number == turn.c.thread),
        )
        .where(turn.c.agent_id == agent_id)
        .order_by(turn.c.number.desc())
        .limit(limit)
    )
    return tuple(
        TurnView(
            turn=row.number,
            kind=row.kind,
            turn_id=row.turn_id,
            thread_id=row.thread_id,
            state=row.state,
            stop_reason=None if row.stop_reason is None else StopReason(row.stop_reason),
            attempts=row.attempts,
            claimed_at=row.claimed_at,
            finished_at=row.finished_at,
            error=row.error,
        )
        for row in rows
    )
