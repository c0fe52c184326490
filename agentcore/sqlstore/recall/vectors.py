"""Vectors of messages and passages: which are missing, keeping new ones, and the search in them.

A vector holds the meaning of its own text alone: what was said around a message counts when
somebody searches. So what is forgotten takes nothing but its own vector with it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from agentcore.memory.vectors import likenesses, packed
from agentcore.records import AgentId, ConsentTerms
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.content.messages import audible_threads, message_columns, read_message
from agentcore.sqlstore.engine.database import Database, insert
from agentcore.sqlstore.queues.holding import hold
from agentcore.store.vectors import NewVector, Unembedded

LONGEST = 2_000
"""Characters of a text that are embedded: many models read no more than 512 tokens."""
SCANNED = 20_000
"""Messages of an agent, the newest, that a search compares; older ones are found by words."""
AT_ONCE = 2_000
"""Vectors that are held in memory at a time."""


@dataclass(frozen=True, slots=True)
class Meant:
    """What a query means to a model: a packed vector."""

    model: str
    vector: bytes


class SqlVectorIndex:
    """`VectorIndex` over any `Database`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def agents(self, *, after: AgentId | None, limit: int) -> Sequence[AgentId]:
        return await self._database.read(partial(_agents, after=after, limit=limit))

    async def unembedded(
        self, agents: Sequence[AgentId], model: str, terms: ConsentTerms | None, *, limit: int
    ) -> Sequence[Unembedded]:
        return await self._database.read(
            partial(unembedded, agents=agents, model=model, terms=terms, limit=limit)
        )

    async def keep(self, model: str, made: Sequence[NewVector]) -> int:
        return await self._database.write(partial(keep, model=model, made=made))


def _agents(connection: Connection, after: AgentId | None, limit: int) -> list[AgentId]:
    lease = t.agent_lease
    query = sa.select(lease.c.agent_id).order_by(lease.c.agent_id).limit(limit)
    if after is not None:
        query = query.where(lease.c.agent_id > after)
    return list(connection.execute(query).scalars())


def unembedded(
    connection: Connection,
    agents: Sequence[AgentId],
    model: str,
    terms: ConsentTerms | None,
    *,
    limit: int,
) -> list[Unembedded]:
    """See `VectorIndex.unembedded`."""
    willing = [each for each in agents if _all_have_heard(connection, each, terms)]
    found: list[Unembedded] = []
    for agent_id in willing:
        left = limit - len(found)
        if left <= 0:
            break
        found += _messages(connection, agent_id, model, left)
        found += _passages(connection, agent_id, model, limit - len(found))
    return found


def _all_have_heard(connection: Connection, agent_id: AgentId, terms: ConsentTerms | None) -> bool:
    """Whether everybody whom an agent answers, or who wrote to it in a group, has heard the terms,
    or agreed to them.
    """
    if terms is None:
        return True
    user = t.user
    has_not = sa.or_(
        user.c.consent.not_in(terms.enough),
        user.c.consent_version.is_(None),
        user.c.consent_version != terms.version,
    )
    answered = sa.exists().where(
        t.user_agent.c.agent_id == agent_id,
        t.user_agent.c.user_id == user.c.user_id,
        user.c.access != "expected",  # not a word of theirs was heard
        has_not,
    )
    wrote = sa.exists().where(
        t.agent.c.agent_id == agent_id,
        t.agent.c.owner_kind == "chat",
        t.message.c.agent_id == t.agent.c.agent_id,
        t.identity.c.identity_id == t.message.c.author_id,
        user.c.user_id == t.identity.c.user_id,
        has_not,
    )
    return not connection.execute(sa.select(sa.or_(answered, wrote))).scalar()


def _messages(
    connection: Connection, agent_id: AgentId, model: str, limit: int
) -> Iterator[Unembedded]:
    message, vector = t.message, t.message_vector
    has_one = sa.exists().where(
        vector.c.agent_id == message.c.agent_id,
        vector.c.seq == message.c.seq,
        vector.c.model == model,
    )
    rows = connection.execute(
        sa.select(*message_columns())
        .where(
            message.c.agent_id == agent_id,
            message.c.place.is_not(None),  # none that no search may find
            message.c.forgotten_at.is_(None),
            ~has_one,
        )
        .order_by(message.c.seq.desc())
        .limit(limit)
    )
    for each in map(read_message, rows):
        if text := _shortened(each.text):
            yield Unembedded(agent_id, "message", each.seq, text)


def _passages(
    connection: Connection, agent_id: AgentId, model: str, limit: int
) -> Iterator[Unembedded]:
    passage, vector = t.passage, t.passage_vector
    has_one = sa.exists().where(
        vector.c.agent_id == passage.c.agent_id,
        vector.c.seq == passage.c.seq,
        vector.c.model == model,
    )
    rows = connection.execute(
        sa.select(passage.c.seq, passage.c.text, passage.c.tags)
        .where(passage.c.agent_id == agent_id, passage.c.forgotten_at.is_(None), ~has_one)
        .order_by(passage.c.seq.desc())
        .limit(limit)
    )
    for seq, text, tags in rows:
        if text := _shortened(f"{text} {' '.join(tags)}"):
            yield Unembedded(agent_id, "passage", seq, text)


