"""Making the postings of messages anew: when what they are found by has changed, and when marks
are set or taken back.

How far a re-index has got stands in `adapter_state`, in the same transaction as each piece of it,
so that a start goes on where the last one ended. Until it is over, older messages are found less.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from agentcore.clock import Clock, Micros
from agentcore.memory.terms import TERMS_VERSION
from agentcore.records import AgentId
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.content.messages import Placed, message_columns, read_message
from agentcore.sqlstore.engine.database import Database
from agentcore.sqlstore.queues.holding import hold
from agentcore.sqlstore.recall.postings import BEFORE, Indexer, Row, Said, drafted, unindex
from agentcore.sqlstore.recall.vectors import forget_vectors
from agentcore.sqlstore.service.adapter_state import read_state, write_state

PIECE = 300
"""Messages that one transaction indexes anew."""
_ADAPTER, _KEY = "search", "terms"


@dataclass(frozen=True, slots=True)
class _Progress:
    """All is of `version` once `agent` is None; else agents up to it are, and its messages up to
    number `seq`.
    """

    version: int
    agent: AgentId | None = None
    seq: int = 0


class SqlSearchIndex:
    """`SearchIndex` over any `Database`."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def reindex(self) -> bool:
        if await self._database.read(is_current):
            return True
        return await self._database.write(partial(reindex, now=self._clock.now()))

    async def start_over(self) -> None:
        await self._database.write(partial(start_over, now=self._clock.now()))


def refresh(connection: Connection, agent_id: AgentId, seqs: Sequence[int]) -> None:
    """Bring the search in line with the marks of these messages: forgotten ones are found by
    nothing any more, and those whose mark was taken back are found again; by their meaning once
    they have been embedded anew. To be called in the transaction that sets `forgotten_at` or
    takes it back.
    """
    hold(connection, agent_id)
    for at in range(0, len(seqs), PIECE):
        piece = sorted(seqs)[at : at + PIECE]
        forget_vectors(connection, agent_id, t.message.c.seq.in_(piece))
        _index_anew(connection, agent_id, piece)


def start_over(connection: Connection, *, now: Micros) -> None:
    """Let `reindex` begin with the first agent, whatever version its messages are of."""
    _keep(connection, _Progress(0), now)


def is_current(connection: Connection) -> bool:
    """Whether nothing is left for `reindex`."""
    return _progress(connection) == _Progress(TERMS_VERSION)


def reindex(connection: Connection, *, now: Micros) -> bool:
    """Index a piece of what an older version of the terms has indexed. True: nothing is left."""
    progress = _progress(connection)
    if progress == _Progress(TERMS_VERSION):
        return True
    if progress.version != TERMS_VERSION:
        progress = _Progress(TERMS_VERSION, _agent_after(connection, None))
    if progress.agent is not None:
        last = _piece(connection, progress.agent, progress.seq)
        after = _agent_after(connection, progress.agent) if last is None else progress.agent
        progress = _Progress(TERMS_VERSION, after, last or 0)
    _keep(connection, progress, now)
    return progress.agent is None


def _progress(connection: Connection) -> _Progress:
    found = read_state(connection, _ADAPTER, _KEY)
    if found is None:
        return _Progress(0)
    return _Progress(*json.loads(found))


def _keep(connection: Connection, progress: _Progress, now: Micros) -> None:
    value = json.dumps([progress.version, progress.agent, progress.seq])
    write_state(connection, _ADAPTER, _KEY, value, now)


def _agent_after(connection: Connection, agent_id: AgentId | None) -> AgentId | None:
    lease = t.agent_lease
    query = sa.select(lease.c.agent_id).order_by(lease.c.agent_id).limit(1)
    if agent_id is not None:
        query = query.where(lease.c.agent_id > agent_id)
    return connection.execute(query).scalar()


def _piece(connection: Connection, agent_id: AgentId, after: int) -> int | None:
    """Index the next messages of an agent. Returns the last one's number; None: nothing is left,
    since whatever is said meanwhile is indexed as it should be.
    """
    hold(connection, agent_id)
    message = t.message
    numbers = (
        sa.select(message.c.seq)
        .where(message.c.agent_id == agent_id, message.c.seq > after, message.c.place.is_not(None))
        .order_by(message.c.seq)
        .limit(PIECE)
    )
    seqs = list(connection.execute(numbers).scalars())
    _index_anew(connection, agent_id, seqs)
    return int(seqs[-1]) if len(seqs) == PIECE else None


def _index_anew(connection: Connection, agent_id: AgentId, seqs: Sequence[int]) -> None:
    """Take the postings of these messages away, and make those that aren't forgotten theirs."""
    message = t.message
    part = message.c.seq.in_(seqs)
    unindex(connection, agent_id, part)
    rows = connection.execute(
        sa.select(message.c.place, *message_columns())
        .where(
            message.c.agent_id == agent_id,
            message.c.forgotten_at.is_(None),
            message.c.place.is_not(None),
            part,
        )
        .order_by(message.c.seq)
    ).all()
    said: dict[int, Said | None] = {}
    made: list[tuple[int, Placed]] = []
    postings: list[Row] = []
    for row in rows:
        place, each = row[0], read_message(row[1:])
        before = range(place - BEFORE, place)
        if unread := [at for at in before if at not in said]:
            said.update(dict.fromkeys(unread))
            said.update(_said_at(connection, agent_id, unread))
        near = [known for at in before if (known := said[at]) is not None]
        indexer = Indexer(agent_id, each.thread, near)
        placed, found = indexer.put(place, drafted(each))
        said[place] = indexer.last
        made.append((each.seq, placed))
        postings += found
    _store(connection, agent_id, made, postings)


def _said_at(
    connection: Connection, agent_id: AgentId, places: Sequence[int]
) -> Mapping[int, Said]:
    """What stands at these places and isn't forgotten."""
    message = t.message
    rows = connection.execute(
        sa.select(
            message.c.created_at,
            message.c.place,
            message.c.words,
            message.c.language,
            message.c.meta,
        ).where(
            message.c.agent_id == agent_id,
            message.c.place.in_(places),
            message.c.forgotten_at.is_(None),
        )
    )
    return {
        at: Said(created_at, at, words, language, None if meta is None else meta.zone)
        for created_at, at, words, language, meta in rows
    }


def _store(
    connection: Connection,
    agent_id: AgentId,
    made: Sequence[tuple[int, Placed]],
    postings: Sequence[Row],
) -> None:
    message, lease = t.message, t.agent_lease
    if not made:
        return
    connection.execute(
        sa.update(message)
        .where(message.c.agent_id == sa.bindparam("whose"), message.c.seq == sa.bindparam("number"))
        .values(words=sa.bindparam("found_by"), language=sa.bindparam("written_in")),
        [
            {
                "whose": agent_id,
                "number": seq,
                "found_by": placed.words,
                "written_in": placed.language,
            }
            for seq, placed in made
        ],
    )
    if postings:
        connection.execute(sa.insert(t.term), postings)
    connection.execute(
        sa.update(lease)
        .where(lease.c.agent_id == agent_id)
        .values(
            indexed_messages=lease.c.indexed_messages + sum(1 for _, each in made if each.words),
            indexed_words=lease.c.indexed_words + sum(each.words for _, each in made),
        )
    )
