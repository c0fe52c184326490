"""Search in what was said: the agent's own postings and vectors, and those of what it has absorbed, so
that what others store never moves a result. Only messages that aren't forgotten, only threads of the
same audience.

Of several lives one ranking is made: a place of the n-th is its number with n in front of it, so that
no session of one is another's.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from agentcore.clock import Micros
from agentcore.memory.moments import asks_time
from agentcore.memory.ranking import Hints, Posting, best_first, mixed, rescored, scored
from agentcore.memory.terms import TIME_MARK, folded, query_terms
from agentcore.records import AgentId, Message, SearchHit
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.content.messages import audible_threads, message_columns, read_message
from agentcore.sqlstore.people.absorbed import lives
from agentcore.sqlstore.recall.postings import SEARCHABLE
from agentcore.sqlstore.recall.vectors import Meant, like_messages
from agentcore.store import SearchQuery

BEST = 400
"""Hits that are looked at again after the first scoring."""
_AT_ONCE = BEST + BEST // 2  # some places of a context are behind a session's last message
_LIFE_BITS = 64

# Statements are built once: that takes longer than to carry them out.
_MINE = sa.bindparam("mine", type_=t.term.c.agent_id.type)
_ASKS = sa.bindparam("asks", type_=t.term.c.agent_id.type)
_HERE = sa.bindparam("here", type_=sa.BigInteger)


@dataclass(frozen=True, slots=True)
class _Search:
    """One search: what is looked for, in which histories, and in which of the first one's threads
    it will be heard.
    """

    connection: Connection
    lives: tuple[AgentId, ...]
    query: SearchQuery
    thread: int | None

    def given(self, life: int, **more: object) -> dict[str, Any]:
        """What statements are told of one of the lives."""
        return {"mine": self.lives[life], "asks": self.lives[0], "here": self.thread, **more}

    def of(self, life: int) -> SearchQuery:
        """What of the query counts there: only the asking agent's own numbers are in view."""
        return replace(self.query, before=None) if life else self.query


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
    asked = _Search(connection, tuple(lives(connection, agent_id)), query, thread)
    with_words = bool(query.text.strip())
    scores = _ranked(asked, meant) if with_words else dict.fromkeys(_by_date(asked), 0.0)
    around = _near(asked, list(scores))
    return tuple(
        SearchHit(
            agent_id=asked.lives[_life_of(place)],
            message=around[place],
            score=score,
            before=(around[place - 1],) if place - 1 in around else (),
            after=(around[place + 1],) if place + 1 in around else (),
        )
        for place, score in scores.items()
    )


def _at(life: int, place: int) -> int:
    """A place of one of the lives, as a place of all."""
    return life << _LIFE_BITS | place


def _life_of(place: int) -> int:
    return place >> _LIFE_BITS


def _by_life(places: Collection[int]) -> Mapping[int, list[int]]:
    """These places as each life knows them."""
    found: defaultdict[int, list[int]] = defaultdict(list)
    for place in places:
        found[_life_of(place)].append(place & (1 << _LIFE_BITS) - 1)
    return found


def _ranked(asked: _Search, meant: Meant | None) -> Mapping[int, float]:
    """The best places with their scores, best first."""
    wanted = query_terms(asked.query.text)
    messages, words = _counted(asked)
    if not (wanted or meant) or not messages:
        return {}
    found = _postings(asked, wanted)
    scores: Mapping[int, float] = scored(found.words, messages, words / messages)
    if meant and (alike := _alike(asked, meant)):
        scores = mixed(scores, alike, len(alike) if _narrows(asked.query) else BEST)
    left = _allowed(asked, best_first(scores))
    hints = Hints(
        by_the_named=_of_the_named(left, found.names),
        telling_time=_telling_time(asked, left),
    )
    final = rescored({place: scores[place] for place in left}, hints)
    newer_first = sorted(final, key=lambda place: (-final[place], *left[place].newest_first))
    return {place: final[place] for place in newer_first[: asked.query.limit]}


def _alike(asked: _Search, meant: Meant) -> Mapping[int, float]:
    """How alike what was said at each place is to the query."""
    of_each = [
        like_messages(asked.connection, life, meant, asked.thread, heard_by=asked.lives[0])
        for life in asked.lives
    ]
    if len(of_each) == 1:
        return of_each[0]
    return {
        _at(life, place): like
        for life, found in enumerate(of_each)
        for place, like in found.items()
    }


def _narrows(query: SearchQuery) -> bool:
    """Whether it asks for a part of what was said, which the most alike may all be out of."""
    return any(_filters(query, None)) or not query.roles >= SEARCHABLE


def _counted(asked: _Search) -> tuple[int, int]:
    """How many messages are indexed, and of how many words."""
    rows = asked.connection.execute(_counts(), {"lives": asked.lives}).all()
    return sum(row[0] for row in rows), sum(row[1] for row in rows)


@cache
def _counts() -> sa.Select[Any]:
    lease = t.agent_lease
    return sa.select(lease.c.indexed_messages, lease.c.indexed_words).where(
        lease.c.agent_id.in_(sa.bindparam("lives", type_=lease.c.agent_id.type, expanding=True))
    )


