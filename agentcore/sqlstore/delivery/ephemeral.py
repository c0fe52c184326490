"""Incognito conversations: threads that are wiped when they are over, or after an hour.

`thread.wipe_at` says from when; null: there is nothing (left) to wipe. A thread is wiped only
when nothing in it waits, runs, or is still to be sent. What stays are numbers and times: rows
that say that there was something, without a word of it.
"""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from agentcore.clock import HOUR, Micros
from agentcore.records import Address, AgentId, Claim, NoticeDraft, Submission
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.engine.database import AnyRow
from agentcore.sqlstore.people.threads import add_thread
from agentcore.sqlstore.queues.holding import hold, raise_version
from agentcore.sqlstore.queues.outgoing import Occasion, add_notices
from agentcore.sqlstore.queues.unanswered import in_hand, open_turn_of, waits
from agentcore.store.gate import Composer

LASTS = HOUR
EXPIRED = "turn.incognito_expired"
BATCH = 50


def open_ephemeral(connection: Connection, agent_id: AgentId, submission: Submission) -> None:
    """From the next message on, this chat is a conversation that will be wiped."""
    number = add_thread(
        connection, agent_id, submission.address, submission.audience, submission.received_at
    )
    wipe_at = submission.received_at + LASTS
    connection.execute(
        sa.update(t.thread).where(_is(agent_id, number)).values(ephemeral=True, wipe_at=wipe_at)
    )
    raise_version(connection, agent_id)


def is_ephemeral(connection: Connection, agent_id: AgentId, thread: int) -> bool:
    found = sa.select(t.thread.c.ephemeral).where(_is(agent_id, thread))
    return bool(connection.execute(found).scalar())


def close_ephemeral(connection: Connection, agent_id: AgentId, thread: int, now: Micros) -> None:
    """The conversation is over; what still waits in it is answered first."""
    connection.execute(
        sa.update(t.thread).where(_is(agent_id, thread)).values(closed_at=now, wipe_at=now)
    )
    raise_version(connection, agent_id)


def end_in_line(connection: Connection, claim: Claim, now: Micros) -> None:
    """The conversation is over with this turn: what waits behind it belongs to the chat's
    lasting thread.
    """
    close_ephemeral(connection, claim.agent_id, claim.thread, now)
    lasting = (
        sa.select(sa.func.max(t.thread.c.number))
        .where(
            t.thread.c.agent_id == claim.agent_id,
            t.thread.c.address == claim.address,
            t.thread.c.closed_at.is_(None),
        )
        .scalar_subquery()
    )
    box = t.inbox
    connection.execute(
        sa.update(box)
        .where(box.c.agent_id == claim.agent_id, waits(), box.c.thread == claim.thread)
        .values(thread=lasting)
    )


def next_wipe(connection: Connection) -> Micros | None:
    """See `Store.next_wipe`."""
    due = sa.select(sa.func.min(t.thread.c.wipe_at)).where(t.thread.c.wipe_at.is_not(None))
    return connection.execute(due).scalar()


def wipe_due(connection: Connection, composer: Composer, *, now: Micros) -> Sequence[Address]:
    """See `Store.wipe_ephemeral`."""
    due = connection.execute(
        sa.select(t.thread.c.agent_id, t.thread.c.number, t.thread.c.address, t.thread.c.closed_at)
        .where(t.thread.c.wipe_at <= now)
        .order_by(t.thread.c.wipe_at)
        .limit(BATCH)
    ).all()
    for row in due:
        hold(connection, row.agent_id)
        if row.closed_at is None:
            close_ephemeral(connection, row.agent_id, row.number, now)
            _say_so(connection, row, composer, now)
        if not _is_busy(connection, row, now):
            _wipe(connection, row, now)
    return [Address(row.address) for row in due]


def _say_so(connection: Connection, row: AnyRow, composer: Composer, now: Micros) -> None:
    notice = NoticeDraft(Address(row.address), EXPIRED, agent_id=row.agent_id)
    language = (
        sa.select(t.user.c.language)
        .join(t.user_agent, t.user_agent.c.user_id == t.user.c.user_id)
        .where(t.user_agent.c.agent_id == row.agent_id)
        .limit(1)
    )
    spoken = connection.execute(language).scalar()
    add_notices(connection, [notice], composer, spoken, now, Occasion(row.agent_id))


