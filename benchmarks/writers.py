"""SQLAlchemy's own aiosqlite dialect against our writer thread and readers, on real transactions.

Both are driven through the same `SqlStore`, so that only `Database` differs. Durability is the
same: WAL with synchronous=FULL.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Protocol, TypeVar
from zoneinfo import ZoneInfo

import anyio
import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.ext.asyncio import create_async_engine

from agentcore.clock import SystemClock, seconds
from agentcore.loop.incoming import user_messages
from agentcore.records import (
    OWNER,
    Address,
    Admission,
    AgentId,
    AgentSeed,
    Claim,
    IdentityKey,
    NewMessage,
    NoticeDraft,
    Origin,
    OutboxDraft,
    Role,
    Scrubbed,
    StepCommit,
    StepRecord,
    StopReason,
    Submission,
    TextPart,
    TurnEnd,
    new_message_id,
    new_step_id,
)
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.content.messages import read_thread
from agentcore.sqlstore.engine.database import Database, insert
from agentcore.sqlstore.engine.schema import upgrade_sqlite
from agentcore.sqlstore.engine.sqlite import SqliteDatabase, configure
from agentcore.sqlstore.stores import SqlStore
from agentcore.templates import load_templates
from benchmarks.figures import Figure, median, milliseconds
from bot.offers import BUNDLED_TEMPLATES

T = TypeVar("T")

ABOUT = (
    "Both kinds of writer carry out the same transactions through the same store, as durable as each "
    "other, by turns."
)
AGENTS = 128
ROUNDS = 3
CALLERS = (1, 16, 64)
_CLOCK = SystemClock()
_UTC = ZoneInfo("UTC")
_ADMISSION = Admission(max_per_minute=10**6, newcomers_per_hour=10**6)
_WORDS = "I moved to a flat by the river last week, and the cat hates the new stairs."


class AiosqliteDatabase:
    """`Database` with a single writing connection on aiosqlite's thread."""

    def __init__(self, path: Path) -> None:
        self._engine = create_async_engine(
            f"sqlite+aiosqlite:///{path}", pool_size=1, max_overflow=0
        )
        configure(self._engine.sync_engine, begin="BEGIN IMMEDIATE")

    async def read(self, work: Callable[[Connection], T]) -> T:
        return await self.write(work)

    async def write(self, work: Callable[[Connection], T]) -> T:
        async with self._engine.begin() as connection:
            return await connection.run_sync(work)

    async def scrub(self, passages: Sequence[bytes]) -> Scrubbed:
        """Nothing is erased here."""
        return Scrubbed(checked=False)

    async def close(self) -> None:
        await self._engine.dispose()


class AiosqliteReader:
    """Reads with a few connections on aiosqlite's threads."""

    def __init__(self, path: Path, readers: int = 4) -> None:
        url = sa.URL.create("sqlite+aiosqlite", database=str(path))
        self._engine = create_async_engine(url, pool_size=readers, max_overflow=0)
        configure(self._engine.sync_engine, begin="BEGIN", pragmas=("PRAGMA query_only=ON",))

    async def read(self, work: Callable[[Connection], T]) -> T:
        async with self._engine.connect() as connection:
            return await connection.run_sync(work)

    async def close(self) -> None:
        await self._engine.dispose()


class NoChunks:
    """`Composer` of a platform that fetches its messages itself."""

    def reply(self, address: Address, text: str, reply_to: str | None) -> Sequence[OutboxDraft]:
        return ()

    def notice(self, notice: NoticeDraft, language: str | None) -> Sequence[OutboxDraft]:
        return ()


class Reader(Protocol):
    async def read(self, work: Callable[[Connection], T]) -> T: ...


@dataclass(frozen=True, slots=True)
class Timed:
    """The times of single calls and the rate of all."""

    each: Sequence[float]
    per_second: float


def measure(*, quick: bool) -> list[Figure]:
    """The table's lines."""
    return asyncio.run(_measure(32 if quick else AGENTS))


async def _measure(agents: int) -> list[Figure]:
    figures: list[Figure] = []
    for callers in CALLERS:
        ours: list[Mapping[str, Timed]] = []
        theirs: list[Mapping[str, Timed]] = []
        for _ in range(ROUNDS):  # by turns, so that what else the machine does hits both
            ours.append(await _writes(SqliteDatabase, agents, callers))
            theirs.append(await _writes(AiosqliteDatabase, agents, callers))
        figures += [
            _figure(name, callers, _joined(ours, name), _joined(theirs, name)) for name in ours[0]
        ]
    figures += await _reads(agents)
    return figures


def _joined(rounds: Sequence[Mapping[str, Timed]], name: str) -> Timed:
    """All rounds' times, and the median of their rates."""
    found = [each[name] for each in rounds]
    times = [seconds for timed in found for seconds in timed.each]
    return Timed(times, median(timed.per_second for timed in found))


def _figure(name: str, callers: int, thread: Timed, aiosqlite: Timed) -> Figure:
    if callers == 1:
        ours = f"{milliseconds(thread.each):.2f} ms"
        target = f"aiosqlite {milliseconds(aiosqlite.each):.2f} ms"
    else:
        ours, target = f"{thread.per_second:.0f}/s", f"aiosqlite {aiosqlite.per_second:.0f}/s"
    if callers == 1:
        ratio = milliseconds(aiosqlite.each) / milliseconds(thread.each)
    else:
        ratio = thread.per_second / aiosqlite.per_second
    return Figure(
        f"{name}, writer thread, {_callers(callers)}", ours, target, f"{ratio:.1f} times as fast"
    )


