"""How long it takes to find a message among a million of a thousand agents, and to add one.

Texts are made up: words by their rank as in a natural language (Zipf), the hundred commonest
standing in for function words. Searches go through the store, one at a time, each for another
agent, so that hardly a page is in SQLite's own cache.
"""

from __future__ import annotations

import asyncio
import itertools
import random
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from agentcore.clock import MINUTE, Micros, SystemClock
from agentcore.records import (
    OWNER,
    AgentId,
    MessageMeta,
    NewMessage,
    Origin,
    Role,
    TextPart,
    new_agent_id,
    new_message_id,
)
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.engine.schema import upgrade_sqlite
from agentcore.sqlstore.engine.sqlite import SqliteDatabase
from agentcore.sqlstore.recall.postings import append, drafted, last_said, read_said
from agentcore.sqlstore.stores import SqlStore
from agentcore.store import SearchQuery
from benchmarks.figures import Figure, median, milliseconds, reached
from benchmarks.targets import APPEND, SEARCH

VOCABULARY = 20_000
COMMON = 100
"""The commonest words: half of all that is said, and never looked for."""
LENGTH = 20
SESSION = 20
WRITTEN = 20
"""Agents whose messages are indexed; the rows of all others are copies of theirs."""
ABOUT = (
    "Texts are made up, with words as frequent as in a natural language. Medians of some rounds, with "
    "the least and the most; a first round, with cold caches, is left out. An append's time follows the "
    "message's length: 22 terms in the mean and 30 at p95, each on a B-tree page of its own that is cold "
    "for an agent that has not written lately. Inserting terms is a third of it; the row, the message and "
    "the look at what was said before are a fifth each. A larger page cache or a mapped file did not help."
)
START = Micros(1_760_000_000_000_000)


@dataclass(frozen=True, slots=True)
class _Thread:
    agent_id: AgentId
    thread: int = 1
    turn: int | None = None


@dataclass(frozen=True, slots=True)
class Size:
    """How much is stored, and how often something is found and added."""

    agents: int = 1_000
    messages: int = 1_000
    searches: int = 1_000
    rounds: int = 9