@dataclass(frozen=True, slots=True)
class _Found:
    """For each word of a query its postings; and the places at which one is the speaker's name."""

    words: Sequence[Sequence[Posting]]
    names: frozenset[int]


def _postings(asked: _Search, wanted: Sequence[Sequence[str]]) -> _Found:
    meant: defaultdict[str, list[int]] = defaultdict(list)
    for number, forms in enumerate(wanted):
        for form in forms:
            meant[form].append(number)
    words: list[list[Posting]] = [[] for _ in wanted]
    names = set()
    for life in range(len(asked.lives)):
        first = _at(life, 0)
        given = asked.given(life, terms=list(meant))
        rows = asked.connection.execute(_postings_query(everywhere=asked.thread is None), given)
        for found, place, in_text, in_name, in_date, length in rows:
            at = first + place  # no call: there are tens of thousands of these
            for number in meant[found]:
                words[number].append((at, in_text, in_name + in_date, length))
            if in_name:
                names.add(at)
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
        term.c.thread.in_(audible_threads(_MINE, None if everywhere else _HERE, heard_by=_ASKS)),
        term.c.place.not_in(marked),
    )


@dataclass(frozen=True, slots=True)
class _Candidate:
    seq: int
    author: object
    created_at: Micros

    @property
    def newest_first(self) -> tuple[int, int]:
        return -self.created_at, -self.seq


def _allowed(asked: _Search, places: Sequence[int]) -> Mapping[int, _Candidate]:
    """The best of these places at which there is a message that the query may find."""
    left: dict[int, _Candidate] = {}
    for part in _parts(places, _AT_ONCE):
        found: dict[int, _Candidate] = {}
        for life, theirs in _by_life(part).items():
            statement = _allowed_query(*_filters(asked.of(life), asked.thread))
            rows = asked.connection.execute(statement, _values(asked, life, places=theirs))
            found |= {_at(life, place): _Candidate(*rest) for place, *rest in rows}
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
    return sa.select(message.c.place, message.c.seq, author, message.c.created_at).where(
        *_visible(*filters), message.c.place.in_(sa.bindparam("places", expanding=True))
    )


def _filters(query: SearchQuery, thread: int | None) -> tuple[bool, bool, bool, bool]:
    """Which conditions a query has: thread, since, until, before."""
    asked = (thread, query.since, query.until, query.before)
    return tuple(each is not None for each in asked)  # type: ignore[return-value]


def _values(asked: _Search, life: int, **more: object) -> dict[str, Any]:
    query = asked.query
    return asked.given(
        life,
        roles=sorted(query.roles & SEARCHABLE),
        since=query.since,
        until=query.until,
        before=query.before,
        **more,
    )


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
        message.c.thread.in_(audible_threads(_MINE, _HERE if in_thread else None, heard_by=_ASKS)),
        *(condition for condition, given in zip(conditions, others, strict=True) if given),
    ]


def _of_the_named(left: Mapping[int, _Candidate], names: frozenset[int]) -> frozenset[int]:
    """What the speaker said whom the query names, if it names exactly one."""
    named = {left[place].author for place in names if place in left}
    if len(named) != 1:
        return frozenset()
    return frozenset(place for place, found in left.items() if found.author in named)


def _telling_time(asked: _Search, places: Collection[int]) -> frozenset[int]:
    if not asks_time(folded(asked.query.text)):
        return frozenset()
    return frozenset(
        _at(life, place)
        for life, theirs in _by_life(places).items()
        for place in asked.connection.execute(
            _timed_query(), asked.given(life, places=theirs)
        ).scalars()
    )


@cache
def _timed_query() -> sa.Select[Any]:
    term = t.term
    return sa.select(term.c.place).where(
        term.c.agent_id == _MINE,
        term.c.term == TIME_MARK,
        term.c.place.in_(sa.bindparam("places", expanding=True)),
    )


def _by_date(asked: _Search) -> list[int]:
    """The newest messages that the filters let through."""
    message = t.message
    found: list[tuple[Micros, int, int]] = []
    for life in range(len(asked.lives)):
        newest = (
            sa.select(message.c.created_at, message.c.seq, message.c.place)
            .where(*_visible(*_filters(asked.of(life), asked.thread)), message.c.place.is_not(None))
            .order_by(message.c.seq.desc())
            .limit(asked.query.limit)
        )
        rows = asked.connection.execute(newest, _values(asked, life))
        found += [(at, seq, _at(life, place)) for at, seq, place in rows]
    return [place for *_, place in sorted(found, reverse=True)[: asked.query.limit]]


def _near(asked: _Search, places: Sequence[int]) -> Mapping[int, Message]:
    """The messages at these places and beside them, as far as they aren't forgotten."""
    near = sorted({near for place in places for near in (place - 1, place, place + 1)})
    return {
        _at(life, row[0]): read_message(row[1:])
        for life, theirs in _by_life(near).items()
        for row in asked.connection.execute(_near_query(), asked.given(life, places=theirs))
    }


@cache
def _near_query() -> sa.Select[Any]:
    return sa.select(t.message.c.place, *message_columns()).where(
        t.message.c.agent_id == _MINE,
        t.message.c.place.in_(sa.bindparam("places", expanding=True)),
        t.message.c.forgotten_at.is_(None),
    )