def _callers(count: int) -> str:
    return "1 caller" if count == 1 else f"{count} callers"


async def _writes(make: Callable[[Path], Database], agents: int, callers: int) -> dict[str, Timed]:
    with tempfile.TemporaryDirectory(prefix="familiar-bench-") as folder:
        path = Path(folder) / "bench.db"
        upgrade_sqlite(path)
        database = make(path)
        store = SqlStore(database, _CLOCK)
        for user in range(agents):
            await _accept(store, user, 0)
        await _answer_all(store, agents, callers)
        accepted = await _timed(callers, agents, lambda user: _accept(store, user, 1))
        committed = await _answer_all(store, agents, callers)
        five = await _timed(callers, agents, lambda at: database.write(_five_statements(at)))
        await store.close()
    return {
        "accept a message": accepted,
        "commit a plain turn": committed,
        "5 statements": five,
    }


async def _timed(callers: int, count: int, call: Callable[[int], Awaitable[object]]) -> Timed:
    """`count` calls shared out among the callers."""
    waiting = iter(range(count))
    times: list[float] = []

    async def caller() -> None:
        for at in waiting:
            began = time.perf_counter()
            await call(at)
            times.append(time.perf_counter() - began)

    began = time.perf_counter()
    async with anyio.create_task_group() as tasks:
        for _ in range(callers):
            tasks.start_soon(caller)
    return Timed(times, count / (time.perf_counter() - began))


async def _accept(store: SqlStore, user: int, number: int) -> None:
    now = _CLOCK.now()
    submission = Submission(
        source="bench:bot",
        update_id=f"{user}-{number}",
        key=IdentityKey("bench", "bot", str(user)),
        display_name="Ada",
        address=Address(f"bench:bot:{user}"),
        audience="private",
        kind="message",
        parts=(TextPart(_WORDS, Origin.OWNER),),
        received_at=now,
        due_at=now,
    )
    await store.accept(submission, _ADMISSION, _seed, NoChunks())


def _seed() -> AgentSeed:
    return load_templates([BUNDLED_TEMPLATES])["friend"].seed("user", tools=("memory_insert",))


async def _answer_all(store: SqlStore, agents: int, callers: int) -> Timed:
    claims = await store.claim("bench", limit=agents, lease=seconds(600))

    async def commit(at: int) -> None:
        claim = claims[at]
        await store.for_agent(claim.agent_id, OWNER).commit(claim, _last_step(claim))

    return await _timed(callers, len(claims), commit)


def _last_step(claim: Claim) -> StepCommit:
    """What a turn with one answer commits."""
    now = _CLOCK.now()
    said = NewMessage(new_message_id(), Role.ASSISTANT, (TextPart(_WORDS, Origin.AGENT),), now)
    step = StepRecord(new_step_id(), 1, "bench", "answered", 100, 20, 0, 0, now, now)
    return StepCommit(
        (*user_messages(claim, _UTC, "private"), said),
        step=step,
        end=TurnEnd(StopReason.END_TURN),
        outbox=(OutboxDraft(claim.address, _WORDS, 1, 1),),
    )


def _five_statements(at: int) -> Callable[[Connection], None]:
    """One read, two inserts, two updates on a small table."""
    state = t.adapter_state
    keys = [{"adapter": "bench", "key": f"{kind}{at}"} for kind in "ab"]

    def work(connection: Connection) -> None:
        connection.execute(sa.select(state.c.value).where(state.c.key == keys[0]["key"])).all()
        for key in keys:
            new = {**key, "value": "1", "updated_at": 1}
            connection.execute(insert(connection, state).on_conflict_do_nothing(), new)
        for key in keys:
            mine = sa.and_(state.c.adapter == key["adapter"], state.c.key == key["key"])
            connection.execute(sa.update(state).where(mine).values(value="2", updated_at=2))

    return work


async def _reads(agents: int) -> list[Figure]:
    """A thread's window of four messages, read by each kind of reader."""
    figures = []
    with tempfile.TemporaryDirectory(prefix="familiar-bench-") as folder:
        path = Path(folder) / "bench.db"
        upgrade_sqlite(path)
        database = SqliteDatabase(path)
        store = SqlStore(database, _CLOCK)
        for number in range(2):
            for user in range(agents):
                await _accept(store, user, number)
            await _answer_all(store, agents, 16)
        known = [agent.agent_id for agent in await store.list_agents(limit=agents)]
        aiosqlite = AiosqliteReader(path)
        for callers in CALLERS:
            theirs = await _timed(callers, agents, _reader(aiosqlite, known))
            ours = await _timed(callers, agents, _reader(database, known))
            figures.append(_reading_figure(callers, ours, theirs))
        await aiosqlite.close()
        await store.close()
    return figures


def _reader(reader: Reader, agents: Sequence[AgentId]) -> Callable[[int], Awaitable[object]]:
    return lambda at: reader.read(partial(read_thread, agent_id=agents[at], thread=1, first=1))


def _reading_figure(callers: int, threads: Timed, aiosqlite: Timed) -> Figure:
    if callers == 1:
        ours = f"{milliseconds(threads.each):.2f} ms"
        target = f"aiosqlite {milliseconds(aiosqlite.each):.2f} ms"
    else:
        ours, target = f"{threads.per_second:.0f}/s", f"aiosqlite {aiosqlite.per_second:.0f}/s"
    return Figure(
        f"read a window, readers, {_callers(callers)}",
        ours,
        target,
        f"{threads.per_second / aiosqlite.per_second:.1f} times as fast",
    )
