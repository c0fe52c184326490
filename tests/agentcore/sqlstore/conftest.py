"""Every test that asks for `world` runs twice: on SQLite, and on PostgreSQL."""

from __future__ import annotations

import asyncio
import secrets
import shutil
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import create_async_engine

from agentcore.sqlstore.engine import schema
from agentcore.sqlstore.engine.database import Database
from agentcore.sqlstore.engine.postgres import PostgresDatabase
from agentcore.sqlstore.engine.sqlite import SqliteDatabase
from agentcore.sqlstore.stores import SqlStore
from agentcore.sqlstore.tables import metadata
from agentcore.testing import FakeClock
from tests.contracts.store_servers import NoServer, postgres_url
from tests.contracts.store_world import World

Opened = Callable[[], Database]
"""Opens the test's database once more, as a second process would."""


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty file with the whole schema: copied for each test."""
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    schema.upgrade_sqlite(path)
    return path


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[sa.URL]:
    try:
        with postgres_url() as url:
            yield url
    except NoServer as reason:
        pytest.skip(f"no PostgreSQL to test with: {reason}")


@pytest.fixture(scope="session")
def postgres_database(postgres_server: sa.URL) -> Iterator[sa.URL]:
    """A database with the whole schema, which this process's tests use one after the other."""
    name = f"familiar_test_{secrets.token_hex(6)}"
    _on_server(postgres_server, f"CREATE DATABASE {name} STRATEGY FILE_COPY")
    url = postgres_server.set(database=name)
    _complete(_migrate(url))
    yield url
    _on_server(postgres_server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def emptied(postgres_database: sa.URL) -> Iterator[Callable[[], sa.URL]]:
    """Takes all rows out of it. Deleting takes 3 ms, truncating 50, and a new connection 20."""
    tables = reversed(metadata.sorted_tables)
    deletes = " ".join(f'DELETE FROM "{table.name}";' for table in tables)  # noqa: S608 (names of our own tables)
    engine = create_async_engine(postgres_database, isolation_level="AUTOCOMMIT")

    async def delete() -> None:
        async with engine.connect() as connection:
            await connection.execute(sa.text(f"DO $$ BEGIN {deletes} END $$"))

    with asyncio.Runner() as runner:

        def empty() -> sa.URL:
            runner.run(delete())
            return postgres_database

        yield empty
        runner.run(engine.dispose())


@pytest.fixture
def postgres_place(emptied: Callable[[], sa.URL]) -> sa.URL:
    """An empty PostgreSQL database with the schema."""
    return emptied()


@pytest.fixture
def empty_postgres(postgres_server: sa.URL) -> Iterator[sa.URL]:
    """A fresh PostgreSQL database without any table."""
    name = f"familiar_empty_{secrets.token_hex(6)}"
    _on_server(postgres_server, f"CREATE DATABASE {name} STRATEGY FILE_COPY")
    yield postgres_server.set(database=name)
    _on_server(postgres_server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def sqlite_place(sqlite_template: Path, tmp_path: Path) -> Path:
    """A fresh SQLite file with the schema."""
    path = tmp_path / "familiar.db"
    shutil.copy(sqlite_template, path)
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def opened(request: pytest.FixtureRequest) -> Opened:
    if request.param == "sqlite":
        path: Path = request.getfixturevalue("sqlite_place")
        return lambda: without_fsync(SqliteDatabase(path, readers=2))
    url: sa.URL = request.getfixturevalue("postgres_place")
    return lambda: PostgresDatabase(url.render_as_string(hide_password=False), connections=6)


@pytest.fixture
async def database(opened: Opened) -> AsyncIterator[Database]:
    database = opened()
    yield database
    await database.close()


@pytest.fixture
def world(database: Database) -> World:
    clock = FakeClock()
    return World(SqlStore(database, clock), database, clock)


@pytest.fixture
async def sqlite_world(sqlite_place: Path) -> AsyncIterator[World]:
    """On SQLite alone."""
    async for world in _world(without_fsync(SqliteDatabase(sqlite_place, readers=2))):
        yield world


@pytest.fixture
async def postgres_world(postgres_place: sa.URL) -> AsyncIterator[World]:
    """On PostgreSQL alone."""
    async for world in _world(
        PostgresDatabase(postgres_place.render_as_string(hide_password=False))
    ):
        yield world


async def _world(database: Database) -> AsyncIterator[World]:
    clock = FakeClock()
    yield World(SqlStore(database, clock), database, clock)
    await database.close()


def without_fsync(database: SqliteDatabase) -> SqliteDatabase:
    """No test loses power, and a slow disk would make the suite slow."""

    @sa.event.listens_for(database._engine, "connect")
    def _connected(connection: Any, _record: object) -> None:
        connection.execute("PRAGMA synchronous=OFF")

    return database


async def _migrate(url: sa.URL) -> None:
    engine = create_async_engine(url)
    async with engine.begin() as connection:
        await connection.run_sync(schema.upgrade)
    await engine.dispose()


def _on_server(url: sa.URL, statement: str) -> None:
    async def run() -> None:
        engine = create_async_engine(url, isolation_level="AUTOCOMMIT")
        async with engine.connect() as connection:
            await connection.execute(sa.text(statement))
        await engine.dispose()

    _complete(run())


def _complete(work: Coroutine[Any, Any, None]) -> None:
    with asyncio.Runner() as runner:
        runner.run(work)
