"""SQLite: one writer thread that owns the only writing connection, and aiosqlite readers.

Invariant: every write goes through the writer's queue, in order, inside BEGIN IMMEDIATE; so no
transaction ever has to be upgraded from reading to writing, which is where SQLite answers
"database is locked" at once. What waits in the queue together is committed together: each unit
of work in a savepoint of its own, one fsync for all.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import queue
import random
import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.pool import StaticPool

from agentcore.errors import StoreBusy, StoreError, StoreFull
from agentcore.records import Scrubbed
from agentcore.sqlstore.engine import scrubbing
from agentcore.sqlstore.engine.readers import Readers

T = TypeVar("T")

MAX_GROUP = 64
BUSY_TRIES = 6

_PRAGMAS = (
    "PRAGMA busy_timeout=5000",
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA secure_delete=ON",
)


def configure(engine: sa.Engine, *, begin: str, pragmas: Sequence[str] = _PRAGMAS) -> sa.Engine:
    """Set the pragmas on each new connection and open transactions with `begin`."""

    @sa.event.listens_for(engine, "connect")
    def _connected(dbapi_connection: Any, _record: object) -> None:
        # None: the driver opens no transactions of its own accord.
        dbapi_connection.isolation_level = None
        cursor = dbapi_connection.cursor()
        for pragma in pragmas:
            cursor.execute(pragma)
        cursor.close()

    def opened(dbapi_connection: Any) -> None:
        dbapi_connection.execute(begin)

    # Not by a listener: an engine with one looks for others before and after each statement.
    engine.dialect.do_begin = opened  # type: ignore[method-assign]
    return engine


def writing_engine(path: Path) -> sa.Engine:
    """A synchronous engine with a single connection that may write."""
    engine = sa.create_engine(
        sa.URL.create("sqlite", database=str(path)),
        poolclass=StaticPool,
        connect_args={"check_same_thread": False},
    )
    return configure(engine, begin="BEGIN IMMEDIATE")


def only_reading(engine: sa.Engine) -> sa.Engine:
    """The engine, whose connections refuse to write from now on."""
    return configure(engine, begin="BEGIN", pragmas=(*_PRAGMAS, "PRAGMA query_only=ON"))


@dataclass(frozen=True, slots=True)
class _Job:
    work: Callable[[Any], Any]
    loop: asyncio.AbstractEventLoop
    future: asyncio.Future[Any]

    def settle(self, outcome: Any) -> None:
        """Hand the outcome to the waiting task, unless it or its loop has gone."""
        with contextlib.suppress(RuntimeError):
            self.loop.call_soon_threadsafe(self._settle, outcome)

    def _settle(self, outcome: Any) -> None:
        if self.future.done():
            return
        if isinstance(outcome, _Failure):
            self.future.set_exception(outcome.error)
        else:
            self.future.set_result(outcome)


@dataclass(frozen=True, slots=True)
class _Apart(_Job):
    """Work on the engine itself, with no transaction open: never part of a group."""


@dataclass(frozen=True, slots=True)
class _Failure:
    error: BaseException


class SqliteDatabase:
    """`Database` over one SQLite file. Its folder must exist; close it when done."""

    def __init__(self, path: Path, *, readers: int = 4) -> None:
        self._path = path
        self._engine = writing_engine(path)
        self._readers = Readers(path, readers, only_reading)
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._closed = False
        self._thread = threading.Thread(target=self._serve, name="sqlite-writer", daemon=True)
        self._thread.start()

    async def read(self, work: Callable[[Connection], T]) -> T:
        self._require_open()
        try:
            return await self._readers.read(work)
        except sa.exc.DatabaseError as error:
            if (told := as_told(error)) is error:
                raise
            raise told from error

    async def write(self, work: Callable[[Connection], T]) -> T:
        result: T = await self._done(_Job, work)
        return result

    async def scrub(self, passages: Sequence[bytes]) -> Scrubbed:
        return await scrubbing.scrub(self._path, self._exclusive, passages)

    async def _exclusive(self, work: Callable[[sa.Engine], T]) -> T:
        result: T = await self._done(_Apart, work)
        return result

    async def _done(self, kind: type[_Job], work: Callable[[Any], Any]) -> Any:
        self._require_open()
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Any] = loop.create_future()
        self._jobs.put(kind(work, loop, future))
        return await future

    def _require_open(self) -> None:
        if self._closed:
            msg = "The database is closed."
            raise StoreError(msg)

    async def close(self) -> None:
        """Finish what is queued, then close all connections."""
        if self._closed:
            return
        self._closed = True
        self._jobs.put(None)
        await asyncio.to_thread(self._thread.join)
        await self._readers.close()

    def _serve(self) -> None:
        """The writer thread: take what waits, commit it as one group."""
        while (job := self._jobs.get()) is not None:
            group: list[_Job] = []
            following: _Job | None = job
            while following is not None and not isinstance(following, _Apart):
                group.append(following)
                if len(group) == MAX_GROUP:
                    break
                try:
                    following = self._jobs.get_nowait()
                except queue.Empty:
                    break
            if group:
                self._commit(group)
            if isinstance(following, _Apart):
                following.settle(self._outcome_apart(following))
            elif following is None:
                break
        self._engine.dispose()

    def _outcome_apart(self, job: _Apart) -> Any:
        try:
            return job.work(self._engine)
        except Exception as error:  # noqa: BLE001 (the waiting task must hear of it)
            return _Failure(as_told(error))

    def _commit(self, group: Sequence[_Job]) -> None:
        for job, outcome in zip(group, self._outcomes(group), strict=True):
            job.settle(outcome)

    def _outcomes(self, group: Sequence[_Job]) -> Sequence[Any]:
        """The group's results, one for each job, after one commit."""
        alone = len(group) == 1
        for attempt in itertools.count(1):
            try:
                with self._engine.connect() as connection, connection.begin():
                    return [_run(connection, job, alone=alone) for job in group]
            except sa.exc.OperationalError as error:
                failure = translated(error)
                if isinstance(failure, StoreBusy) and attempt < BUSY_TRIES:
                    time.sleep(random.uniform(0, 0.05 * 2**attempt))  # noqa: S311 (jitter)
                    continue
                failure.__cause__ = error
            except _RolledBack as rolled_back:
                return [_Failure(as_told(rolled_back.error))]
            except Exception as error:  # noqa: BLE001 (the waiting tasks must hear of it)
                return [_Failure(as_told(error))] * len(group)
            # What keeps us out keeps each of them out; trying them singly would only take longer.
            if alone or isinstance(failure, StoreBusy):
                return [_Failure(failure)] * len(group)
            # One of them broke the common transaction: find it by running each alone.
            return [outcome for job in group for outcome in self._outcomes([job])]
        raise AssertionError  # pragma: no cover


