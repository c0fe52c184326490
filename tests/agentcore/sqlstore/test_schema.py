"""Migrations, on both databases."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, TypeVar

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import Connection
from sqlalchemy.ext.asyncio import create_async_engine

from agentcore import sqlstore
from agentcore.errors import SchemaMismatch
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.engine import schema
from agentcore.sqlstore.engine.schema import SchemaState

T = TypeVar("T")
Runner = Callable[[Callable[[Connection], T]], Any]
"""Runs a function in a transaction on the test's empty database."""

MIGRATIONS = Path(sqlstore.__file__).parent / "migrations"
EARLIER = [f"{number:04}" for number in range(1, int(schema.HEAD))]


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite+aiosqlite:///{tmp_path / 'empty.db'}"
    place: sa.URL = request.getfixturevalue("empty_postgres")
    return place.render_as_string(hide_password=False)


@pytest.fixture
async def run(url: str) -> AsyncIterator[Runner[Any]]:
    engine = create_async_engine(url)

    async def run(work: Callable[[Connection], T]) -> T:
        async with engine.begin() as connection:
            return await connection.run_sync(work)

    yield run
    await engine.dispose()


def scripts() -> ScriptDirectory:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return ScriptDirectory.from_config(config)


def test_the_head_that_a_start_compares_with_is_the_newest_script() -> None:
    assert scripts().get_heads() == [schema.HEAD]


def test_the_scripts_are_one_line_of_rising_numbers() -> None:
    line = [script.revision for script in scripts().walk_revisions()][::-1]
    assert line == [*EARLIER, schema.HEAD]


async def test_the_migrations_make_what_the_tables_say(run: Runner[Any]) -> None:
    await run(schema.upgrade)

    def differences(connection: Connection) -> list[Any]:
        options = {"compare_type": True, "compare_server_default": True}
        context = MigrationContext.configure(connection, opts=options)
        return list(compare_metadata(context, t.metadata))

    assert await run(differences) == []
    assert await run(schema.state_of) is SchemaState.CURRENT


async def test_an_index_over_part_of_a_table_has_the_same_part(run: Runner[Any]) -> None:
    """Alembic doesn't compare the conditions of partial indexes."""
    await run(schema.upgrade)

    def partial(connection: Connection) -> dict[str, bool]:
        inspector = sa.inspect(connection)
        where = f"{connection.dialect.name}_where"
        return {
            str(index["name"]): index.get("dialect_options", {}).get(where) is not None
            for table in t.metadata.tables
            for index in inspector.get_indexes(table)
            if not index.get("duplicates_constraint")
        }

    wanted = {
        str(index.name): index.dialect_options["sqlite"]["where"] is not None
        for table in t.metadata.tables.values()
        for index in table.indexes
    }
    assert await run(partial) == wanted


async def test_an_upgrade_that_was_done_is_done(run: Runner[Any]) -> None:
    assert await run(schema.state_of) is SchemaState.EMPTY
    await run(schema.upgrade)
    await run(schema.upgrade)
    assert await run(schema.state_of) is SchemaState.CURRENT


@pytest.mark.parametrize("revision", EARLIER)
async def test_an_upgrade_keeps_the_rows_of_each_earlier_revision(
    run: Runner[Any], revision: str
) -> None:
    await run(lambda connection: schema.upgrade(connection, to=revision))
    assert await run(schema.state_of) is SchemaState.OLDER
    row = {
        "user_id": "user-11111111-1111-4111-8111-111111111111",
        "access": "admitted",
        "consent": "new",
        "created_at": 7,
        "preferences": {"quiet": True},
    }
    await run(lambda connection: _execute(connection, sa.insert(t.user).values(row)))

    await run(schema.upgrade)

    def users(connection: Connection) -> list[dict[str, Any]]:
        return [dict(each) for each in connection.execute(sa.select(t.user)).mappings()]

    (found,) = await run(users)
    assert {name: found[name] for name in row} == row


async def test_an_upgrade_that_fails_leaves_the_database_as_it_was(run: Runner[Any]) -> None:
    def broken(connection: Connection) -> None:
        schema.upgrade(connection)
        msg = "the power went"
        raise RuntimeError(msg)

    with pytest.raises(RuntimeError):
        await run(broken)
    assert await run(schema.state_of) is SchemaState.EMPTY


async def test_a_newer_database_is_told_from_an_older_one(run: Runner[Any]) -> None:
    await run(schema.upgrade)
    newer = sa.text("UPDATE alembic_version SET version_num = '9999'")
    await run(lambda connection: _execute(connection, newer))
    assert await run(schema.state_of) is SchemaState.NEWER
    with pytest.raises(SchemaMismatch, match="newer version of Familiar"):
        schema.require_current(SchemaState.NEWER)


@pytest.mark.parametrize("state", [SchemaState.OLDER, SchemaState.EMPTY])
def test_a_schema_that_is_behind_names_the_command(state: SchemaState) -> None:
    with pytest.raises(SchemaMismatch, match="familiar db upgrade"):
        schema.require_current(state)


async def test_another_program_s_tables_are_refused(run: Runner[Any]) -> None:
    await run(lambda connection: _execute(connection, sa.text("CREATE TABLE shop (id INT)")))
    with pytest.raises(SchemaMismatch, match="another program"):
        await run(schema.state_of)


async def test_another_program_s_migrations_are_refused_too(run: Runner[Any]) -> None:
    def another(connection: Connection) -> None:
        connection.execute(sa.text("CREATE TABLE alembic_version (version_num VARCHAR(32))"))
        connection.execute(sa.text("INSERT INTO alembic_version VALUES ('ae1027a6acf')"))

    await run(another)
    with pytest.raises(SchemaMismatch, match="another program"):
        await run(schema.state_of)


def _execute(connection: Connection, statement: sa.Executable) -> None:
    connection.execute(statement)
