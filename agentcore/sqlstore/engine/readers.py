"""Readers of a SQLite file: aiosqlite connections, each on its thread, with SQLAlchemy over them.

A read goes to its thread once, as a whole. By SQLAlchemy's own aiosqlite dialect it goes there for each
statement, and for each cursor's end, which takes longer than what is read.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TypeVar

import aiosqlite
import anyio
import anyio.lowlevel
import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.pool import StaticPool

from agentcore.errors import StoreBusy

T = TypeVar("T")

PATIENCE = 30.0
"""Seconds to wait for a reader that is free."""


class Readers:
    """So many reads at once. `configure` prepares the engine of each reader's one connection."""

    def __init__(self, path: Path, count: int, configure: Callable[[sa.Engine], sa.Engine]) -> None:
        self._all = [_Reader(path, configure) for _ in range(count)]
        self._free: asyncio.LifoQueue[_Reader] = asyncio.LifoQueue()
        for reader in self._all:
            self._free.put_nowait(reader)

    @property
    def engines(self) -> list[sa.Engine]:
        return [reader.engine for reader in self._all]

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Run `work` within a transaction of its own. What has begun is carried to its end.

        Raises:
            StoreBusy: none came free in time.
        """
        await anyio.lowlevel.checkpoint_if_cancelled()
        try:
            with anyio.fail_after(PATIENCE):
                reader = await self._free.get()
        except TimeoutError as error:
            msg = "Too many reads wait for the database."
            raise StoreBusy(msg) from error
        try:
            # One cut off half-way would leave its reader at work for somebody who has gone.
            with anyio.CancelScope(shield=True):
                result = await reader.read(work)
        finally:
            self._free.put_nowait(reader)
        return result

    async def close(self) -> None:
        """Wait for the reads under way, then close all connections."""
        for _ in self._all:
            await (await self._free.get()).close()


class _Thread(aiosqlite.Connection):
    """A connection, and its thread for whole pieces of work."""

    def __init__(self, path: Path) -> None:
        super().__init__(partial(sqlite3.connect, path, check_same_thread=False), 64)
        self._thread.daemon = True

    @property
    def connection(self) -> sqlite3.Connection:
        return self._conn

    async def run(self, work: Callable[[], T]) -> T:
        done: T = await self._execute(work)  # type: ignore[no-untyped-call]
        return done


class _Reader:
    """A connection that is opened when it is first read from."""

    def __init__(self, path: Path, configure: Callable[[sa.Engine], sa.Engine]) -> None:
        self._path = path
        self._thread: _Thread | None = None
        engine = sa.create_engine("sqlite://", poolclass=StaticPool, creator=self._connection)
        self.engine = configure(engine)

    async def read(self, work: Callable[[Connection], T]) -> T:
        if self._thread is None:
            thread = _Thread(self._path)
            try:
                _ = await thread
            except sqlite3.Error as error:
                raise sa.exc.OperationalError("connect", None, error) from error
            self._thread = thread
        return await self._thread.run(partial(self._within, work))

    def _connection(self) -> sqlite3.Connection:
        if self._thread is None:
            msg = "the reader is closed"
            raise RuntimeError(msg)
        return self._thread.connection

    def _within(self, work: Callable[[Connection], T]) -> T:
        with self.engine.connect() as connection, connection.begin():
            return work(connection)

    async def close(self) -> None:
        if self._thread is not None:
            await self._thread.run(self.engine.dispose)
            await self._thread.close()
            self._thread = None