class _RolledBack(Exception):
    """A lone unit of work failed: roll the whole transaction back."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error


def _run(connection: Connection, job: _Job, *, alone: bool) -> Any:
    """One unit of work; in company, its failure undoes only its own savepoint."""
    try:
        if alone:
            return job.work(connection)
        with connection.begin_nested():
            return job.work(connection)
    except sa.exc.OperationalError:
        raise
    except Exception as error:
        if alone:
            raise _RolledBack(error) from error
        return _Failure(as_told(error))


def as_told(error: Exception) -> Exception:
    """The error as callers know it: trouble with the database is a StoreError; what the unit of
    work did wrong (a broken constraint, its own exception) stays what it is.
    """
    if isinstance(error, sa.exc.OperationalError):
        return translated(error)
    if type(error) is sa.exc.DatabaseError:
        return StoreError(f"The database file is damaged: {error.orig}. Restore a backup.")
    return error


_CANT_GROW = frozenset({sqlite3.SQLITE_IOERR_WRITE, sqlite3.SQLITE_IOERR_SHMSIZE})
"""What SQLite says of a quota, a limit on file sizes, or no room for its shared memory."""


def translated(error: sa.exc.OperationalError) -> StoreError:
    """The driver's error as one of ours."""
    code = getattr(error.orig, "sqlite_errorcode", None)
    primary = None if code is None else code & 0xFF
    if primary in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
        return StoreBusy("The database stayed locked; is another program writing to it?")
    if primary == sqlite3.SQLITE_FULL or code in _CANT_GROW:
        return StoreFull("The disk is full: nothing was written. Free some space and try again.")
    if primary in {sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM}:
        return StoreError(f"The database can't be opened for writing: {error.orig}.")
    return StoreError(f"The database failed: {error.orig}.")