def _shortened(text: str) -> str:
    return text.strip()[:LONGEST].strip()


def keep(connection: Connection, model: str, made: Sequence[NewVector]) -> int:
    """See `VectorIndex.keep`."""
    kept = 0
    by_agent: defaultdict[AgentId, list[NewVector]] = defaultdict(list)
    for each in made:
        by_agent[each.of.agent_id].append(each)
    for agent_id in sorted(by_agent):
        hold(connection, agent_id)  # what is being forgotten is marked before we look
        for each in by_agent[agent_id]:
            kept += _kept(connection, each, model)
    return kept


def _kept(connection: Connection, new: NewVector, model: str) -> int:
    is_message = new.of.kind == "message"
    table, source = (t.message_vector, t.message) if is_message else (t.passage_vector, t.passage)
    also = ("place", "thread") if is_message else ()
    names = ["agent_id", "seq", *also, "model", "vector"]
    row = sa.select(
        source.c.agent_id,
        source.c.seq,
        *(source.c[name] for name in also),
        sa.literal(model),
        sa.literal(packed(new.vector), sa.LargeBinary),
    ).where(
        source.c.agent_id == new.of.agent_id,
        source.c.seq == new.of.seq,
        source.c.forgotten_at.is_(None),
        *([source.c.place.is_not(None)] if is_message else []),
    )
    statement = insert(connection, table).from_select(names, row)
    changed = {name: statement.excluded[name] for name in ("model", "vector")}
    done = connection.execute(
        statement.on_conflict_do_update(index_elements=["agent_id", "seq"], set_=changed)
    )
    return done.rowcount


def forget_vectors(
    connection: Connection, agent_id: AgentId, messages: sa.ColumnElement[bool]
) -> None:
    """What these messages of the agent meant (a condition on `message`)."""
    message, vector = t.message, t.message_vector
    seqs = sa.select(message.c.seq).where(message.c.agent_id == agent_id, messages)
    connection.execute(
        sa.delete(vector).where(vector.c.agent_id == agent_id, vector.c.seq.in_(seqs))
    )


def forget_passage_vectors(
    connection: Connection, agent_id: AgentId, passages: sa.ColumnElement[bool]
) -> None:
    """What these passages of the agent meant (a condition on `passage`)."""
    passage, vector = t.passage, t.passage_vector
    seqs = sa.select(passage.c.seq).where(passage.c.agent_id == agent_id, passages)
    connection.execute(
        sa.delete(vector).where(vector.c.agent_id == agent_id, vector.c.seq.in_(seqs))
    )


_MINE = sa.bindparam("mine", type_=t.message_vector.c.agent_id.type)
_ASKS = sa.bindparam("asks", type_=t.message_vector.c.agent_id.type)
_HERE = sa.bindparam("here", type_=sa.BigInteger)


def like_messages(
    connection: Connection,
    agent_id: AgentId,
    meant: Meant,
    thread: int | None,
    *,
    heard_by: AgentId,
) -> Mapping[int, float]:
    """How alike what was said at each place is to a query; only what may be heard in `thread`, one
    of `heard_by`.
    """
    rows = connection.execute(
        _messages_query(everywhere=thread is None),
        {"mine": agent_id, "asks": heard_by, "here": thread, "model": meant.model},
    )
    return _alike(rows, meant)


@cache
def _messages_query(*, everywhere: bool) -> sa.Select[Any]:
    vector = t.message_vector
    return (
        sa.select(vector.c.place.label("key"), vector.c.vector)
        .where(
            vector.c.agent_id == _MINE,
            vector.c.model == sa.bindparam("model"),
            vector.c.thread.in_(
                audible_threads(_MINE, None if everywhere else _HERE, heard_by=_ASKS)
            ),
        )
        .order_by(vector.c.seq.desc())
        .limit(SCANNED)
    )


def like_passages(connection: Connection, agent_id: AgentId, meant: Meant) -> Mapping[int, float]:
    """How alike each passage is to a query, by number."""
    rows = connection.execute(_passages_query(), {"mine": agent_id, "model": meant.model})
    return _alike(rows, meant)


@cache
def _passages_query() -> sa.Select[Any]:
    vector = t.passage_vector
    return (
        sa.select(vector.c.seq.label("key"), vector.c.vector)
        .where(vector.c.agent_id == _MINE, vector.c.model == sa.bindparam("model"))
        .order_by(vector.c.seq.desc())
        .limit(SCANNED)
    )


def _alike(rows: sa.CursorResult[Any], meant: Meant) -> dict[int, float]:
    found: dict[int, float] = {}
    for part in rows.partitions(AT_ONCE):
        likes = likenesses(meant.vector, [row.vector for row in part])
        pairs = zip((row.key for row in part), likes, strict=True)
        found |= {key: like for key, like in pairs if like is not None}
    return found
