"""What a pull client reads: committed messages and notices after its cursor."""

from __future__ import annotations

from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from agentcore.clock import Micros
from agentcore.records import (
    FEED_START,
    SLEEP,
    Address,
    AgentId,
    Feed,
    FeedPlace,
    Message,
    Role,
    StopReason,
)
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.content.messages import message_columns, read_message
from agentcore.sqlstore.people.personal import first_since
from agentcore.sqlstore.queues.outgoing import read_notices
from agentcore.sqlstore.queues.unanswered import open_turn_of, waits

_OPEN_FIRST = (t.thread.c.closed_at.is_not(None), t.thread.c.created_at.desc())
"""Threads of an address: that of the agent that answers there comes before those of others."""


def read_feed(
    connection: Connection,
    address: Address,
    after: FeedPlace,
    limit: int,
) -> Feed:
    """See `Store.feed`."""
    agent = connection.execute(_agent_at(), {"at_address": address}).one_or_none()
    notices = read_notices(connection, address, after=after.notice, limit=limit)
    messages: tuple[Message, ...] = ()
    restarted = agent is not None and after.since not in {0, agent.created_at}
    since_before = 0
    if agent is not None:
        before = _answering_before(connection, address, after) if restarted else None
        if before is not None:
            # The same conversation goes on, under another's numbers from its next message on.
            since_before, restarted = after.since, False
            seen = _heard_until(connection, agent.agent_id, before, after.message)
            after = FeedPlace(seen, after.notice)
        messages = _messages(connection, agent.agent_id, address, after=after.message, limit=limit)
    if after != FEED_START and not (messages and notices):
        newest = read_end(connection, address)
        restarted = restarted or newest.message < after.message or newest.notice < after.notice
    if agent is None:  # so far nothing from here was let in
        return Feed((), notices, answered=0, last_stop=None, restarted=restarted)
    agent_id = agent.agent_id
    return Feed(
        messages=messages,
        notices=notices,
        answered=_answered(connection, agent_id, address),
        last_stop=_last_stop(connection, agent_id, address),
        since=agent.created_at if messages else since_before or agent.created_at,
        numbers=agent.created_at,
        language=agent.language,
        restarted=restarted,
    )


@cache
def _agent_at() -> sa.Select[Any]:
    """The agent that answers at an address, since when there is one, and the language of the
    person it belongs to.
    """
    language = (
        sa.select(t.user.c.language)
        .join(t.user_agent, t.user_agent.c.user_id == t.user.c.user_id)
        .where(t.user_agent.c.agent_id == t.thread.c.agent_id)
        .order_by(t.user_agent.c.attached_at.desc())
        .limit(1)
        .correlate(t.thread)
        .scalar_subquery()
    )
    return (
        sa.select(t.thread.c.agent_id, t.agent.c.created_at, language.label("language"))
        .join(t.agent, t.agent.c.agent_id == t.thread.c.agent_id)
        .where(t.thread.c.address == sa.bindparam("at_address", type_=sa.Text))
        .order_by(*_OPEN_FIRST)
        .limit(1)
    )


def _answering_before(connection: Connection, address: Address, after: FeedPlace) -> AgentId | None:
    """Whose numbers a reader goes by who was answered by another agent there: two were linked, or
    have parted. None if that one is gone.
    """
    agent, thread = t.agent, t.thread
    return connection.execute(
        sa.select(agent.c.agent_id)
        .join(thread, thread.c.agent_id == agent.c.agent_id)
        .where(thread.c.address == address, agent.c.created_at == after.since)
        .limit(1)
    ).scalar()


def _heard_until(connection: Connection, agent_id: AgentId, before: AgentId, message: int) -> int:
    """The newest message that the agent had heard when the one before it heard this one."""
    said = t.message
    at = connection.execute(
        sa.select(said.c.created_at)
        .where(said.c.agent_id == before, said.c.seq <= message)
        .order_by(said.c.seq.desc())
        .limit(1)
    ).scalar()
    return 0 if at is None else first_since(connection, agent_id, Micros(at + 1)) - 1


def read_end(connection: Connection, address: Address) -> FeedPlace:
    """See `Store.feed_end`."""
    notice = sa.select(sa.func.max(t.notice.c.seq)).where(t.notice.c.address == address)
    newest_notice = connection.execute(notice).scalar() or 0
    agent = connection.execute(
        sa.select(t.agent_lease.c.message_seq, t.agent.c.created_at)
        .select_from(t.thread)
        .join(t.agent, t.agent.c.agent_id == t.thread.c.agent_id)
        .join(t.agent_lease, t.agent_lease.c.agent_id == t.thread.c.agent_id)
        .where(t.thread.c.address == address)
        .order_by(*_OPEN_FIRST)
        .limit(1)
    ).one_or_none()
    if agent is None:
        return FeedPlace(notice=newest_notice)
    return FeedPlace(agent.message_seq, newest_notice, agent.created_at)


def read_start(connection: Connection, address: Address, *, messages: int) -> FeedPlace:
    """See `Store.feed_start`."""
    agent = connection.execute(_agent_at(), {"at_address": address}).one_or_none()
    if agent is None:
        return FEED_START
    before = connection.execute(
        _spoken(agent.agent_id, address, sa.select(t.message.c.seq, t.message.c.created_at))
        .order_by(t.message.c.seq.desc())
        .offset(messages)
        .limit(1)
    ).one_or_none()
    if before is None:
        return FeedPlace(since=agent.created_at)
    earlier = sa.select(sa.func.max(t.notice.c.seq)).where(
        t.notice.c.address == address, t.notice.c.created_at <= before.created_at
    )
    notice = connection.execute(earlier).scalar() or 0
    return FeedPlace(before.seq, notice, agent.created_at)


def _messages(
    connection: Connection, agent_id: AgentId, address: Address, *, after: int, limit: int
) -> tuple[Message, ...]:
    rows = connection.execute(
        _spoken(agent_id, address, sa.select(*message_columns()))
        .where(t.message.c.seq > after)
        .order_by(t.message.c.seq)
        .limit(limit)
    )
    return tuple(read_message(row) for row in rows)


def _spoken(agent_id: AgentId, address: Address, query: sa.Select[Any]) -> sa.Select[Any]:
    """What of the messages at an address its reader may see."""
    here = sa.and_(
        t.thread.c.agent_id == t.message.c.agent_id, t.thread.c.number == t.message.c.thread
    )
    return query.join(t.thread, here).where(
        t.message.c.agent_id == agent_id,
        t.thread.c.address == address,
        t.message.c.role.in_([Role.USER, Role.ASSISTANT]),
        t.message.c.forgotten_at.is_(None),
    )


def _answered(connection: Connection, agent_id: AgentId, address: Address) -> int:
    """The position up to which everything from here has been dealt with."""
    box = t.inbox
    here = (box.c.agent_id == agent_id, box.c.address == address)
    oldest = sa.select(sa.func.min(box.c.seq + 0))  # + 0: not by walking the key from its start
    waiting = oldest.where(*here, waits()).scalar_subquery()
    in_turn = (box.c.turn == open_turn_of(agent_id), box.c.closed_at.is_(None))
    running = oldest.where(*here, *in_turn, box.c.parked_at.is_(None)).scalar_subquery()
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
            t.turn.c.kind != SLEEP,
        )
        .order_by(t.turn.c.number.desc())
        .limit(1)
    ).scalar()
    return None if reason is None else StopReason(reason)
