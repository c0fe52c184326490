"""The schema's state: is it this program's, older, newer, or not there yet; and its upgrade.

A start must be quick, so the state is read with plain SQL; Alembic is imported only to upgrade.
"""

from __future__ import annotations

import contextlib
import re
import sqlite3
import time
from contextlib import closing
from enum import StrEnum
from pathlib import Path
from urllib.parse import quote

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from agentcore.errors import SchemaMismatch, StoreError, StoreFull
from agentcore.sqlstore.engine.sqlite import translated, writing_engine

HEAD = "0004"
"""The newest revision; a test holds it against the scripts."""

_SIGNATURE = b"SQLite format 3\0"
_OURS = re.compile(r"\d{4}")
_FOREIGN = "The database holds tables of another program; choose another one."


class SchemaState(StrEnum):
    """How a database's schema compares with the one this program was written for."""

    EMPTY = "empty"
    CURRENT = "current"
    OLDER = "older"
    NEWER = "newer"


def state_of(connection: Connection) -> SchemaState:
    """Compare the database with `HEAD`.

    Raises:
        SchemaMismatch: it holds tables, but they aren't ours.
    """
    inspector = sa.inspect(connection)
    if not inspector.has_table("alembic_version"):
        if inspector.get_table_names():
            raise SchemaMismatch(_FOREIGN)
        return SchemaState.EMPTY
    found = connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()
    if found is None:
        return SchemaState.EMPTY
    if found == HEAD:
        return SchemaState.CURRENT
    # Revisions are numbered, so that an old program can tell a newer database from a broken one.
    if not _OURS.fullmatch(found):
        raise SchemaMismatch(_FOREIGN)
    return SchemaState.OLDER if found < HEAD else SchemaState.NEWER


def require_current(state: SchemaState) -> None:
    """Refuse to work on anything but this program's own schema.

    Raises:
        SchemaMismatch: with what to do about it.
    """
    match state:
        case SchemaState.CURRENT:
            return
        case SchemaState.NEWER:
            msg = (
                "The database was written by a newer version of Familiar. "
                "Upgrade this program, or restore an older backup."
            )
            raise SchemaMismatch(msg)
        case SchemaState.OLDER | SchemaState.EMPTY:
            msg = "The database's schema is not up to date. Run `familiar db upgrade`."
            raise SchemaMismatch(msg)


def upgrade(connection: Connection, *, to: str = HEAD) -> None:
    """Bring the schema to a revision, in the connection's transaction."""
    from alembic import command  # noqa: PLC0415 (a quarter of a second that most starts don't need)
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent.parent / "migrations"))
    config.attributes["connection"] = connection
    command.upgrade(config, to)


def sqlite_state(path: Path) -> SchemaState:
    """The state of a SQLite file; EMPTY when there is none."""
    if not path.exists() or path.stat().st_size == 0:
        return SchemaState.EMPTY
    with contextlib.suppress(OSError), path.open("rb") as file:
        if file.read(len(_SIGNATURE)) != _SIGNATURE:  # SQLite would take a short text for empty
            raise _no_database(path, "it begins with something else")
    engine = _looking_engine(path)
    try:
        with engine.connect() as connection:
            return state_of(connection)
    except sa.exc.DatabaseError as error:
        raise _unreadable(path, error) from error
    finally:
        engine.dispose()


def _looking_engine(path: Path) -> sa.Engine:
    """Without our pragmas: the journal mode is written into the file, and it may not be ours."""
    place = f"file:{quote(str(path))}?mode=rw"  # rw: never make a file by looking for one
    return sa.create_engine("sqlite://", creator=lambda: sqlite3.connect(place, uri=True))


def upgrade_sqlite(path: Path, *, keep_copy: bool = True) -> Path | None:
    """Bring a SQLite file to `HEAD`; an older one is first copied and the copy verified, unless
    it is itself a copy (`keep_copy` False).

    Returns:
        The copy's path, or None when nothing had to be copied.

    Raises:
        SchemaMismatch: the file is newer than this program, or not ours.
        StoreError: it can't be read or written.
    """
    state = sqlite_state(path)
    if state is SchemaState.CURRENT:
        return None
    if state is SchemaState.NEWER:
        require_current(state)
    older = state is SchemaState.OLDER
    copy = _verified_copy(path) if older and keep_copy else None
    engine = writing_engine(path)
    try:
        with engine.begin() as connection:
            upgrade(connection)
    except sa.exc.DatabaseError as error:
        raise _unreadable(path, error) from error
    finally:
        engine.dispose()
    path.chmod(0o600)
    return copy


def _verified_copy(path: Path) -> Path:
    """A consistent copy beside the file, proven readable before the file is touched."""
    copy = path.with_name(f"{path.stem}.before-{HEAD}-{time.time_ns()}{path.suffix}")
    try:
        with closing(sqlite3.connect(path)) as source:
            source.execute("VACUUM INTO ?", (str(copy),))
        copy.chmod(0o600)
        with closing(sqlite3.connect(copy)) as check:
            (verdict,) = check.execute("PRAGMA integrity_check").fetchone()
    except sqlite3.Error as error:
        copy.unlink(missing_ok=True)
        msg = f"The database could not be copied before its upgrade, so it was left alone: {error}."
        raise StoreError(msg) from error
    if verdict != "ok":
        msg = f"The copy of the database is damaged ({verdict}); the upgrade was not started."
        raise StoreError(msg)
    return copy


def _unreadable(path: Path, error: sa.exc.DatabaseError) -> StoreError:
    if isinstance(error, sa.exc.OperationalError):
        failure = translated(error)
        if isinstance(failure, StoreFull):
            return failure
        return StoreError(f"{path}: {failure}")
    return _no_database(path, str(error.orig))


def _no_database(path: Path, why: str) -> StoreError:
    return StoreError(
        f"{path} is not a readable SQLite database ({why}). "
        "Point FAMILIAR_DATABASE_URL elsewhere, or restore a backup."
    )
