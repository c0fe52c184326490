"""Passages as they are read: by id, by age, and by who may hear of them.

Every condition is bound to an agent; of an agent with several lives, each is asked for its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from agentcore.clock import Micros
from agentcore.errors import NotFound
from agentcore.records import AgentId, Origin, Passage, PassageId, PassagePage
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.content.blocks import among_themselves
from agentcore.sqlstore.content.messages import audible_threads
from agentcore.sqlstore.engine.database import AnyRow
from agentcore.sqlstore.engine.types import is_public_id
from agentcore.sqlstore.people.absorbed import lives


def read_passages(
    connection: Connection, agent_id: AgentId, page: PassagePage
) -> tuple[Passage, ...]:
    """See `Archive.passages`."""
    lived = lives(connection, agent_id)
    after, before = (
        None if each is None else _cursor(connection, lived, each)
        for each in (page.after, page.before)
    )
    span = Span(
        later=after if page.oldest_first else before,
        earlier=before if page.oldest_first else after,
        # Those next to the cursor, from whichever side it is.
        rising=page.oldest_first is (before is None),
    )
    found = among(connection, lived, span, limit=page.limit)
    return found if page.oldest_first is span.rising else found[::-1]


def _cursor(connection: Connection, lived: Sequence[AgentId], passage_id: PassageId) -> Passage:
    found = one_of(connection, lived, passage_id)
    if found is None:
        msg = f"There is no passage {passage_id} in this archive."
        raise NotFound(msg)
    return found


def one_of(
    connection: Connection, lived: Sequence[AgentId], passage_id: PassageId
) -> Passage | None:
    """The passage of that id, in whichever life."""
    if not is_public_id(passage_id, "passage"):
        return None
    query = sa.select(t.passage).where(
        t.passage.c.agent_id.in_(lived),
        t.passage.c.passage_id == passage_id,
        t.passage.c.forgotten_at.is_(None),
    )
    row = connection.execute(query).one_or_none()
    return None if row is None else passage_of(row)


@dataclass(frozen=True, slots=True)
class Span:
    """Passages later than one and earlier than another. `rising`: the oldest first."""

    later: Passage | None = None
    earlier: Passage | None = None
    rising: bool = False


NEWEST = Span()


def among(
    connection: Connection,
    lived: Sequence[AgentId],
    span: Span,
    *,
    limit: int,
    thread: int | None = None,
) -> tuple[Passage, ...]:
    """Of all lives, the first ones; only what may be heard in `thread` (None: all)."""
    found: list[Passage] = []
    for life in lived:
        query = audible(kept(life), life, lived[0], thread).limit(limit)
        columns = (t.passage.c.created_at, t.passage.c.seq)
        query = query.order_by(*(each.asc() if span.rising else each.desc() for each in columns))
        if span.later is not None:
            query = query.where(sa.not_(_up_to(life, span.later, lived)))
        if span.earlier is not None:
            up_to = _up_to(life, span.earlier, lived)
            query = query.where(up_to, t.passage.c.passage_id != span.earlier.passage_id)
        found += map(passage_of, connection.execute(query))
    found.sort(key=lambda each: age(each, lived), reverse=not span.rising)
    return tuple(found[:limit])


def age(passage: Passage, lived: Sequence[AgentId]) -> tuple[Micros, int, int]:
    """In which order passages came to be, whoever kept them."""
    return passage.created_at, -lived.index(passage.agent_id), passage.seq


def _up_to(life: AgentId, last: Passage, lived: Sequence[AgentId]) -> sa.ColumnElement[bool]:
    """Which of a life's are as old as `last` or older: by `age`."""
    at, passage = last.created_at, t.passage
    if life == last.agent_id:
        same = sa.and_(passage.c.created_at == at, passage.c.seq <= last.seq)
        return sa.or_(passage.c.created_at < at, same)
    if lived.index(life) > lived.index(last.agent_id):
        return passage.c.created_at <= at
    return passage.c.created_at < at


def read_audible(
    connection: Connection, agent_id: AgentId, passage_id: PassageId, *, thread: int
) -> Passage | None:
    """A passage that may be heard in a thread."""
    if not is_public_id(passage_id, "passage"):
        return None
    for life in lives(connection, agent_id):
        query = kept(life).where(t.passage.c.passage_id == passage_id)
        row = connection.execute(audible(query, life, agent_id, thread)).one_or_none()
        if row is not None:
            return passage_of(row)
    return None


def kept(agent_id: AgentId) -> sa.Select[tuple[object, ...]]:
    passage = t.passage
    return sa.select(passage).where(
        passage.c.agent_id == agent_id, passage.c.forgotten_at.is_(None)
    )


def audible(
    query: sa.Select[tuple[object, ...]], agent_id: AgentId, heard_by: AgentId, thread: int | None
) -> sa.Select[tuple[object, ...]]:
    """Of an agent's passages that a message caused, those whose message may be heard in a thread of
    `heard_by`; the others not in a group, unless that is the group's own.
    """
    if thread is None:
        return query
    passage, message = t.passage, t.message
    caused = sa.exists().where(
        message.c.agent_id == agent_id,
        message.c.seq == passage.c.message,
        message.c.thread.in_(audible_threads(agent_id, thread, heard_by=heard_by)),
    )
    alone = sa.and_(passage.c.message.is_(None), among_themselves(heard_by, thread))
    return query.where(sa.or_(caused, alone))


def passage_of(row: AnyRow) -> Passage:
    return Passage(
        agent_id=row.agent_id,
        seq=row.seq,
        passage_id=row.passage_id,
        text=row.text,
        tags=tuple(row.tags),
        origin=Origin(row.origin),
        created_at=row.created_at,
        author=row.author_id,
        message=row.message,
    )
