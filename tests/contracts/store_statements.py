"""Looking at the statements that the store executes, and making one of them fail."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from agentcore.sqlstore.engine.database import Database
from agentcore.sqlstore.engine.postgres import PostgresDatabase
from agentcore.sqlstore.engine.sqlite import SqliteDatabase

_FRAME = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "PRAGMA")


@dataclass
class Fault:
    """A failure at one statement of what follows; `happened` once it got there."""

    happened: bool = False
    statement: str = ""


@dataclass
class Executed:
    """Statements in order, each with its parameters. BEGIN, COMMIT and the like aren't among them."""

    statements: list[tuple[str, Any]] = field(default_factory=list)

    @property
    def texts(self) -> Sequence[str]:
        return [text for text, _ in self.statements]


def writing(database: Database) -> sa.Engine:
    """The engine behind the writes."""
    if isinstance(database, SqliteDatabase):
        return database._engine
    assert isinstance(database, PostgresDatabase)
    return database._engine.sync_engine


def engines(database: Database) -> Sequence[sa.Engine]:
    if isinstance(database, SqliteDatabase):
        return (database._engine, *database._readers.engines)
    return (writing(database),)


@contextmanager
def failing_at(database: Database, number: int) -> Iterator[Fault]:
    """Raise a RuntimeError instead of the `number`th statement, counted from 0."""
    fault, left = Fault(), number

    def before(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        nonlocal left
        if statement.startswith(_FRAME):
            return
        if left == 0:
            fault.happened, fault.statement = True, statement
            msg = "the power went"
            raise RuntimeError(msg)
        left -= 1

    engine = writing(database)
    sa.event.listen(engine, "before_cursor_execute", before)
    try:
        yield fault
    finally:
        sa.event.remove(engine, "before_cursor_execute", before)


@contextmanager
def executed(database: Database) -> Iterator[Executed]:
    """The statements of what runs inside."""
    seen = Executed()

    def before(_c: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        if not statement.startswith(_FRAME):
            seen.statements.append((statement, parameters))

    for engine in engines(database):
        sa.event.listen(engine, "before_cursor_execute", before)
    try:
        yield seen
    finally:
        for engine in engines(database):
            sa.event.remove(engine, "before_cursor_execute", before)
