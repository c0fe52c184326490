"""Chats that can't be reached, and are again: what waits for one ends, its timers pause."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from agentcore.clock import Micros
from agentcore.records import Address, AgentId
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.engine.database import insert
from agentcore.sqlstore.queues.addresses import at_home

UNREACHABLE = "unreachable"
_WAITING: sa.ColumnElement[str] = sa.literal_column("'waiting'")


def mark_unreachable(
    connection: Connection, home: Address, reason: str, now: Micros, *, agent_id: AgentId | None
) -> None:
    """Nothing can be sent to this chat or a topic of it, until somebody writes there."""
    state = {"state": UNREACHABLE, "reason": reason, "changed_at": now}
    connection.execute(
        insert(connection, t.chat)
        .values(address=home, agent_id=agent_id, **state)
        .on_conflict_do_update(index_elements=["address"], set_=state)
    )
    end_waiting(connection, home, reason, now)
    timer = t.timer
    connection.execute(
        sa.update(timer)
        .where(timer.c.due_at.is_not(None), at_home(timer.c.address, home))
        .values(paused_due_at=timer.c.due_at, due_at=None)
    )


def end_waiting(connection: Connection, home: Address, reason: str, now: Micros) -> None:
    """What waits to be sent there never is."""
    box = t.outbox
    connection.execute(
        sa.update(box)
        .where(box.c.state == _WAITING, at_home(box.c.address, home))
        .values(state="failed", error=reason, finished_at=now, lease_until=None)
    )


def mark_reachable(connection: Connection, home: Address) -> None:
    """It can be written to again. Timers go on; those that came due meanwhile are due now."""
    timer = t.timer
    connection.execute(
        sa.update(t.chat)
        .where(t.chat.c.address == home, t.chat.c.state == UNREACHABLE)
        .values(state="reachable", reason="")
    )
    connection.execute(
        sa.update(timer)
        .where(timer.c.paused_due_at.is_not(None), at_home(timer.c.address, home))
        .values(due_at=timer.c.paused_due_at, paused_due_at=None)
    )
