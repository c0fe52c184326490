"""Where somebody writes who parts: the agent that stays is spoken to there no more, and says nothing
there. What waits there, or is being answered, waits for the agent that answers there again, and so do
the timers that were set there. Incognito goes on as such.
"""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from agentcore.clock import Micros
from agentcore.records import Address, AgentId
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.chats.merging import Place, wait_again
from agentcore.sqlstore.engine.database import AnyRow
from agentcore.sqlstore.linking.absorbing import hand_over
from agentcore.sqlstore.people.threads import add_thread, open_thread
from agentcore.sqlstore.queues.addresses import at_home
from agentcore.sqlstore.queues.unanswered import open_turn_of, unanswered


def leave(
    connection: Connection, link: AnyRow, homes: Sequence[Address], agent_id: AgentId, now: Micros
) -> None:
    """The agent that stays leaves these private chats, and where nobody else wrote to it. Both agents are held; turns that have lost
    what they were about are still to be ended.
    """
    for thread in _close(connection, link, homes, agent_id, now):
        if link.absorbed_agent is None:
            _drop(connection, agent_id, thread.number, now)
            continue
        there = _thread_there(connection, link.absorbed_agent, thread, now)
        place = Place(link.absorbed_agent, there)
        count, size = wait_again(connection, place, agent_id, thread.number, now)
        _wait_less(connection, agent_id, count, size)
        _move_timers(connection, agent_id, thread.number, place)
    if link.absorbed_agent is not None:
        hand_over(connection, link.absorbed_agent, link.user_id, link.absorbed_user)


def _close(
    connection: Connection, link: AnyRow, homes: Sequence[Address], agent_id: AgentId, now: Micros
) -> Sequence[AnyRow]:
    """Its threads there, which are over; what is to be wiped of them, is due."""
    thread, theirs = t.thread, t.thread.alias("theirs")
    places = [
        sa.exists().where(
            theirs.c.agent_id == link.absorbed_agent, theirs.c.address == thread.c.address
        ),
        *(at_home(thread.c.address, home) for home in homes),
    ]
    there = sa.and_(
        thread.c.agent_id == agent_id,
        thread.c.closed_at.is_(None),
        thread.c.created_at >= link.created_at,
        sa.or_(sa.and_(thread.c.audience == "private", sa.or_(*places)), _only_theirs(link)),
    )
    closed = connection.execute(sa.select(thread).where(there).order_by(thread.c.number)).all()
    mine = sa.and_(
        thread.c.agent_id == agent_id, thread.c.number.in_([each.number for each in closed])
    )
    connection.execute(sa.update(thread).where(mine).values(closed_at=now))
    connection.execute(
        sa.update(thread).where(mine, thread.c.ephemeral.is_(True)).values(wipe_at=now)
    )
    return closed


def _only_theirs(link: AnyRow) -> sa.ColumnElement[bool]:
    """Whether they wrote in a thread, and nobody else did: a group that the other isn't in, say."""
    box, thread = t.inbox, t.thread
    said = sa.exists().where(box.c.agent_id == thread.c.agent_id, box.c.thread == thread.c.number)
    theirs = box.c.author_id.in_(link.identities)
    others = sa.and_(box.c.author_id.is_not(None), ~theirs)
    return sa.and_(said.where(theirs), ~said.where(others))


def _thread_there(connection: Connection, agent_id: AgentId, closed: AnyRow, now: Micros) -> int:
    """The agent's own thread in that place."""
    if not closed.ephemeral:
        return open_thread(connection, agent_id, closed.address, closed.audience, now)
    thread = t.thread
    number = add_thread(connection, agent_id, closed.address, closed.audience, now)
    connection.execute(
        sa.update(thread)
        .where(thread.c.agent_id == agent_id, thread.c.number == number)
        .values(ephemeral=True, wipe_at=closed.wipe_at)
    )
    return number


def _move_timers(connection: Connection, agent_id: AgentId, thread: int, to: Place) -> None:
    timer = t.timer
    numbers = connection.execute(
        sa.select(timer.c.number)
        .where(timer.c.agent_id == agent_id, timer.c.thread == thread)
        .order_by(timer.c.number)
    ).scalars()
    last = sa.select(sa.func.max(timer.c.number)).where(timer.c.agent_id == to.agent_id)
    newest = connection.execute(last).scalar() or 0
    for new, number in enumerate(numbers.all(), start=newest + 1):
        connection.execute(
            sa.update(timer)
            .where(timer.c.agent_id == agent_id, timer.c.number == number)
            .values(agent_id=to.agent_id, number=new, thread=to.thread)
        )


def _drop(connection: Connection, agent_id: AgentId, thread: int, now: Micros) -> None:
    """Nobody answers there: what waits ends unanswered, and no timer comes due."""
    box, timer = t.inbox, t.timer
    ended = connection.execute(
        sa.update(box)
        .where(
            box.c.agent_id == agent_id,
            box.c.thread == thread,
            unanswered(open_turn_of(agent_id)),
        )
        .values(
            parts=(),
            asked=None,
            earlier=None,
            turn=None,
            error=None,
            answer_via=None,
            closed_at=now,
        )
        .returning(box.c.size, box.c.parked_at)
    ).all()
    waited = [row.size for row in ended if row.parked_at is None]
    _wait_less(connection, agent_id, len(waited), sum(waited))
    connection.execute(
        sa.delete(timer).where(timer.c.agent_id == agent_id, timer.c.thread == thread)
    )


def _wait_less(connection: Connection, agent_id: AgentId, count: int, size: int) -> None:
    lease = t.agent_lease
    connection.execute(
        sa.update(lease)
        .where(lease.c.agent_id == agent_id)
        .values(pending=lease.c.pending - count, pending_bytes=lease.c.pending_bytes - size)
    )
