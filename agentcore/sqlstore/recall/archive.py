"""Passages and the search in them. Their words are counted when somebody searches: an archive is
small beside a history, and so nothing but the rows themselves has to be erased.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from agentcore.clock import Clock, Micros
from agentcore.errors import NotFound
from agentcore.memory.ranking import Posting, best_first, mixed, scored
from agentcore.memory.terms import query_terms, terms_of
from agentcore.records import (
    FIRST_PASSAGES,
    AgentId,
    Origin,
    Passage,
    PassageDraft,
    PassageHit,
    PassageId,
    PassagePage,
    PassageQuery,
    new_passage_id,
)
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.content.blocks import Cause, among_themselves
from agentcore.sqlstore.content.heads import no_agent
from agentcore.sqlstore.content.messages import audible_threads
from agentcore.sqlstore.engine.database import AnyRow, Database
from agentcore.sqlstore.engine.types import is_public_id
from agentcore.sqlstore.people.absorbed import lives
from agentcore.sqlstore.queues.holding import hold
from agentcore.sqlstore.recall.meanings import QueryMeanings
from agentcore.sqlstore.recall.vectors import Meant, forget_passage_vectors, like_passages

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
        (added,) = await self.add_all([draft])
        return added

    async def add_all(self, drafts: Sequence[PassageDraft]) -> Sequence[Passage]:
        return await self._database.write(
            partial(
                _add_outside_of_turns,
                agent_id=self._agent_id,
                drafts=drafts,
                now=self._clock.now(),
            )
        )

    async def search(
        self, query: PassageQuery, *, thread: int | None = None
    ) -> Sequence[PassageHit]:
        await self._audit("search archive")
        meant = await self._meanings.of(query.text, self._agent_id)
        return await self._database.read(
            partial(search, agent_id=self._agent_id, query=query, thread=thread, meant=meant)
        )

    async def passages(self, page: PassagePage = FIRST_PASSAGES) -> Sequence[Passage]:
        await self._audit("read archive")
        return await self._database.read(partial(read_passages, agent_id=self._agent_id, page=page))

    async def delete(self, passage_id: PassageId) -> bool:
        if not is_public_id(passage_id, "passage"):
            return False
        return await self._database.write(
            partial(delete, agent_id=self._agent_id, passage_id=passage_id, now=self._clock.now())
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
            now if each.created_at is None else each.created_at,
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


def read_passages(
    connection: Connection, agent_id: AgentId, page: PassagePage
) -> tuple[Passage, ...]:
    """See `Archive.passages`."""
    lived = lives(connection, agent_id)
    after, before = (
        None if each is None else _cursor(connection, lived, each)
        for each in (page.after, page.before)
    )
    wanted = _Wanted(
        later=after if page.oldest_first else before,
        earlier=before if page.oldest_first else after,
        # Those next to the cursor, from whichever side it is.
        rising=page.oldest_first is (before is None),
    )
    found = among(connection, lived, wanted, limit=page.limit)
    return found if page.oldest_first is wanted.rising else found[::-1]


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
class _Wanted:
    """Passages later than one and earlier than another. `rising`: the oldest first."""

    later: Passage | None = None
    earlier: Passage | None = None
    rising: bool = False


NEWEST = _Wanted()


def among(
    connection: Connection,
    lived: Sequence[AgentId],
    wanted: _Wanted,
    *,
    limit: int,
    thread: int | None = None,
) -> tuple[Passage, ...]:
    """Of all lives, the first ones; only what may be heard in `thread` (None: all)."""
    found: list[Passage] = []
    for life in lived:
        query = audible(kept(life), life, lived[0], thread).limit(limit)
        columns = (t.passage.c.created_at, t.passage.c.seq)
        query = query.order_by(*(each.asc() if wanted.rising else each.desc() for each in columns))
        if wanted.later is not None:
            query = query.where(sa.not_(_up_to(life, wanted.later, lived)))
        if wanted.earlier is not None:
            up_to = _up_to(life, wanted.earlier, lived)
            query = query.where(up_to, t.passage.c.passage_id != wanted.earlier.passage_id)
        found += map(passage_of, connection.execute(query))
    found.sort(key=lambda each: _age(each, lived), reverse=not wanted.rising)
    return tuple(found[:limit])


def _age(passage: Passage, lived: Sequence[AgentId]) -> tuple[Micros, int, int]:
    """In which order passages came to be, whoever kept them."""
    return passage.created_at, -lived.index(passage.agent_id), passage.seq


def _up_to(life: AgentId, last: Passage, lived: Sequence[AgentId]) -> sa.ColumnElement[bool]:
    """Which of a life's are as old as `last` or older: by `_age`."""
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


def delete(connection: Connection, agent_id: AgentId, passage_id: PassageId, now: Micros) -> bool:
    """See `Archive.delete`."""
    this = sa.and_(t.passage.c.passage_id == passage_id, t.passage.c.forgotten_at.is_(None))
    return any(take_out(connection, life, this, now) for life in lives(connection, agent_id))


def take_out(
    connection: Connection, agent_id: AgentId, passages: sa.ColumnElement[bool], now: Micros
) -> int:
    """Take these passages of an agent (a condition on `passage`) out of its archive, for good.
    Returns how many they were.

    Their rows stay, empty, so that no other passage ever has their numbers: by those they are known
    where somebody is asked whether to forget them, and where one of them is just being embedded.
    """
    hold(connection, agent_id)  # none of them is being embedded
    forget_passage_vectors(connection, agent_id, passages)
    taken = connection.execute(
        sa.update(t.passage)
        .where(t.passage.c.agent_id == agent_id, passages)
        .values(text="", tags=[], author_id=None, message=None, forgotten_at=now)
    )
    return taken.rowcount


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
        for row in connection.execute(audible(kept(life), life, agent_id, thread))
    )
    # From here on each has the number of its place in time: whoever kept it has others of its own.
    by_age = sorted(map(passage_of, rows), key=lambda each: _age(each, lived))
    numbered = dict(enumerate(by_age, start=1))
    if query.text.strip():
        scores = _scores(query.text, numbered)
        alike = _alike(connection, lived, numbered, meant) if meant else {}
        if alike:
            scores = mixed(scores, alike, len(alike))
    else:
        scores = dict.fromkeys(numbered, 0.0)
    found = (number for number in best_first(scores) if _is_wanted(numbered[number], query))
    return tuple(PassageHit(numbered[each], scores[each]) for each in islice(found, query.limit))


def _alike(
    connection: Connection, lived: Sequence[AgentId], numbered: Mapping[int, Passage], meant: Meant
) -> Mapping[int, float]:
    """How alike each of these passages is to a query."""
    likes = {
        (life, seq): like
        for life in lived
        for seq, like in like_passages(connection, life, meant).items()
    }
    ids = {number: (each.agent_id, each.seq) for number, each in numbered.items()}
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
