"""The product's own search over any conversation: `search(messages, query, k)` puts the messages
into a store in memory and asks it as an agent's tool does; a `MeaningSearch` does so with an
embedding model. `evidence` measures how well they find.
"""

from __future__ import annotations

import asyncio
import weakref
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from agentcore.clock import Micros, SystemClock
from agentcore.litellm_model import close_connections
from agentcore.model import Embedder
from agentcore.records import (
    AgentId,
    IdentityId,
    MessageMeta,
    NewMessage,
    Origin,
    Role,
    Scrubbed,
    TextPart,
    new_agent_id,
    new_identity_id,
    new_message_id,
)
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.recall import search as recall
from agentcore.sqlstore.recall.meanings import QueryMeanings
from agentcore.sqlstore.recall.postings import append, drafted
from agentcore.sqlstore.recall.vectors import SqlVectorIndex
from agentcore.store import SearchQuery
from agentcore.store.vectors import NewVector

T = TypeVar("T")

AT_ONCE = 64
"""Messages that are embedded with one call."""
TRIES = 5
"""On a busy machine, a server may not always have answered in a query's time."""
FOREIGN = "another agent's"
"""In place of an id, for a message that isn't of the conversation."""

Messages = Sequence[Mapping[str, Any]]


def search(messages: Messages, query: str, k: int) -> list[str]:
    """The ids of the best `k` messages for a query, best first, by the product's own search.

    Args:
        messages: Oldest first, each with `id`, `session`, `speaker`, `date` and `text`. They are
            indexed once for each list object.
        query: Any text.
        k: How many at most.
    """
    return _stored(_Same(messages)).search(query, k)


class MeaningSearch:
    """The same with an embedding model: called as `search` is. Keeps what it has embedded."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._runner = asyncio.Runner()
        self._ready: dict[_Same, _Conversation] = {}

    def __call__(self, messages: Messages, query: str, k: int) -> list[str]:
        """See `search`.

        Raises:
            ModelError: the messages could not be embedded.
            RuntimeError: the query could not be, so that words alone would have answered.
        """
        return self._runner.run(self._found(_Same(messages), query, k))

    async def _found(self, given: _Same, query: str, k: int) -> list[str]:
        if given not in self._ready:
            self._ready[given] = _Conversation(given.messages)
            await self._ready[given].embed(self._embedder)
        return await self._ready[given].search_meaning(query, k, self._embedder)

    def close(self) -> None:
        self._runner.run(close_connections())
        self._runner.close()


class Together:
    """Several conversations in one database, each of an agent of its own."""

    def __init__(self, conversations: Sequence[Messages]) -> None:
        engine = _in_memory()
        self._conversations = [_Conversation(each, engine) for each in conversations]

    def search(self, number: int, query: str, k: int) -> list[str]:
        """As `search`, by the agent of the conversation with this number."""
        return self._conversations[number].search(query, k)


class _InMemory:
    """The part of `Database` that reads and writes, over one connection."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    async def read(self, work: Callable[[Connection], T]) -> T:
        with self._engine.connect() as connection:
            return work(connection)

    async def write(self, work: Callable[[Connection], T]) -> T:
        with self._engine.begin() as connection:
            return work(connection)

    async def scrub(self, passages: Sequence[bytes]) -> Scrubbed:
        raise NotImplementedError

    async def close(self) -> None:
        self._engine.dispose()


class _Same:
    """A list by its identity; while it is held, no other list can get that identity."""

    def __init__(self, messages: Messages) -> None:
        self.messages = messages

    def __hash__(self) -> int:
        return id(self.messages)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.messages is self.messages


@lru_cache(maxsize=8)
def _stored(given: _Same) -> _Conversation:
    return _Conversation(given.messages)


@dataclass(frozen=True, slots=True)
class _Thread:
    """Where the messages go."""

    agent_id: AgentId
    thread: int = 1
    turn: int | None = None


def _in_memory() -> sa.Engine:
    """An empty database; its connection is closed when nobody has it any more."""
    engine = sa.create_engine("sqlite://", poolclass=sa.pool.StaticPool)
    weakref.finalize(engine, engine.pool.dispose)
    t.metadata.create_all(engine)
    return engine


