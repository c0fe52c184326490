"""Passages and the search in them. Their words are counted when somebody searches: an archive is
small beside a history, and so nothing but the rows themselves has to be erased.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from string import ascii_lowercase

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from agentcore.clock import Clock, Micros
from agentcore.memory.ranking import Posting, best_first, mixed, scored
from agentcore.memory.terms import query_terms, terms_of
from agentcore.records import (
    AgentId,
    Origin,
    Passage,
    PassageDraft,
    PassageHit,
    PassageId,
    PassageQuery,
    new_passage_id,
)
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.absorbed import lives
from agentcore.sqlstore.blocks import Cause, among_themselves
from agentcore.sqlstore.database import AnyRow, Database
from agentcore.sqlstore.heads import no_agent
from agentcore.sqlstore.holding import hold
from agentcore.sqlstore.meanings import QueryMeanings
from agentcore.sqlstore.messages import audible_threads
from agentcore.sqlstore.types import is_public_id
from agentcore.sqlstore.vectors import Meant, like_passages

APART = 24
"""Passages are no conversation: as places they lie so many bits apart that none is beside another."""


class SqlArchive:
    """`Archive`: every query is bound to `agent_id`."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        agent_id: AgentId,
        audit: Callable[[str], Awaitable[None]],
        meanings: QueryMeanings,
    ) -> None:
        self._database = database
        self._clock = clock
        self._agent_id = agent_id
        self._audit = audit
        self._meanings = meanings

    async def add(self, draft: PassageDraft) -> Passage:
        (added,) = await self._database.write(
            partial(
                _add_outside_of_turns,
                agent_id=self._agent_id,
                drafts=[draft],
                now=self._clock.now(),
            )
        )
        return added

    async def search(
        self, query: PassageQuery, *, thread: int | None = None
    ) -> Sequence[PassageHit]:
        await self._audit("search archive")
        meant = await self._meanings.of(query.text, self._agent_id)
        return await self._database.read(
            partial(search, agent_id=self._agent_id, query=query, thread=thread, meant=meant)
        )

    async def passages(
        self, *, limit: int = 50, before: Passage | None = None
    ) -> Sequence[Passage]:
        await self._audit("read archive")
        return await self._database.read(
            partial(read_passages, agent_id=self._agent_id, limit=limit, before=before)
        )

    async def delete(self, passage_id: PassageId) -> bool:
        if not is_public_id(passage_id, "passage"):
            return False
        return await self._database.write(
            partial(delete, agent_id=self._agent_id, passage_id=passage_id)
        )


def _add_outside_of_turns(
    connection: Connection, agent_id: AgentId, drafts: Sequence[PassageDraft], now: Micros
) -> Sequence[Passage]:
    """As `add_passages`, for an agent whose lease isn't held."""
    hold(connection, agent_id)
    known = sa.select(t.agent_lease.c.agent_id).where(t.agent_lease.c.agent_id == agent_id)
    if connection.execute(known).scalar() is None:
        raise no_agent(agent_id)
    return add_passages(connection, drafts, Cause(agent_id, None, None, None), now)


def add_passages(
    connection: Connection,
    drafts: Sequence[PassageDraft],
    cause: Cause,
    now: Micros,
) -> Sequence[Passage]:
    """Keep passages. The agent's lease is held, so that nobody else takes the same numbers."""
    passage, agent_id = t.passage, cause.agent_id
    last = connection.execute(
        sa.select(sa.func.max(passage.c.seq)).where(passage.c.agent_id == agent_id)
    ).scalar()
    added = [
        Passage(
            agent_id,
            seq,
            new_passage_id(),
            each.text,
            each.tags,
            each.origin,
            now,
            cause.author,
            cause.message,
        )
        for seq, each in enumerate(drafts, start=(last or 0) + 1)
    ]
    connection.execute(
        sa.insert(passage),
        [
            {
                "agent_id": agent_id,
                "seq": each.seq,
                "passage_id": each.passage_id,
                "text": each.text,
                "tags": list(each.tags),
                "origin": each.origin,
                "author_id": each.author,
                "message": each.message,
                "created_at": each.created_at,
            }
            for each in added
        ],
    )
    return added


