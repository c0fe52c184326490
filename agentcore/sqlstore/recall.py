"""Postings and search over them: BM25 from the agent's own counts, so that what others store
never moves a result. Only messages that aren't forgotten, only threads of the same audience.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from agentcore.memory.terms import query_terms, terms_of
from agentcore.records import AgentId, Message, NewMessage, Role, SearchHit
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.messages import audible_threads, message_columns, read_message
from agentcore.store import SearchQuery

K1 = 0.9
B = 0.4
SEARCHABLE = frozenset({Role.USER, Role.ASSISTANT})


@dataclass(frozen=True, slots=True)
class Postings:
    """Rows for the `term` table, and how many messages and words they index."""

    rows: tuple[Mapping[str, object], ...]
    messages: int
    words: int


def postings_of(agent_id: AgentId, numbered: Iterable[tuple[int, NewMessage]]) -> Postings:
    """What makes these messages findable."""
    rows: list[Mapping[str, object]] = []
    messages = words = 0
    for seq, message in numbered:
        counts = terms_of(message.text) if message.role in SEARCHABLE else {}
        if not counts:
            continue
        length = sum(counts.values())
        messages += 1
        words += length
        rows.extend(
            {
                "agent_id": agent_id,
                "term": term,
                "seq": seq,
                "tf_text": min(count, 32_767),
                "tf_context": 0,
                "length": length,
            }
            for term, count in counts.items()
        )
    return Postings(tuple(rows), messages, words)


def search(
    connection: Connection, agent_id: AgentId, query: SearchQuery, thread: int | None
) -> tuple[SearchHit, ...]:
    """See `AgentStore.search`."""
    if query.limit < 1:
        return ()
    if query.text.strip():
        scores = _scores(connection, agent_id, query, thread)
        best = sorted(scores, key=lambda seq: (-scores[seq], -seq))[: query.limit]
    else:
        best = _by_date(connection, agent_id, query, thread)
        scores = dict.fromkeys(best, 0.0)
    around = _with_neighbours(connection, agent_id, best)
    hits = []
    for seq in best:
        before, message, after = around[seq]
        hits.append(SearchHit(message, scores[seq], before, after))
    return tuple(hits)


def _visible(
    agent_id: AgentId, query: SearchQuery, thread: int | None
) -> list[sa.ColumnElement[bool]]:
    """Conditions on `message`: this agent's, unforgotten, of the wanted roles, dates, audience."""
    message = t.message
    conditions = [
        message.c.agent_id == agent_id,
        message.c.forgotten_at.is_(None),
        message.c.role.in_(sorted(query.roles & SEARCHABLE)),
        message.c.thread.in_(audible_threads(agent_id, thread)),
    ]
    if query.since is not None:
        conditions.append(message.c.created_at >= query.since)
    if query.until is not None:
        conditions.append(message.c.created_at <= query.until)
    if query.before is not None:
        conditions.append(message.c.seq < query.before)
    return conditions


def _scores(
    connection: Connection, agent_id: AgentId, query: SearchQuery, thread: int | None
) -> Mapping[int, float]:
    terms = query_terms(query.text)
    if not terms:
        return {}
    counted = connection.execute(
        sa.select(t.agent_lease.c.indexed_messages, t.agent_lease.c.indexed_words).where(
            t.agent_lease.c.agent_id == agent_id
        )
    ).one_or_none()
    total, words = counted or (0, 0)
    if not total:
        return {}
    # An outer join, so that every planner begins with the postings and not with all messages.
    shown = sa.and_(
        t.message.c.agent_id == t.term.c.agent_id,
        t.message.c.seq == t.term.c.seq,
        *_visible(agent_id, query, thread),
    )
    postings = connection.execute(
        sa.select(
            t.term.c.term, t.term.c.seq, t.term.c.tf_text, t.term.c.length, t.message.c.thread
        )
        .select_from(t.term.outerjoin(t.message, shown))
        .where(t.term.c.agent_id == agent_id, t.term.c.term.in_(terms))
    )
    rows = [row for row in postings if row.thread is not None]
    frequency: defaultdict[str, int] = defaultdict(int)
    for row in rows:
        frequency[row.term] += 1
    average = words / total
    scores: defaultdict[int, float] = defaultdict(float)
    for row in rows:
        rarity = math.log(1 + (total - frequency[row.term] + 0.5) / (frequency[row.term] + 0.5))
        damped = row.tf_text + K1 * (1 - B + B * row.length / average)
        scores[row.seq] += rarity * row.tf_text * (K1 + 1) / damped
    return scores


def _by_date(
    connection: Connection, agent_id: AgentId, query: SearchQuery, thread: int | None
) -> list[int]:
    """The newest messages that the filters let through."""
    return list(
        connection.execute(
            sa.select(t.message.c.seq)
            .where(*_visible(agent_id, query, thread))
            .order_by(t.message.c.seq.desc())
            .limit(query.limit)
        ).scalars()
    )


Surroundings = tuple[tuple[Message, ...], Message, tuple[Message, ...]]


def _with_neighbours(
    connection: Connection, agent_id: AgentId, seqs: Sequence[int]
) -> Mapping[int, Surroundings]:
    """Each message with the one before and the one after it in its thread."""
    if not seqs:
        return {}
    near = sorted({near for seq in seqs for near in range(seq - 3, seq + 4)})
    rows = connection.execute(
        sa.select(*message_columns())
        .where(
            t.message.c.agent_id == agent_id,
            t.message.c.seq.in_(near),
            t.message.c.role.in_(sorted(SEARCHABLE)),
            t.message.c.forgotten_at.is_(None),
        )
        .order_by(t.message.c.seq)
    )
    found = [read_message(row) for row in rows]
    around = {}
    for seq in seqs:
        hit = next(message for message in found if message.seq == seq)
        thread = [message for message in found if message.thread == hit.thread and message.text]
        before = tuple(m for m in thread if seq - 3 <= m.seq < seq)[-1:]
        after = tuple(m for m in thread if seq < m.seq <= seq + 3)[:1]
        around[seq] = (before, hit, after)
    return around