def _is_busy(connection: Connection, row: AnyRow, now: Micros) -> bool:
    """Whether something in it waits, runs, or is still to be sent."""
    agent_id, box = row.agent_id, t.inbox
    at_work = sa.exists().where(
        box.c.agent_id == agent_id,
        box.c.thread == row.number,
        in_hand(open_turn_of(agent_id)),
    )
    to_send = sa.exists().where(_sent_in(row, now), t.outbox.c.state == "waiting")
    return bool(connection.execute(sa.select(sa.or_(at_work, to_send))).scalar())


def _turns(agent_id: AgentId, thread: int) -> sa.Select[tuple[int]]:
    return sa.select(t.turn.c.number).where(
        t.turn.c.agent_id == agent_id, t.turn.c.thread == thread
    )


def _wipe(connection: Connection, row: AnyRow, now: Micros) -> None:
    """Every word of it."""
    agent_id, thread = row.agent_id, row.number
    turns = _turns(agent_id, thread)
    for table in (t.message, t.epoch):
        connection.execute(
            sa.delete(table).where(table.c.agent_id == agent_id, table.c.thread == thread)
        )
    connection.execute(
        sa.update(t.step)
        .where(t.step.c.agent_id == agent_id, t.step.c.turn.in_(turns))
        .values(detail="", first_message=None, last_message=None)
    )
    connection.execute(
        sa.update(t.outbox)
        .where(_sent_in(row, now))
        .values(text="", format=None, file=None, answer_via=None, error=None)
    )
    mine = sa.and_(t.turn.c.agent_id == agent_id, t.turn.c.thread == thread)
    connection.execute(sa.update(t.turn).where(mine).values(error=""))
    connection.execute(
        sa.update(t.inbox)
        .where(t.inbox.c.agent_id == agent_id, t.inbox.c.thread == thread)
        .values(
            parts=(),
            asked=None,
            earlier=None,
            command=None,
            speaker=None,
            answer_via=None,
            error=None,
            parked_at=None,
            closed_at=now,
        )
    )
    _wipe_notices(connection, row, now)
    connection.execute(
        sa.update(t.thread).where(_is(agent_id, thread)).values(wipe_at=None, epoch=0)
    )
    raise_version(connection, agent_id)


def _sent_in(row: AnyRow, now: Micros) -> sa.ColumnElement[bool]:
    """Chunks of its turns, and those in which the service answered what was typed in it."""
    out = t.outbox
    beside_turns = sa.and_(
        out.c.turn.is_(None), out.c.address == row.address, *_while_it_lasted(out, row, now)
    )
    return sa.and_(
        out.c.agent_id == row.agent_id,
        sa.or_(out.c.turn.in_(_turns(row.agent_id, row.number)), beside_turns),
    )


def _while_it_lasted(
    table: sa.Table, row: AnyRow, now: Micros
) -> tuple[sa.ColumnElement[bool], sa.ColumnElement[bool]]:
    """Rows made after what said that it begins, and before what said that it is over."""
    begun = sa.select(t.thread.c.created_at).where(_is(row.agent_id, row.number)).scalar_subquery()
    return table.c.created_at > begun, table.c.created_at < (row.closed_at or now)


def _wipe_notices(connection: Connection, row: AnyRow, now: Micros) -> None:
    """What the service said in it, which may quote what was typed. The newest notice of an address
    stays, since the next one's number is counted from it: it is the one that says it is over.
    """
    notice, newer = t.notice, t.notice.alias("newer")
    connection.execute(
        sa.delete(notice).where(
            notice.c.address == row.address,
            *_while_it_lasted(notice, row, now),
            sa.exists().where(newer.c.address == notice.c.address, newer.c.seq > notice.c.seq),
        )
    )


def _is(agent_id: AgentId, thread: int) -> sa.ColumnElement[bool]:
    return sa.and_(t.thread.c.agent_id == agent_id, t.thread.c.number == thread)
