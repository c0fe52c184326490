"""Search in what was said: the agent's own postings and vectors, so that what others store never moves a
result. Only messages that aren't forgotten, only threads of the same audience.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from agentcore.memory.moments import asks_time
from agentcore.memory.ranking import Hints, Posting, best_first, mixed, rescored, scored
from agentcore.memory.terms import TIME_MARK, folded, query_terms
from agentcore.records import AgentId, Message, SearchHit
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.messages import audible_threads, message_columns, read_message
from agentcore.sqlstore.postings import SEARCHABLE
from agentcore.sqlstore.vectors import Meant, like_messages
from agentcore.store import SearchQuery

BEST = 400
"""Hits that are looked at again after the first scoring."""
_AT_ONCE = BEST + BEST // 2  # some places of a context are behind a session's last message

# Statements are built once: that takes longer than to carry them out.
_MINE = sa.bindparam("mine", type_=t.term.c.agent_id.type)
_HERE = sa.bindparam("here", type_=sa.BigInteger)


def search(
    connection: Connection,
    agent_id: AgentId,
    query: SearchQuery,
    thread: int | None,
    meant: Meant | None = None,
) -> tuple[SearchHit, ...]:
    """See `AgentStore.search`. `meant`: what the query means to the embedding model."""
    if query.limit < 1 or not query.roles & SEARCHABLE:
        return ()
    if query.text.strip():
        scores = _ranked(connection, agent_id, query, thread, meant)
    else:
        scores = dict.fromkeys(_by_date(connection, agent_id, query, thread), 0.0)
    around = _near(connection, agent_id, list(scores))
    return tuple(
        SearchHit(
            message=around[place],
            score=score,
            before=(around[place - 1],) if place - 1 in around else (),
            after=(around[place + 1],) if place + 1 in around else (),
        )
        for place, score in scores.items()
    )


def _ranked(
    connection: Connection,
    agent_id: AgentId,
    query: SearchQuery,
    thread: int | None,
    meant: Meant | None,
) -> Mapping[int, float]:
    """The best places with their scores, best first."""
    wanted = query_terms(query.text)
    counted = connection.execute(_counts(), {"mine": agent_id}).one_or_none()
    if not (wanted or meant) or counted is None or not counted.indexed_messages:
        return {}
    found = _postings(connection, agent_id, wanted, thread)
    average = counted.indexed_words / counted.indexed_messages
    scores: Mapping[int, float] = scored(found.words, counted.indexed_messages, average)
    if meant and (alike := like_messages(connection, agent_id, meant, thread)):
        scores = mixed(scores, alike, len(alike) if _narrows(query) else BEST)
    left = _allowed(connection, agent_id, query, thread, best_first(scores))
    hints = Hints(
        by_the_named=_of_the_named(left, found.names),
        telling_time=_telling_time(connection, agent_id, query, list(left)),
    )
    final = rescored({place: scores[place] for place in left}, hints)
    newer_first = sorted(final, key=lambda place: (-final[place], -left[place].seq))
    return {place: final[place] for place in newer_first[: query.limit]}


def _narrows(query: SearchQuery) -> bool:
    """Whether it asks for a part of what was said, which the most alike may all be out of."""
    return any(_filters(query, None)) or not query.roles >= SEARCHABLE


@cache
def _counts() -> sa.Select[Any]:
    lease = t.agent_lease
    return sa.select(lease.c.indexed_messages, lease.c.indexed_words).where(
        lease.c.agent_id == _MINE
    )


@dataclass(frozen=True, slots=True)
class _Found:
    """For each word of a query its postings; and the places at which one is the speaker's name."""

    words: Sequence[Sequence[Posting]]
    names: frozenset[int]


def _postings(
    connection: Connection, agent_id: AgentId, wanted: Sequence[Sequence[str]], thread: int | None
) -> _Found:
    meant: defaultdict[str, list[int]] = defaultdict(list)
    for number, forms in enumerate(wanted):
        for form in forms:
            meant[form].append(number)
    given = {"mine": agent_id, "here": thread, "terms": list(meant)}
    rows = connection.execute(_postings_query(everywhere=thread is None), given)
    words: list[list[Posting]] = [[] for _ in wanted]
    names = set()
    for found, place, in_text, in_name, in_date, length in rows:
        for number in meant[found]:
            words[number].append((place, in_text, in_name + in_date, length))
        if in_name:
            names.add(place)
    return _Found(words, frozenset(names))


@cache
def _postings_query(*, everywhere: bool) -> sa.Select[Any]:
    term, message = t.term, t.message
    # A mark takes effect at once, also before its postings are gone; they are next to none.
    marked = sa.select(message.c.place).where(
        message.c.agent_id == _MINE, message.c.forgotten_at.is_not(None), message.c.words > 0
    )
    return sa.select(
        term.c.term, term.c.place, term.c.tf_text, term.c.tf_name, term.c.tf_date, term.c.length
    ).where(
        term.c.agent_id == _MINE,
        term.c.term.in_(sa.bindparam("terms", expanding=True)),
        term.c.thread.in_(audible_threads(_MINE, None if everywhere else _HERE)),
        term.c.place.not_in(marked),
    )


