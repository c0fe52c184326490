"""An agent's archive: what is kept in it and taken out of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from functools import partial

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from agentcore.clock import Clock, Micros
from agentcore.records import (
    FIRST_PASSAGES,
    AgentId,
    Passage,
    PassageDraft,
    PassageHit,
    PassageId,
    PassagePage,
    PassageQuery,
    new_passage_id,
)
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.content.blocks import Cause
from agentcore.sqlstore.content.heads import no_agent
from agentcore.sqlstore.engine.database import Database
from agentcore.sqlstore.engine.types import is_public_id
from agentcore.sqlstore.people.absorbed import lives
from agentcore.sqlstore.queues.holding import hold
from agentcore.sqlstore.recall.meanings import QueryMeanings
from agentcore.sqlstore.recall.passage_search import search
from agentcore.sqlstore.recall.passages import read_passages
from agentcore.sqlstore.recall.vectors import forget_passage_vectors


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