class _Conversation:
    """Messages in a database in memory, as those of one chat of one agent."""

    def __init__(self, messages: Messages, engine: sa.Engine | None = None) -> None:
        self._ids: dict[str, str] = {}
        self._to = _Thread(new_agent_id())
        self._engine = engine or _in_memory()
        with self._engine.begin() as connection:
            self._fill(connection, messages)

    def search(self, query: str, k: int) -> list[str]:
        with self._engine.connect() as connection:
            asked = SearchQuery(query, limit=k)
            hits = recall.search(connection, self._to.agent_id, asked, self._to.thread)
            return [self._ids.get(hit.message.message_id, FOREIGN) for hit in hits]

    async def embed(self, embedder: Embedder) -> None:
        """Keep a vector of each message."""
        index, agents = SqlVectorIndex(_InMemory(self._engine)), [self._to.agent_id]
        while found := await index.unembedded(agents, embedder.name, None, limit=AT_ONCE):
            made = await embedder.embed([each.text for each in found], within=600.0)
            vectors = zip(found, made.vectors, strict=True)
            await index.keep(embedder.name, [NewVector(of, vector) for of, vector in vectors])

    async def search_meaning(self, query: str, k: int, embedder: Embedder) -> list[str]:
        meant = None
        for _ in range(TRIES if query.strip() else 0):
            # Anew each time: one that failed isn't asked again for a while.
            meanings = QueryMeanings(_InMemory(self._engine), SystemClock(), embedder)
            if (meant := await meanings.of(query, self._to.agent_id)) is not None:
                break
        if meant is None and query.strip():
            msg = f"{embedder.name} did not embed a query in time; is the machine busy?"
            raise RuntimeError(msg)
        with self._engine.connect() as connection:
            asked = SearchQuery(query, limit=k)
            hits = recall.search(connection, self._to.agent_id, asked, self._to.thread, meant)
            return [self._ids.get(hit.message.message_id, FOREIGN) for hit in hits]

    def _fill(self, connection: Connection, messages: Messages) -> None:
        agent_id = self._to.agent_id
        new = list(_as_messages(messages))
        given = zip(new, messages, strict=True)
        self._ids = {str(each.message_id): str(message["id"]) for each, message in given}
        drafts = [drafted(message) for message in new]
        connection.execute(
            sa.insert(t.thread).values(
                agent_id=agent_id,
                number=self._to.thread,
                thread_id=f"conv-{agent_id.removeprefix('agent-')}",
                address="benchmark",
                audience="chat",
                created_at=0,
            )
        )
        connection.execute(
            sa.insert(t.agent_lease).values(
                agent_id=agent_id,
                bucket=0,
                message_seq=len(new),
                indexed_messages=sum(1 for draft in drafts if draft.size),
                indexed_words=sum(draft.size for draft in drafts),
            )
        )
        append(connection, self._to, list(enumerate(new, start=1)), drafts, [])


def _as_messages(messages: Messages) -> Iterator[NewMessage]:
    """As they would have been stored. Those of a session have one date: a minute lies between."""
    people: defaultdict[str, IdentityId] = defaultdict(new_identity_id)
    moment, session = datetime(2000, 1, 1, tzinfo=UTC), object()
    for message in messages:
        date = _moment(message.get("date"))
        if date is None:
            date = moment + timedelta(hours=0 if message.get("session") == session else 7)
        later = moment + timedelta(minutes=1)
        moment = later if message.get("session") == session and date < later else date
        session = message.get("session")
        speaker = message.get("speaker") or None
        yield NewMessage(
            new_message_id(),
            Role.USER,
            (TextPart(str(message["text"]), Origin.OWNER),),
            Micros(round(moment.timestamp() * 1_000_000)),
            author=people[str(speaker)],
            meta=MessageMeta(f"{moment:%Y-%m-%dT%H:%M}", "UTC", "benchmark", "chat", speaker),
        )


_FORMATS = ("%I:%M %p on %d %B, %Y", "%d %B, %Y", "%d %B %Y", "%Y/%m/%d (%a) %H:%M")


def _moment(given: object) -> datetime | None:
    """A date as the data writes it; None if it can't be read."""
    if isinstance(given, datetime):
        return given if given.tzinfo else given.replace(tzinfo=UTC)
    text = " ".join(str(given or "").split())
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        for form in _FORMATS:
            try:
                found = datetime.strptime(text, form)  # noqa: DTZ007 (the data names no zone)
                break
            except ValueError:
                continue
        else:
            return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