@dataclass(frozen=True, slots=True)
class _Candidate:
    seq: int
    author: object


def _allowed(
    connection: Connection,
    agent_id: AgentId,
    query: SearchQuery,
    thread: int | None,
    places: Sequence[int],
) -> Mapping[int, _Candidate]:
    """The best of these places at which there is a message that the query may find."""
    statement, given = _allowed_query(*_filters(query, thread)), _values(agent_id, query, thread)
    left: dict[int, _Candidate] = {}
    for part in _parts(places, _AT_ONCE):
        rows = connection.execute(statement, {**given, "places": part})
        found = {place: _Candidate(seq, who) for place, seq, who in rows}
        left |= {place: found[place] for place in part if place in found}
        if len(left) >= BEST:
            break
    return {place: left[place] for place in list(left)[:BEST]}


def _parts(places: Sequence[int], size: int) -> Iterator[Sequence[int]]:
    return (places[at : at + size] for at in range(0, len(places), size))


@cache
def _allowed_query(*filters: bool) -> sa.Select[Any]:
    message = t.message
    author = sa.type_coerce(message.c.author_id, sa.types.NullType())  # only to be compared
    return sa.select(message.c.place, message.c.seq, author).where(
        *_visible(*filters), message.c.place.in_(sa.bindparam("places", expanding=True))
    )


def _filters(query: SearchQuery, thread: int | None) -> tuple[bool, bool, bool, bool]:
    """Which conditions a query has: thread, since, until, before."""
    asked = (thread, query.since, query.until, query.before)
    return tuple(each is not None for each in asked)  # type: ignore[return-value]


def _values(agent_id: AgentId, query: SearchQuery, thread: int | None) -> dict[str, Any]:
    return {
        "mine": agent_id,
        "here": thread,
        "roles": sorted(query.roles & SEARCHABLE),
        "since": query.since,
        "until": query.until,
        "before": query.before,
    }


def _visible(*filters: bool) -> list[sa.ColumnElement[bool]]:
    """Conditions on `message`: this agent's, unforgotten, of the wanted roles, dates, audience."""
    message = t.message
    in_thread, *others = filters
    conditions = (
        message.c.created_at >= sa.bindparam("since", type_=sa.BigInteger),
        message.c.created_at <= sa.bindparam("until", type_=sa.BigInteger),
        message.c.seq < sa.bindparam("before", type_=sa.BigInteger),
    )
    return [
        message.c.agent_id == _MINE,
        message.c.forgotten_at.is_(None),
        message.c.role.in_(sa.bindparam("roles", expanding=True)),
        message.c.thread.in_(audible_threads(_MINE, _HERE if in_thread else None)),
        *(condition for condition, given in zip(conditions, others, strict=True) if given),
    ]


def _of_the_named(left: Mapping[int, _Candidate], names: frozenset[int]) -> frozenset[int]:
    """What the speaker said whom the query names, if it names exactly one."""
    named = {left[place].author for place in names if place in left}
    if len(named) != 1:
        return frozenset()
    return frozenset(place for place, found in left.items() if found.author in named)


def _telling_time(
    connection: Connection, agent_id: AgentId, query: SearchQuery, places: Sequence[int]
) -> frozenset[int]:
    if not asks_time(folded(query.text)):
        return frozenset()
    given = {"mine": agent_id, "places": places}
    return frozenset(connection.execute(_timed_query(), given).scalars())


@cache
def _timed_query() -> sa.Select[Any]:
    term = t.term
    return sa.select(term.c.place).where(
        term.c.agent_id == _MINE,
        term.c.term == TIME_MARK,
        term.c.place.in_(sa.bindparam("places", expanding=True)),
    )


def _by_date(
    connection: Connection, agent_id: AgentId, query: SearchQuery, thread: int | None
) -> list[int]:
    """The newest messages that the filters let through."""
    newest = (
        sa.select(t.message.c.place)
        .where(*_visible(*_filters(query, thread)), t.message.c.place.is_not(None))
        .order_by(t.message.c.seq.desc())
        .limit(query.limit)
    )
    return list(connection.execute(newest, _values(agent_id, query, thread)).scalars())


def _near(
    connection: Connection, agent_id: AgentId, places: Sequence[int]
) -> Mapping[int, Message]:
    """The messages at these places and beside them, as far as they aren't forgotten."""
    if not places:
        return {}
    near = sorted({near for place in places for near in (place - 1, place, place + 1)})
    rows = connection.execute(_near_query(), {"mine": agent_id, "places": near})
    return {row[0]: read_message(row[1:]) for row in rows}


@cache
def _near_query() -> sa.Select[Any]:
    return sa.select(t.message.c.place, *message_columns()).where(
        t.message.c.agent_id == _MINE,
        t.message.c.place.in_(sa.bindparam("places", expanding=True)),
        t.message.c.forgotten_at.is_(None),
    )
