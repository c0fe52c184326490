"""Units of work: a plain function over a SQLAlchemy `Connection`, run as one transaction.

The storage functions don't know which database they run on or on which thread. A function may
run more than once (a busy or serialised-away transaction is retried), so it must have no effect
outside its connection.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, Protocol, TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, Row

from agentcore.records import Scrubbed

T = TypeVar("T")

AnyRow = Row[*tuple[Any, ...]]
"""A result row whose columns the reader knows by name."""


class Database(Protocol):
    async def read(self, work: Callable[[Connection], T]) -> T:
        """Run `work` on a consistent snapshot; it must not write."""
        ...

    async def write(self, work: Callable[[Connection], T]) -> T:
        """Run `work` in a transaction; when this returns, it is on disk.

        An exception from `work` rolls it back and comes out here. If the caller is cancelled
        meanwhile, it may be committed or rolled back, as a whole: SQLite's writer carries out
        whatever it was given, PostgreSQL's connection is broken off.

        Raises:
            StoreBusy: locked through every retry.
            StoreFull: no room on the disk; nothing was written.
        """
        ...

    async def scrub(self, passages: Sequence[bytes]) -> Scrubbed:
        """Leave nothing of what was deleted in the database's own files, as far as that can be
        done from here, and look for these passages in them.

        Raises:
            StoreFull: no room on the disk.
        """
        ...

    async def close(self) -> None: ...


def insert(connection: Connection, table: sa.Table) -> sqlite.Insert | postgresql.Insert:
    """An INSERT that knows ON CONFLICT, in the connection's own dialect."""
    return insert_in(connection.dialect.name, table)


def insert_in(dialect: str, table: sa.Table) -> sqlite.Insert | postgresql.Insert:
    """The same in a dialect by its name, for statements that are built once."""
    return postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)


@cache
def adding(table: sa.Table) -> sa.Insert:
    """A plain INSERT, built once for each table: building it costs more than running it."""
    return sa.insert(table)


def lock_row(connection: Connection, query: sa.Select[Any]) -> bool:
    """Hold the rows until the transaction's end, and let its next statement see what was
    committed while it waited for them. False where there is nothing to wait for: one writer.
    """
    if not waits_for_rows(connection):
        return False
    connection.execute(query.with_for_update())
    return True


def waits_for_rows(connection: Connection) -> bool:
    """Whether others may be writing at the same time, so that rows have to be locked."""
    return connection.dialect.name == "postgresql"
