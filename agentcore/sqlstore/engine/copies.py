"""Copies of a SQLite file that is in use, proven to be whole; and what is in one."""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import sqlalchemy as sa

from agentcore.errors import StoreError
from agentcore.sqlstore.engine.sqlite import translated


@dataclass(frozen=True, slots=True)
class Contents:
    """What a database holds: its schema's revision, and the rows of each table."""

    schema: str
    rows: Mapping[str, int]


def copy_database(source: Path, target: Path) -> Contents:
    """Copy a database that others may be writing to, as it is at one moment, and check the copy.

    `target` must not exist or be empty; the caller removes it after an error.

    Raises:
        StoreFull: there is no room for the copy.
        StoreError: the source can't be read, or the copy isn't the same.
    """
    with _told(source), closing(_opened(source)) as live:
        # The transaction's snapshot is what the copy is made of, whatever is written meanwhile.
        live.execute("BEGIN")
        expected = _rows(live)
        with closing(sqlite3.connect(target, isolation_level=None)) as copy:
            live.backup(copy)
            copy.execute("PRAGMA journal_mode=DELETE")  # one file, without a log beside it
    found = contents_of(target)
    if found.rows != expected:
        msg = f"The copy of {source} isn't the same as the original. Try again."
        raise StoreError(msg)
    return found


def contents_of(path: Path) -> Contents:
    """Check every page of a database, and say what is in it.

    Raises:
        StoreError: it is damaged, or not one of ours.
    """
    with _told(path), closing(_opened(path)) as database:
        (verdict,) = database.execute("PRAGMA integrity_check(1)").fetchone()
        if verdict != "ok":
            msg = f"{path} is damaged ({verdict})."
            raise StoreError(msg)
        row = database.execute("SELECT version_num FROM alembic_version").fetchone()
        return Contents("" if row is None else str(row[0]), _rows(database))


def damage_of(path: Path) -> str | None:
    """What is wrong with the pages of a database that others may be using; None if nothing is.

    Raises:
        StoreError: it can't be read at all.
    """
    with _told(path), closing(_opened(path)) as database:
        (verdict,) = database.execute("PRAGMA quick_check(1)").fetchone()
        return None if verdict == "ok" else str(verdict)


def users_of(path: Path) -> frozenset[str]:
    """The ids of all users in a database.

    Raises:
        StoreError: it can't be read.
    """
    return _users(path, 'SELECT user_id FROM "user"')


def people_of(path: Path) -> frozenset[str]:
    """As `users_of`, without those who turned out to be another user.

    Raises:
        StoreError: it can't be read.
    """
    return _users(
        path, 'SELECT user_id FROM "user" WHERE user_id NOT IN (SELECT absorbed_user FROM link)'
    )


def _users(path: Path, query: str) -> frozenset[str]:
    with _told(path), closing(_opened(path)) as database:
        rows = database.execute(query)
        return frozenset(f"user-{uuid.UUID(bytes=row[0])}" for row in rows)


def fold_in_log(path: Path) -> None:
    """Write what is still in the log beside a database into it, so that it stands alone. Only for
    who holds the service's lock.

    Raises:
        StoreError: it can't be read or written.
    """
    with _told(path), closing(_opened(path)) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        database.execute("PRAGMA journal_mode=DELETE")


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """The driver's errors as ours."""
    try:
        yield
    except sqlite3.OperationalError as error:
        wrapped = sa.exc.OperationalError("", {}, error)
        raise translated(wrapped) from error
    except sqlite3.Error as error:
        msg = f"{path} is not a readable SQLite database ({error})."
        raise StoreError(msg) from error


def _opened(path: Path) -> sqlite3.Connection:
    place = f"file:{quote(str(path))}?mode=rw"  # rw: never make a file by looking for one
    connection = sqlite3.connect(place, uri=True, isolation_level=None)
    connection.execute("PRAGMA busy_timeout=5000")
    return connection


def _rows(database: sqlite3.Connection) -> dict[str, int]:
    found = database.execute(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' "
        "AND name <> 'alembic_version' ORDER BY name"
    )
    names = [str(row[0]) for row in found]
    return {
        name: int(database.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0])  # noqa: S608 (names of our own tables)
        for name in names  # (names of tables, from the schema)
    }
