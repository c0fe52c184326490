"""Database addresses: every spelling becomes one record, and no message shows a password."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.database_url import PostgresUrl, SqliteUrl, parse_database_url

PASSWORD = "do-not-show-me"


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("sqlite:///data/familiar.db", "data/familiar.db"),
        ("sqlite+aiosqlite:////srv/familiar.db", "/srv/familiar.db"),
        ("SQLite:////srv/a b.db", "/srv/a b.db"),
    ],
)
def test_sqlite_addresses_become_a_path(text: str, path: str) -> None:
    database = parse_database_url(text)
    assert database == SqliteUrl(Path(path))
    assert parse_database_url(str(database)) == database


@pytest.mark.parametrize(
    ("text", "url", "shown"),
    [
        ("postgres://h/db", "postgresql+asyncpg://h/db", "postgresql://h/db"),
        (
            "postgresql+psycopg2://me:p%23w@h:5433/db?sslmode=require",
            "postgresql+asyncpg://me:p%23w@h:5433/db?ssl=require",
            "postgresql://h:5433/db",
        ),
        ("postgresql+asyncpg:///db", "postgresql+asyncpg:///db", "postgresql://local socket/db"),
        ("postgres://[::1]/db", "postgresql+asyncpg://[::1]/db", "postgresql://::1/db"),
    ],
)
def test_postgres_addresses_take_one_form(text: str, url: str, shown: str) -> None:
    database = parse_database_url(text)
    assert isinstance(database, PostgresUrl)
    assert (database.url, str(database)) == (url, shown)
    assert "p%23w" not in repr(database)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("familiar.db", "is not a database address"),
        ("sqlite://", "names no file"),
        ("sqlite:///:memory:", "names no file"),
        ("sqlite://familiar.db", "needs a third slash"),
        ("sqlite:///data/", "names a folder"),
        ("sqlite:///a.db?mode=ro", "has parameters"),
        ("postgres://me@host", "must end in the database's name"),
        ("postgres://me@host/a/b", "must end in the database's name"),
        (f"postgres://me:{PASSWORD}#@host/db", "has a '#'"),
        (f"postgres://me:{PASSWORD}@host:x/db", "has a host or port that can't be read"),
        ("postgres://h/db?channel_binding=require", "has the parameter 'channel_binding'"),
    ],
)
def test_a_database_address_that_cannot_work_is_explained(text: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=r"^(is|has|names|needs|must) ") as caught:
        parse_database_url(text)
    assert complaint in str(caught.value)
    assert PASSWORD not in str(caught.value)
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
