"""What was said, from the newest back: of an agent and of those that it has absorbed, as one history."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from agentcore.clock import Micros
from agentcore.records import Address, AgentId, FeedPlace, Message, PastMessage, Role
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.content.messages import audible_threads, message_columns, read_message
from agentcore.sqlstore.people.absorbed import lives
from agentcore.sqlstore.people.personal import first_since


def read_history(connection: Connection, agent_id: AgentId, *, limit: int) -> tuple[Message, ...]:
    """See `AgentStore.history`."""
    found = [
        _newest_first(connection, life, t.message.c.thread.in_(audible_threads(life, None)), limit)
        for life in lives(connection, agent_id)
    ]
    return tuple(islice(_as_one(found), limit))


def _newest_first(
    connection: Connection, agent_id: AgentId, these: sa.ColumnElement[bool], limit: int
) -> list[Message]:
    """An agent's unforgotten messages of this kind."""
    message = t.message
    rows = connection.execute(
        sa.select(*message_columns())
        .where(message.c.agent_id == agent_id, message.c.forgotten_at.is_(None), these)
        .order_by(message.c.seq.desc())
        .limit(limit)
    )
    return [read_message(row) for row in rows]


def _as_one(histories: Iterable[Iterable[Message]]) -> Iterator[Message]:
    """Newest first; of two messages of the same moment, that of the earlier life comes first."""
    return heapq.merge(*histories, key=lambda message: message.created_at, reverse=True)


def read_past(
    connection: Connection,
    agent_id: AgentId,
    address: Address,
    *,
    before: FeedPlace | None,
    limit: int,
) -> tuple[PastMessage, ...]:
    """See `AgentStore.past`."""
    lived = lives(connection, agent_id)
    made = _made_at(connection, lived)
    ends: Mapping[AgentId, int | None] = dict.fromkeys(lived)
    if before is not None:
        whose = next((life for life in lived if before.since in {0, made.get(life)}), None)
        found = None if whose is None else ends_before(connection, lived, whose, before.message)
        if found is None:
            return ()
        ends = found
    histories = []
    for life in lived:
        said = _newest_first(connection, life, _spoken(life, address, ends[life]), limit)
        histories.append([(made[life], message) for message in said])
    merged = heapq.merge(*histories, key=lambda each: each[1].created_at, reverse=True)
    return tuple(
        PastMessage(FeedPlace(message.seq, since=since), message)
        for since, message in islice(merged, limit)
    )


def _made_at(connection: Connection, lived: Iterable[AgentId]) -> Mapping[AgentId, Micros]:
    agent = t.agent
    rows = connection.execute(
        sa.select(agent.c.agent_id, agent.c.created_at).where(agent.c.agent_id.in_(lived))
    )
    return {row.agent_id: row.created_at for row in rows}


def ends_before(
    connection: Connection, lived: Iterable[AgentId], whose: AgentId, seq: int
) -> Mapping[AgentId, int] | None:
    """Of each of the lives the first number that isn't before a message of one of them; None if there
    is no such message.
    """
    at = connection.execute(
        sa.select(t.message.c.created_at).where(
            t.message.c.agent_id == whose, t.message.c.seq == seq
        )
    ).scalar()
    if at is None:
        return None
    ends: dict[AgentId, int] = {}
    for life in lived:
        if life == whose:
            ends[life] = seq
        else:  # at the same moment, what a later one has heard is older
            ends[life] = first_since(connection, life, Micros(at + (whose in ends)))
    return ends


def _spoken(agent_id: AgentId, address: Address, end: int | None) -> sa.ColumnElement[bool]:
    """What a person and the agent said aloud there, before that number."""
    message, thread = t.message, t.thread
    here = sa.select(thread.c.number).where(
        thread.c.agent_id == agent_id, thread.c.address == address
    )
    return sa.and_(
        message.c.thread.in_(here),
        message.c.role.in_([Role.USER, Role.ASSISTANT]),
        sa.true() if end is None else message.c.seq < end,
    )
