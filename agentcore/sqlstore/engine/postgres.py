"""PostgreSQL: the same units of work on asyncpg, retried when they were serialised away.

Writes run at READ COMMITTED. There, an UPDATE that has waited for its row sees that row's newest
version, but its sub-selects still see what there was before the wait: whoever needs both must
lock the row in a statement of its own first (`database.lock_row`).
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Sequence
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.ext.asyncio import create_async_engine

from agentcore.errors import StoreBusy, StoreError, StoreFull
from agentcore.records import Scrubbed

T = TypeVar("T")

TRIES = 8

# Classes of SQLSTATE after which the same transaction may well succeed. A unique violation is
# among them because per-address numbers are taken as max + 1: the loser takes the next one.
_SERIALISED_AWAY = frozenset({"40001", "40P01", "55P03", "23505"})
_DISK_FULL = "53100"
_WORK_IS_WRONG = frozenset({"22", "23"})
"""Classes of SQLSTATE: data exceptions, integrity constraints."""


class PostgresDatabase:
    """`Database` over one PostgreSQL database, `url` as `postgresql+asyncpg://…`."""

    def __init__(self, url: str, *, connections: int = 10) -> None:
        self._engine = create_async_engine(
            url, pool_size=connections, max_overflow=0, isolation_level="READ COMMITTED"
        )

    async def read(self, work: Callable[[Connection], T]) -> T:
        try:
            async with self._engine.connect() as connection:
                snapshot = await connection.execution_options(
                    isolation_level="REPEATABLE READ", postgresql_readonly=True
                )
                return await snapshot.run_sync(work)
        except (sa.exc.DBAPIError, sa.exc.TimeoutError, OSError) as error:
            if (told := as_told(error)) is error:
                raise
            raise told from error

    async def write(self, work: Callable[[Connection], T]) -> T:
        for attempt in range(1, TRIES + 1):
            try:
                async with self._engine.begin() as connection:
                    return await connection.run_sync(work)
            except StoreBusy:  # something changed under it, and it wants to look again
                if attempt == TRIES:
                    raise
            except (sa.exc.DBAPIError, sa.exc.TimeoutError, OSError) as error:
                if attempt == TRIES or _state(error) not in _SERIALISED_AWAY:
                    if (told := as_told(error)) is error:
                        raise
                    raise told from error
            await asyncio.sleep(random.uniform(0, 0.01 * 2**attempt))  # noqa: S311 (jitter)
        msg = "unreachable"
        raise AssertionError(msg)

    async def scrub(self, passages: Sequence[bytes]) -> Scrubbed:
        return Scrubbed(needs_vacuum=True)

    async def close(self) -> None:
        await self._engine.dispose()


def _state(error: Exception) -> str:
    return getattr(getattr(error, "orig", None), "sqlstate", None) or ""


def as_told(error: Exception) -> Exception:
    """The error as callers know it: trouble with the database is a StoreError; what the unit of
    work did wrong (a broken constraint, a value that can't be stored) stays what it is.
    """
    state = _state(error)
    if state == _DISK_FULL:
        return StoreFull("The database's disk is full: nothing was written.")
    if state[:2] in _WORK_IS_WRONG:
        return error
    if state in _SERIALISED_AWAY:
        return StoreBusy(f"The database kept refusing the transaction ({state}).")
    if isinstance(error, sa.exc.TimeoutError):
        return StoreBusy("Too many transactions wait for a connection to the database.")
    cause = getattr(error, "orig", None) or error
    return StoreError(f"The database failed: {cause}.")
