"""The writer's queue, and what happens when the file can't be written."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import anyio
import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from agentcore.errors import StoreBusy, StoreError, StoreFull
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.engine import sqlite
from agentcore.sqlstore.engine.sqlite import SqliteDatabase
from tests.contracts.store_world import World, everything

COUNTING = """
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)
SELECT count(*) FROM n
"""


def numbered(number: int, content: str = "") -> Callable[[Connection], int]:
    def work(connection: Connection) -> int:
        connection.execute(sa.text("INSERT INTO note VALUES (:n, :c)"), {"n": number, "c": content})
        return number

    return work


def numbers(connection: Connection) -> list[int]:
    return list(connection.execute(sa.text("SELECT number FROM note ORDER BY rowid")).scalars())


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "notes.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE note (number INTEGER UNIQUE, content TEXT)")
    return path


@pytest.fixture
async def database(path: Path) -> AsyncIterator[SqliteDatabase]:
    database = SqliteDatabase(path, readers=2)
    yield database
    await database.close()


async def test_writes_return_what_the_work_returns_in_the_order_of_the_calls(
    database: SqliteDatabase,
) -> None:
    results = await asyncio.gather(*(database.write(numbered(n)) for n in range(200)))
    assert results == list(range(200))
    assert await database.read(numbers) == list(range(200))


async def test_of_many_writes_at_once_only_the_failing_ones_fail(
    database: SqliteDatabase,
) -> None:
    def failing(connection: Connection) -> int:
        numbered(1_000)(connection)
        msg = "not this one"
        raise ValueError(msg)

    works = [failing if n % 7 == 3 else numbered(n) for n in range(70)]
    outcomes = await asyncio.gather(
        *(database.write(work) for work in works), return_exceptions=True
    )
    for n, outcome in enumerate(outcomes):
        if n % 7 == 3:
            assert isinstance(outcome, ValueError), outcome
        else:
            assert outcome == n
    assert await database.read(numbers) == [n for n in range(70) if n % 7 != 3]


async def test_a_broken_constraint_is_the_error_of_its_own_caller(
    database: SqliteDatabase,
) -> None:
    outcomes = await asyncio.gather(
        *(database.write(numbered(n)) for n in (1, 2, 2, 3)), return_exceptions=True
    )
    assert [type(each).__name__ for each in outcomes] == ["int", "int", "IntegrityError", "int"]
    with pytest.raises(sa.exc.IntegrityError):
        await database.write(numbered(1))
    assert await database.read(numbers) == [1, 2, 3]


async def test_what_a_write_did_is_seen_by_the_next_read(database: SqliteDatabase) -> None:
    for n in range(50):
        await database.write(numbered(n))
        assert len(await database.read(numbers)) == n + 1


async def test_a_read_sees_one_moment_however_long_it_takes(database: SqliteDatabase) -> None:
    await database.write(numbered(1))
    loop = asyncio.get_running_loop()
    first_look, written = asyncio.Event(), threading.Event()

    def twice(connection: Connection) -> list[list[int]]:
        before = numbers(connection)
        loop.call_soon_threadsafe(first_look.set)
        assert written.wait(10)
        return [before, numbers(connection)]

    async with asyncio.TaskGroup() as tasks:
        reading = tasks.create_task(database.read(twice))
        await first_look.wait()
        await database.write(numbered(2))
        written.set()
    assert reading.result() == [[1], [1]]
    assert await database.read(numbers) == [1, 2]


async def test_a_reader_cannot_write(database: SqliteDatabase) -> None:
    with pytest.raises(StoreError, match="opened for writing"):
        await database.read(numbered(1))
    assert await database.read(numbers) == []


async def test_a_caller_that_is_cancelled_does_not_stop_what_has_begun(
    database: SqliteDatabase,
) -> None:
    writing = [asyncio.ensure_future(database.write(numbered(n))) for n in range(5)]  # noqa: TID251
    await asyncio.sleep(0)
    writing[2].cancel()
    await asyncio.gather(*writing, return_exceptions=True)
    assert await database.read(numbers) == [0, 1, 2, 3, 4]


async def test_readers_that_are_cancelled_leave_no_task_behind(path: Path) -> None:
    """One that waits for ever would keep the process from ending."""
    database = SqliteDatabase(path)
    begun = anyio.Event()

    def counts(connection: Connection) -> object:
        asyncio_loop.call_soon_threadsafe(begun.set)
        return connection.execute(sa.text(COUNTING)).scalar()

    async def reads() -> None:
        while True:
            await database.read(counts)

    asyncio_loop = asyncio.get_running_loop()
    before = asyncio.all_tasks()
    async with anyio.create_task_group() as readers:
        for _ in range(4):
            readers.start_soon(reads)
        await begun.wait()
        readers.cancel_scope.cancel()
    await database.close()
    assert asyncio.all_tasks() <= before


async def test_a_closed_database_is_neither_read_nor_written(path: Path) -> None:
    database = SqliteDatabase(path, readers=2)
    await database.close()
    for use in (database.read, database.write):
        with pytest.raises(StoreError, match="closed"):
            await use(numbers)


async def test_closing_finishes_the_queue_first(path: Path) -> None:
    database = SqliteDatabase(path)
    async with asyncio.TaskGroup() as tasks:
        for n in range(150):
            tasks.create_task(database.write(numbered(n)))
        tasks.create_task(database.close())
    await database.close()
    with pytest.raises(StoreError, match="closed"):
        await database.write(numbered(1_000))
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT count(*) FROM note").fetchone() == (150,)


def impatient(database: SqliteDatabase, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give up after a moment instead of after half a minute."""

    @sa.event.listens_for(database._engine, "connect")
    def _connected(connection: Any, _record: object) -> None:
        connection.execute("PRAGMA busy_timeout=1")

    monkeypatch.setattr(sqlite, "BUSY_TRIES", 3)


