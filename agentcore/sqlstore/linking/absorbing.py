"""One agent's life becomes another's: where it was spoken to, the other is from then on, and what
waited for it, or was under way, waits for the other. Nobody works on it any more.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from agentcore.clock import DAY, Micros
from agentcore.records import AgentId, UserId
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.chats.merging import Place, wait_again
from agentcore.sqlstore.people.threads import open_thread
from agentcore.sqlstore.queues.holding import raise_version
from agentcore.sqlstore.queues.unanswered import open_turn_of, unanswered

UNDOABLE = 30 * DAY


def absorb(connection: Connection, keeps: AgentId, goes: AgentId, now: Micros) -> None:
    """Both are held."""
    _go_on(connection, keeps, goes, now)
    _wait_for(connection, keeps, goes, now)
    _rest(connection, goes, now)


def _go_on(connection: Connection, keeps: AgentId, goes: AgentId, now: Micros) -> None:
    """The one agent's life goes on in the other's, and so do its private chats: from here on whoever
    follows one reads what the other says there.
    """
    thread = t.thread
    private = connection.execute(
        sa.select(thread.c.address)
        .where(
            thread.c.agent_id == goes,
            thread.c.audience == "private",
            thread.c.closed_at.is_(None),
        )
        .order_by(thread.c.number)
    ).scalars()
    for address in private.all():
        open_thread(connection, keeps, address, "private", now)
    connection.execute(
        sa.insert(t.agent_absorbed).values(
            agent_id=keeps, absorbed_id=goes, created_at=now, undo_until=now + UNDOABLE
        )
    )
    raise_version(connection, keeps)


def _wait_for(connection: Connection, keeps: AgentId, goes: AgentId, now: Micros) -> None:
    """What waits for the agent that goes, or is under way there, waits for the one that stays."""
    thread, box = t.thread, t.inbox
    threads = connection.execute(
        sa.select(thread.c.number, thread.c.address, thread.c.audience)
        .join(
            box,
            sa.and_(box.c.agent_id == thread.c.agent_id, box.c.thread == thread.c.number),
        )
        .where(
            thread.c.agent_id == goes,
            unanswered(open_turn_of(goes)),
        )
        .distinct()
    ).all()
    for row in threads:
        there = open_thread(connection, keeps, row.address, row.audience, now)
        wait_again(connection, Place(keeps, there), goes, row.number, now)


def _rest(connection: Connection, goes: AgentId, now: Micros) -> None:
    """Nobody works on the agent that goes, and nothing comes to it any more."""
    thread, lease = t.thread, t.agent_lease
    connection.execute(
        sa.update(t.turn)
        .where(t.turn.c.agent_id == goes, t.turn.c.number == open_turn_of(goes))
        .values(state="cancelled", stop_reason="cancelled", finished_at=now)
    )
    connection.execute(
        sa.update(thread)
        .where(thread.c.agent_id == goes, thread.c.closed_at.is_(None))
        .values(closed_at=now)
    )
    connection.execute(
        sa.update(lease)
        .where(lease.c.agent_id == goes)
        .values(
            absorbed=True,
            version=lease.c.version + 1,
            fence=lease.c.fence + 1,
            holder=None,
            lease_until=None,
            ready_at=None,
            open_turn=None,
            pending=0,
            pending_bytes=0,
            sleep_at=None,
        )
    )


def hand_over(connection: Connection, agent_id: AgentId, was: UserId, now_of: UserId) -> None:
    """What somebody wrote to an agent counts as written by who they are now."""
    box = t.inbox
    connection.execute(
        sa.update(box)
        .where(box.c.agent_id == agent_id, box.c.user_id == was)
        .values(user_id=now_of)
    )
