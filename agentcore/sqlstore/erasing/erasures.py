"""`Erasures` over a `Database`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import partial

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from agentcore.clock import Clock, Micros
from agentcore.errors import NotFound
from agentcore.records import (
    Actor,
    AgentId,
    ErasureReceipt,
    ErasureReply,
    Submission,
    UserId,
    text_of,
)
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.content.heads import HeadCache
from agentcore.sqlstore.engine.database import Database
from agentcore.sqlstore.engine.types import is_public_id
from agentcore.sqlstore.erasing import dialogue, erasure
from agentcore.sqlstore.people.absorbed import joined_to
from agentcore.sqlstore.people.access import joined
from agentcore.sqlstore.queues.outgoing import Awaited, Occasion, add_outbox
from agentcore.store.erasures import Saying, Telling
from agentcore.store.gate import Composer

SHORTEST_PASSAGE, LONGEST_PASSAGE = 24, 120
"""Bytes of a passage: shorter ones are likely to be somebody else's as well."""
MOST_PASSAGES = 100
MESSAGES_READ = 2_000
_PLAIN = re.compile(r'[^"\\\x00-\x1f\x7f]+')
"""Text that stands in JSON as it is."""


class SqlErasures:
    """`Erasures` over any `Database`."""

    def __init__(self, database: Database, heads: HeadCache, clock: Clock) -> None:
        self._database = database
        self._heads = heads
        self._clock = clock

    async def ask(
        self, submission: Submission, code: str, saying: Saying, composer: Composer
    ) -> ErasureReply | None:
        return await self._database.write(
            partial(
                dialogue.answer,
                submission=submission,
                code=code,
                saying=saying,
                composer=composer,
            )
        )

    async def begin(self, user_id: UserId, by: Actor) -> str:
        if not is_public_id(user_id, "user"):
            raise _no_user(user_id)
        begun = await self._database.write(
            partial(_begin, user_id=user_id, by=by, now=self._clock.now())
        )
        if begun is None:
            raise _no_user(user_id)
        return begun

    async def finish(
        self, erasure_id: str, telling: Telling | None = None, composer: Composer | None = None
    ) -> ErasureReceipt | None:
        agents = await self._database.read(partial(erasure.agents_of, erasure_id=erasure_id))
        self._heads.forget(agents)
        passages = await self._database.read(partial(passages_of, agents=agents))
        while not await self._database.write(partial(erasure.clear, erasure_id=erasure_id)):
            pass
        files = await self._database.scrub(passages)

        def close(connection: Connection) -> ErasureReceipt | None:
            now = self._clock.now()
            closed = erasure.close(connection, erasure_id, files, now=now)
            if closed is None:
                return None
            receipt, tell = closed
            if tell is not None and telling is not None and composer is not None:
                chunks = composer.notice(
                    telling(tell.address, receipt, tell.language), tell.language
                )
                via = None if tell.answer_via is None else Awaited(tell.address, tell.answer_via)
                add_outbox(connection, chunks, now, Occasion(awaited=via, fleeting=True))
            return receipt

        return await self._database.write(close)

    async def erase(self, user_id: UserId, by: Actor) -> ErasureReceipt:
        receipt = await self.finish(await self.begin(user_id, by))
        if receipt is None:
            raise _no_user(user_id)
        return receipt

    async def finish_agents(self, *, before: Micros) -> int:
        left = await self._database.read(
            partial(erasure.unfinished, before=before, kind=erasure.OF_AN_AGENT)
        )
        for erasure_id in left:
            while not await self._database.write(partial(erasure.clear, erasure_id=erasure_id)):
                pass
        if left:
            files = await self._database.scrub(())

            def close(connection: Connection) -> None:
                for erasure_id in left:
                    erasure.close(connection, erasure_id, files, now=self._clock.now())

            await self._database.write(close)
        return len(left)

    async def unfinished(self, *, before: Micros) -> Sequence[str]:
        return await self._database.read(partial(erasure.unfinished, before=before))


def _begin(connection: Connection, user_id: UserId, by: Actor, now: Micros) -> str | None:
    them = erasure.belongings_of(connection, user_id)
    if them is not None:
        return erasure.cut_off(connection, them, by, now=now)
    if (person := joined_to(connection, user_id)) is not None:
        raise joined(user_id, person)
    return None


def _no_user(user_id: UserId) -> NotFound:
    return NotFound(f"There is no user {user_id!r}. `familiar users list` shows those there are.")


def passages_of(connection: Connection, agents: Sequence[AgentId]) -> Sequence[bytes]:
    """The longest passages of what these agents were told last, as they stand in the files."""
    message = t.message
    told = connection.execute(
        sa.select(message.c.parts)
        .where(message.c.agent_id.in_(agents), message.c.author_id.is_not(None))
        .order_by(message.c.created_at.desc())
        .limit(MESSAGES_READ)
    ).scalars()
    found = {passage for parts in told for passage in _passages(text_of(parts))}
    return sorted(found, key=lambda each: (-len(each), each))[:MOST_PASSAGES]


def _passages(text: str) -> Iterator[bytes]:
    for run in _PLAIN.findall(text):
        passage = run.encode()[:LONGEST_PASSAGE].decode("utf-8", "ignore").encode()
        if len(passage) >= SHORTEST_PASSAGE:
            yield passage