@pytest.mark.parametrize("callers", [1, 5])
async def test_a_file_that_stays_locked_is_reported_and_nothing_is_written(
    database: SqliteDatabase, path: Path, monkeypatch: pytest.MonkeyPatch, callers: int
) -> None:
    impatient(database, monkeypatch)
    await database.write(numbered(100))
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        outcomes = await asyncio.gather(
            *(database.write(numbered(n)) for n in range(callers)), return_exceptions=True
        )
        assert [type(each) for each in outcomes] == [StoreBusy] * callers
        assert await database.read(numbers) == [100]  # reading goes on meanwhile
        other.execute("ROLLBACK")
    assert await database.write(numbered(7)) == 7


async def test_a_file_that_is_free_again_is_written_without_anybody_noticing(
    database: SqliteDatabase, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    impatient(database, monkeypatch)
    await database.write(numbered(100))
    with closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as other:
        other.execute("BEGIN IMMEDIATE")
        tries = 0

        def before(_connection: Connection) -> None:
            nonlocal tries
            tries += 1
            if tries == 3:
                other.execute("ROLLBACK")

        sa.event.listen(database._engine, "begin", before)
        assert await database.write(numbered(1)) == 1
        assert tries == 3
    assert await database.read(numbers) == [100, 1]


def pages(count: int) -> Callable[[Connection], None]:
    """How large the file may become; 0 = as large as it likes."""

    def work(connection: Connection) -> None:
        connection.exec_driver_sql(f"PRAGMA max_page_count={count or 2**30}")

    return work


async def test_a_full_disk_is_reported_nothing_is_half_written_and_space_helps(
    database: SqliteDatabase,
) -> None:
    await database.write(numbered(0))
    await database.write(pages(10))
    outcomes = await asyncio.gather(
        database.write(numbered(1, "small")),
        database.write(numbered(2, "x" * 200_000)),
        database.write(numbered(3, "small")),
        return_exceptions=True,
    )
    assert [type(each).__name__ for each in outcomes] == ["int", "StoreFull", "int"]
    with pytest.raises(StoreFull, match="nothing was written"):
        await database.write(numbered(4, "x" * 200_000))
    assert await database.read(numbers) == [0, 1, 3]
    await database.write(pages(0))
    assert await database.write(numbered(2, "x" * 200_000)) == 2


async def test_a_full_disk_leaves_no_half_of_a_message(sqlite_world: World) -> None:
    world = sqlite_world
    await world.talk("Hello")
    before = await everything(world, t.metadata.sorted_tables)
    submission = world.submission("x" * 60_000)
    await world.database.write(pages(1))  # no page more than there are
    with pytest.raises(StoreFull):
        await world.send(submission)
    assert await everything(world, t.metadata.sorted_tables) == before
    await world.database.write(pages(0))
    await world.send(submission)
    claim = await world.claim_one()
    assert len(claim.first.text) == 60_000


async def test_a_damaged_file_is_an_error_of_the_store(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * 4096)
    database = SqliteDatabase(path)
    with pytest.raises(StoreError, match="damaged"):
        await database.read(numbers)
    with pytest.raises(StoreError, match="damaged"):
        await database.write(numbered(1))
    await database.close()


async def test_the_connections_have_the_pragmas_that_durability_needs(
    database: SqliteDatabase,
) -> None:
    def pragmas(connection: Connection) -> list[Any]:
        names = ("journal_mode", "synchronous", "foreign_keys", "secure_delete", "busy_timeout")
        return [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in names]

    full = 2
    for run in (database.write, database.read):
        assert await run(pragmas) == ["wal", full, 1, 1, 5000]