class Writer:
    """Makes up what people say, the same each time."""

    def __init__(self) -> None:
        self._chance = random.Random(1)  # noqa: S311 (no secret)
        syllables = [a + b for a in "bdfgklmnprstvz" for b in "aeiou"]
        words = ("".join(each) for each in itertools.product(syllables, repeat=3))
        self._words = list(itertools.islice(words, 0, VOCABULARY * 7, 7))
        self._chance.shuffle(self._words)
        ranks = range(1, VOCABULARY + 1)
        self._weights = list(itertools.accumulate(1 / rank for rank in ranks))

    def text(self) -> str:
        count = self._chance.randint(LENGTH // 2, LENGTH * 3 // 2)
        return " ".join(self._chance.choices(self._words, cum_weights=self._weights, k=count))

    def message(self, seq: int) -> NewMessage:
        gap = (seq // SESSION) * 24 * 60 * MINUTE + seq * MINUTE
        role = Role.ASSISTANT if seq % 2 else Role.USER
        meta = MessageMeta("2026-01-31T12:00", "UTC", "benchmark") if role is Role.USER else None
        parts = (TextPart(self.text(), Origin.OWNER),)
        return NewMessage(new_message_id(), role, parts, Micros(START + gap), meta=meta)

    def query(self) -> str:
        rare = self._words[COMMON:]
        weights = [each - self._weights[COMMON - 1] for each in self._weights[COMMON:]]
        return " ".join(self._chance.choices(rare, cum_weights=weights, k=5))


def measure(*, quick: bool, keep: Path | None = None) -> list[Figure]:
    """Search and append, over the store in a file; it is made in `keep`, or found there."""
    size = Size(20, 200, 50, 2) if quick else Size()
    with tempfile.TemporaryDirectory(prefix="familiar-search-") as temporary:
        folder = keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{size.agents}-agents-of-{size.messages}.db"
        if not path.exists():
            part = path.with_suffix(".part")
            part.unlink(missing_ok=True)
            upgrade_sqlite(part)
            asyncio.run(_filled(part, size))
            part.rename(path)
        return asyncio.run(_measured(path, size, path.stat().st_size / 2**20))


async def _filled(path: Path, size: Size) -> None:
    database = SqliteDatabase(path)
    writer = Writer()
    made: list[_Thread] = []
    for number in range(size.agents):
        to = _Thread(new_agent_id())
        if number < WRITTEN:
            work = partial(_fill, to=to, writer=writer, messages=size.messages)
        else:
            work = partial(_copy, source=made[number % WRITTEN].agent_id, to=to.agent_id)
        await database.write(work)
        made.append(to)
    await database.close()


async def _measured(path: Path, size: Size, mebibytes: float) -> list[Figure]:
    database = SqliteDatabase(path)
    store, writer = SqlStore(database, SystemClock()), Writer()
    found: list[list[float]] = []
    within: list[list[float]] = []
    added: list[list[float]] = []
    try:
        made = await database.read(_threads)
        for number in range(size.rounds + 1):  # the first has cold caches
            one_added, one_within = await _appends(database, writer, made, size.searches)
            one_found = await _searches(store, writer, made, size.searches)
            if number:
                added.append(one_added)
                within.append(one_within)
                found.append(one_found)
    finally:
        await database.close()
    each = f"{size.rounds} rounds of {size.searches}, each for another agent"
    return [
        reached(
            SEARCH,
            _p95(found),
            ours=_of(found),
            name="search, p50 / p95",
            note=f"{size.agents * size.messages:,} messages of {size.agents:,} agents in "
            f"{mebibytes:,.0f} MiB; 5 words, 5 hits; {each}",
        ),
        reached(
            APPEND,
            _p95(within),
            ours=_of(within),
            name="append a message, p50 / p95",
            note=f"in its transaction, with the look at what was said before; {each}",
        ),
        Figure("… with a transaction of its own", _of(added), "", "on disk when it returns"),
    ]


def _threads(connection: Connection) -> list[_Thread]:
    """The agents of the file, neighbours apart."""
    ids = connection.execute(sa.select(t.agent.c.agent_id).order_by(t.agent.c.agent_id))
    made = [_Thread(each) for each in ids.scalars()]
    random.Random(2).shuffle(made)  # noqa: S311 (chance, no secret)
    return made


def _p95(rounds: Sequence[Sequence[float]]) -> float:
    return median(milliseconds(each, 0.95) for each in rounds)


def _of(rounds: Sequence[Sequence[float]]) -> str:
    """p50 / p95: of each the median of all rounds, with the least and the most."""
    told = []
    for share in (0.5, 0.95):
        times = [milliseconds(each, share) for each in rounds]
        told.append(f"{median(times):.2f} ({min(times):.2f}-{max(times):.2f})")
    return " / ".join(told) + " ms"


def _fill(connection: Connection, to: _Thread, writer: Writer, messages: int) -> None:
    new = [writer.message(seq) for seq in range(1, messages + 1)]
    drafts = [drafted(each) for each in new]
    connection.execute(
        sa.insert(t.agent).values(
            agent_id=to.agent_id,
            owner_kind="user",
            name="Familiar",
            template="friend:1",
            system="",
            tools=[],
            limits={},
            metadata={},
            updated_at=START,
            created_at=START,
        )
    )
    connection.execute(
        sa.insert(t.thread).values(
            agent_id=to.agent_id,
            number=to.thread,
            thread_id=f"conv-{to.agent_id.removeprefix('agent-')}",
            address="benchmark",
            audience="private",
            created_at=START,
        )
    )
    connection.execute(
        sa.insert(t.agent_lease).values(
            agent_id=to.agent_id,
            bucket=0,
            message_seq=messages,
            indexed_messages=sum(1 for draft in drafts if draft.size),
            indexed_words=sum(draft.size for draft in drafts),
        )
    )
    append(connection, to, list(enumerate(new, start=1)), drafts, [])


def _copy(connection: Connection, source: AgentId, to: AgentId) -> None:
    for table in (t.agent, t.thread, t.agent_lease, t.message, t.term):
        others = [column for column in table.c if column.name != "agent_id"]
        copied = sa.select(sa.literal(to, table.c.agent_id.type), *others)
        connection.execute(
            sa.insert(table).from_select(
                ["agent_id", *(column.name for column in others)],
                copied.where(table.c.agent_id == source),
            )
        )


async def _appends(
    database: SqliteDatabase, writer: Writer, made: Sequence[_Thread], times: int
) -> tuple[list[float], list[float]]:
    """The times of whole transactions, and of the work in them."""
    whole, within = [], []
    newest = await database.read(_newest)
    for number in range(times):
        to = made[number % len(made)]
        seq = newest[to.agent_id] = newest[to.agent_id] + 1
        message = writer.message(seq)
        begun = time.perf_counter()
        within.append(await database.write(partial(_append, to=to, seq=seq, message=message)))
        whole.append(time.perf_counter() - begun)
    return whole, within


def _newest(connection: Connection) -> dict[AgentId, int]:
    """The number of each agent's last message."""
    of, number = t.message.c.agent_id, sa.func.max(t.message.c.seq)
    rows = connection.execute(sa.select(of, number).group_by(of))
    return {row.agent_id: row[1] for row in rows}


def _append(connection: Connection, to: _Thread, seq: int, message: NewMessage) -> float:
    begun = time.perf_counter()
    given = {"said_by": to.agent_id, "said_in": to.thread}
    said = connection.execute(_last_said(), given).scalar()
    append(connection, to, [(seq, message)], [drafted(message)], read_said(said))
    return time.perf_counter() - begun


@cache
def _last_said() -> sa.Select[Any]:
    """Built once, as the commit's own statement that it is a part of."""
    return sa.select(last_said())


async def _searches(
    store: SqlStore, writer: Writer, made: Sequence[_Thread], rounds: int
) -> list[float]:
    times = []
    for number in range(rounds):
        door = store.for_agent(made[number * 7 % len(made)].agent_id, OWNER)
        query = SearchQuery(writer.query())
        begun = time.perf_counter()
        await door.search(query, thread=1)
        times.append(time.perf_counter() - begun)
    return times