_NAME = re.compile(r"(\d{1,9})([a-z]*)", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class SqlGateArchive:
    """`GateArchive` over the accept transaction's connection. `lives` are the agent's, itself first."""

    connection: Connection
    lives: tuple[AgentId, ...]
    thread: int

    def count(self) -> int:
        return sum(
            self.connection.execute(
                sa.select(sa.func.count()).select_from(self._of(life).subquery())
            ).scalar_one()
            for life in self.lives
        )

    def newest(self, *, limit: int) -> Sequence[Passage]:
        return _newest(self.connection, self.lives, limit=limit, thread=self.thread)

    def name(self, passage: Passage) -> str:
        return f"{passage.seq}{_letters(self.lives.index(passage.agent_id))}"

    def passage(self, name: str) -> Passage | None:
        if (match := _NAME.fullmatch(name)) is None:
            return None
        for number, life in enumerate(self.lives):
            if match[2].casefold() == _letters(number):
                query = self._of(life).where(t.passage.c.seq == int(match[1]))
                row = self.connection.execute(query).one_or_none()
                return None if row is None else _passage(row)
        return None

    def about(self, words: str, *, limit: int) -> Sequence[Passage]:
        query = PassageQuery(words, limit=limit)
        hits = search(self.connection, self.lives[0], query, self.thread)
        return [hit.passage for hit in hits]

    def _of(self, life: AgentId) -> sa.Select[tuple[object, ...]]:
        return _audible(_kept(life), life, self.lives[0], self.thread)


def _letters(life: int) -> str:
    """What stands behind the numbers of the n-th life: nothing, then b, c and so on."""
    if not life:
        return ""
    return "z" * (life // len(ascii_lowercase)) + ascii_lowercase[life % len(ascii_lowercase)]


def read_passages(
    connection: Connection, agent_id: AgentId, *, limit: int, before: Passage | None
) -> tuple[Passage, ...]:
    """See `Archive.passages`."""
    return _newest(connection, lives(connection, agent_id), limit=limit, before=before)


def _newest(
    connection: Connection,
    lived: Sequence[AgentId],
    *,
    limit: int,
    before: Passage | None = None,
    thread: int | None = None,
) -> tuple[Passage, ...]:
    """Of all lives, the newest first; only what may be heard in `thread` (None: all)."""
    found: list[Passage] = []
    for life in lived:
        query = _audible(_kept(life), life, lived[0], thread)
        query = query.order_by(t.passage.c.seq.desc()).limit(limit)
        if before is not None:
            query = query.where(_older(life, before, lived))
        found += map(_passage, connection.execute(query))
    return tuple(sorted(found, key=lambda each: _age(each, lived), reverse=True)[:limit])


def _age(passage: Passage, lived: Sequence[AgentId]) -> tuple[Micros, int, int]:
    """In which order passages came to be, whoever kept them."""
    return passage.created_at, -lived.index(passage.agent_id), passage.seq


def _older(life: AgentId, before: Passage, lived: Sequence[AgentId]) -> sa.ColumnElement[bool]:
    passage = t.passage
    if life == before.agent_id:
        return passage.c.seq < before.seq
    if before.agent_id in lived and lived.index(life) > lived.index(before.agent_id):
        return passage.c.created_at <= before.created_at
    return passage.c.created_at < before.created_at


def read_audible(
    connection: Connection, agent_id: AgentId, passage_id: PassageId, *, thread: int
) -> Passage | None:
    """A passage that may be heard in a thread."""
    if not is_public_id(passage_id, "passage"):
        return None
    for life in lives(connection, agent_id):
        query = _kept(life).where(t.passage.c.passage_id == passage_id)
        row = connection.execute(_audible(query, life, agent_id, thread)).one_or_none()
        if row is not None:
            return _passage(row)
    return None


def delete(connection: Connection, agent_id: AgentId, passage_id: PassageId) -> bool:
    """See `Archive.delete`."""
    passage = t.passage
    mine = sa.and_(
        passage.c.agent_id.in_(lives(connection, agent_id)), passage.c.passage_id == passage_id
    )
    return connection.execute(sa.delete(passage).where(mine)).rowcount > 0


def search(
    connection: Connection,
    agent_id: AgentId,
    query: PassageQuery,
    thread: int | None,
    meant: Meant | None = None,
) -> tuple[PassageHit, ...]:
    """See `Archive.search`. `meant`: what the query means to the embedding model."""
    if query.limit < 1:
        return ()
    lived = lives(connection, agent_id)
    rows = (
        row
        for life in lived
        for row in connection.execute(_audible(_kept(life), life, agent_id, thread))
    )
    # From here on each has the number of its place in time: whoever kept it has others of its own.
    by_age = sorted(map(_passage, rows), key=lambda each: _age(each, lived))
    kept = dict(enumerate(by_age, start=1))
    if query.text.strip():
        scores = _scores(query.text, kept)
        alike = _alike(connection, lived, kept, meant) if meant else {}
        if alike:
            scores = mixed(scores, alike, len(alike))
    else:
        scores = dict.fromkeys(kept, 0.0)
    found = (number for number in best_first(scores) if _is_wanted(kept[number], query))
    return tuple(PassageHit(kept[each], scores[each]) for each in islice(found, query.limit))


def _alike(
    connection: Connection, lived: Sequence[AgentId], kept: Mapping[int, Passage], meant: Meant
) -> Mapping[int, float]:
    """How alike each of these passages is to a query."""
    likes = {
        (life, seq): like
        for life in lived
        for seq, like in like_passages(connection, life, meant).items()
    }
    ids = {number: (each.agent_id, each.seq) for number, each in kept.items()}
    return {number: likes[key] for number, key in ids.items() if key in likes}


def _scores(text: str, passages: Mapping[int, Passage]) -> dict[int, float]:
    """BM25 from the counts of these passages alone."""
    counts = {
        number: terms_of(f"{each.text} {' '.join(each.tags)}") for number, each in passages.items()
    }
    lengths = {number: found.total() for number, found in counts.items()}
    holding: defaultdict[str, list[int]] = defaultdict(list)
    for number, found in counts.items():
        for term in found:
            holding[term].append(number)

    def postings(forms: Sequence[str]) -> Iterator[Posting]:
        for form in forms:
            for number in holding.get(form, ()):
                # A passage has nothing before it that would make it longer.
                yield number << APART, 0, counts[number][form], 3 * lengths[number]

    if not passages or not sum(lengths.values()):
        return {}
    average = sum(lengths.values()) / len(passages)
    words = [list(postings(forms)) for forms in query_terms(text)]
    found_at = scored(words, len(passages), average)
    return {place >> APART: score for place, score in found_at.items()}


def _is_wanted(passage: Passage, query: PassageQuery) -> bool:
    since_then = query.since is None or passage.created_at >= query.since
    until_then = query.until is None or passage.created_at <= query.until
    tags = query.tags & set(passage.tags)
    tagged = tags == query.tags if query.match == "all" else bool(tags or not query.tags)
    return since_then and until_then and tagged


def _kept(agent_id: AgentId) -> sa.Select[tuple[object, ...]]:
    passage = t.passage
    return sa.select(passage).where(
        passage.c.agent_id == agent_id, passage.c.forgotten_at.is_(None)
    )


def _audible(
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


def _passage(row: AnyRow) -> Passage:
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
