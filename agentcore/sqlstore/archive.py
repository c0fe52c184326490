"""Passages and the search in them. Their words are counted when somebody searches: an archive is
small beside a history, and so nothing but the rows themselves has to be erased.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

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

    async def passages(self, *, limit: int = 50, before: int | None = None) -> Sequence[Passage]:
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


@dataclass(frozen=True, slots=True)
class SqlGateArchive:
    """`GateArchive` over the accept transaction's connection."""

    connection: Connection
    agent_id: AgentId
    thread: int

    def count(self) -> int:
        found = _audible(_kept(self.agent_id), self.agent_id, self.thread).subquery()
        return int(
            self.connection.execute(sa.select(sa.func.count()).select_from(found)).scalar_one()
        )

    def newest(self, *, limit: int) -> Sequence[Passage]:
        return read_passages(
            self.connection, self.agent_id, limit=limit, before=None, thread=self.thread
        )

    def passage(self, seq: int) -> Passage | None:
        found = read_passages(
            self.connection, self.agent_id, limit=1, before=seq + 1, thread=self.thread
        )
        return found[0] if found and found[0].seq == seq else None

    def about(self, words: str, *, limit: int) -> Sequence[Passage]:
        hits = search(self.connection, self.agent_id, PassageQuery(words, limit=limit), self.thread)
        return [hit.passage for hit in hits]


def read_passages(
    connection: Connection,
    agent_id: AgentId,
    *,
    limit: int,
    before: int | None,
    thread: int | None = None,
) -> tuple[Passage, ...]:
    """See `Archive.passages`. Only what may be heard in `thread` (None: all)."""
    passage = t.passage
    query = _audible(_kept(agent_id), agent_id, thread)
    query = query.order_by(passage.c.seq.desc()).limit(limit)
    if before is not None:
        query = query.where(passage.c.seq < before)
    return tuple(_passage(row) for row in connection.execute(query))


def read_audible(
    connection: Connection, agent_id: AgentId, passage_id: PassageId, *, thread: int
) -> Passage | None:
    """A passage that may be heard in a thread."""
    if not is_public_id(passage_id, "passage"):
        return None
    query = _kept(agent_id).where(t.passage.c.passage_id == passage_id)
    row = connection.execute(_audible(query, agent_id, thread)).one_or_none()
    return None if row is None else _passage(row)


def delete(connection: Connection, agent_id: AgentId, passage_id: PassageId) -> bool:
    """See `Archive.delete`."""
    mine = sa.and_(t.passage.c.agent_id == agent_id, t.passage.c.passage_id == passage_id)
    return connection.execute(sa.delete(t.passage).where(mine)).rowcount > 0


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
    rows = connection.execute(_audible(_kept(agent_id), agent_id, thread))
    kept = {each.seq: each for each in map(_passage, rows)}
    if query.text.strip():
        scores = _scores(query.text, list(kept.values()))
        alike = like_passages(connection, agent_id, meant) if meant else {}
        if alike := {seq: like for seq, like in alike.items() if seq in kept}:
            scores = mixed(scores, alike, len(alike))
    else:
        scores = dict.fromkeys(kept, 0.0)
    found = (kept[seq] for seq in best_first(scores) if seq in kept)
    wanted = [each for each in found if _is_wanted(each, query)][: query.limit]
    return tuple(PassageHit(each, scores[each.seq]) for each in wanted)


def _scores(text: str, passages: Sequence[Passage]) -> dict[int, float]:
    """BM25 from the counts of these passages alone."""
    counts = {each.seq: terms_of(f"{each.text} {' '.join(each.tags)}") for each in passages}
    lengths = {seq: found.total() for seq, found in counts.items()}
    holding: defaultdict[str, list[int]] = defaultdict(list)
    for seq, found in counts.items():
        for term in found:
            holding[term].append(seq)

    def postings(forms: Sequence[str]) -> Iterator[Posting]:
        for form in forms:
            for seq in holding.get(form, ()):
                # A passage has nothing before it that would make it longer.
                yield seq << APART, 0, counts[seq][form], 3 * lengths[seq]

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
    query: sa.Select[tuple[object, ...]], agent_id: AgentId, thread: int | None
) -> sa.Select[tuple[object, ...]]:
    """Of passages that a message caused, those whose message may be heard here; the others not in
    a group, unless the agent is the group's own.
    """
    if thread is None:
        return query
    passage, message = t.passage, t.message
    caused = sa.exists().where(
        message.c.agent_id == agent_id,
        message.c.seq == passage.c.message,
        message.c.thread.in_(audible_threads(agent_id, thread)),
    )
    alone = sa.and_(passage.c.message.is_(None), among_themselves(agent_id, thread))
    return query.where(sa.or_(caused, alone))


def _passage(row: AnyRow) -> Passage:
    return Passage(
        seq=row.seq,
        passage_id=row.passage_id,
        text=row.text,
        tags=tuple(row.tags),
        origin=Origin(row.origin),
        created_at=row.created_at,
        author=row.author_id,
        message=row.message,
    )
