"""PostgreSQL: the same units of work on asyncpg, retried when they were serialised away."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.ext.asyncio import create_async_engine

from agentcore.errors import StoreBusy, StoreError, StoreFull

T = TypeVar("T")

TRIES = 8

# Classes of SQLSTATE after which the same transaction may well succeed. A unique violation is
# among them because per-address numbers are taken as max + 1: the loser takes the next one.
_SERIALISED_AWAY = frozenset({"40001", "40P01", "55P03", "23505"})
_DISK_FULL = "53100"


class PostgresDatabase:
    """`Database` over one PostgreSQL database, `url` as `postgresql+asyncpg://…`."""

    def __init__(self, url: str, *, connections: int = 10) -> None:
        self._engine = create_async_engine(url, pool_size=connections, max_overflow=0)

    async def read(self, work: Callable[[Connection], T]) -> T:
        async with self._engine.connect() as connection:
            snapshot = await connection.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )
            return await snapshot.run_sync(work)

    async def write(self, work: Callable[[Connection], T]) -> T:
        for attempt in range(1, TRIES + 1):
            try:
                async with self._engine.begin() as connection:
                    return await connection.run_sync(work)
            except sa.exc.DBAPIError as error:
                state = getattr(error.orig, "sqlstate", None)
                if state == _DISK_FULL:
                    msg = "The database's disk is full: nothing was written."
                    raise StoreFull(msg) from error
                if state not in _SERIALISED_AWAY:
                    raise StoreError(f"The database failed: {error.orig}.") from error
                if attempt == TRIES:
                    msg = f"The database kept refusing the transaction ({state})."
                    raise StoreBusy(msg) from error
            await asyncio.sleep(random.uniform(0, 0.01 * 2**attempt))  # noqa: S311 (jitter)
        msg = "unreachable"
        raise AssertionError(msg)

    async def close(self) -> None:
        await self._engine.dispose()
