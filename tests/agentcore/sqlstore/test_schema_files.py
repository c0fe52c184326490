"""SQLite files that a start may find in its place."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from agentcore.errors import SchemaMismatch, StoreError
from agentcore.sqlstore.engine import schema
from agentcore.sqlstore.engine.schema import SchemaState, sqlite_state, upgrade_sqlite
from agentcore.sqlstore.engine.sqlite import writing_engine

NOBODY = 65_534


def run(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        for statement in statements:
            connection.execute(statement)


def value(path: Path, query: str) -> object:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(query).fetchone()[0]


def migrated(path: Path, to: str) -> Path:
    engine = writing_engine(path)
    with engine.begin() as connection:
        schema.upgrade(connection, to=to)
    engine.dispose()
    return path


@pytest.mark.parametrize("name", ["familiar.db", "we?ird #1 %41 name.db", "ñ 里.db"])
def test_a_new_file_is_made_and_only_its_owner_may_read_it(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    assert sqlite_state(path) is SchemaState.EMPTY
    assert not path.exists()
    assert upgrade_sqlite(path) is None
    assert sqlite_state(path) is SchemaState.CURRENT
    assert path.stat().st_mode & 0o777 == 0o600
    assert upgrade_sqlite(path) is None
    assert [each.name for each in tmp_path.iterdir()] == [name]


def test_an_empty_file_is_filled(tmp_path: Path) -> None:
    path = tmp_path / "empty.db"
    path.touch()
    assert upgrade_sqlite(path) is None
    assert sqlite_state(path) is SchemaState.CURRENT


def test_an_older_file_is_copied_first_and_the_copy_is_whole(tmp_path: Path) -> None:
    path = migrated(tmp_path / "familiar.db", "0001")
    run(path, "INSERT INTO refusal VALUES ('home:ada', 'rate', 1, 2)")

    copy = upgrade_sqlite(path)

    assert copy is not None
    assert sqlite_state(path) is SchemaState.CURRENT
    assert sqlite_state(copy) is SchemaState.OLDER
    for each in (path, copy):
        assert value(each, "SELECT address FROM refusal") == "home:ada"
        assert value(each, "PRAGMA integrity_check") == "ok"
        assert each.stat().st_mode & 0o777 == 0o600


def test_a_file_that_cannot_be_copied_is_left_alone(tmp_path: Path) -> None:
    path = migrated(tmp_path / "familiar.db", "0001")
    with closing(sqlite3.connect(path)) as holder:
        holder.execute("PRAGMA locking_mode=EXCLUSIVE")
        holder.execute("BEGIN IMMEDIATE")
        holder.execute("INSERT INTO refusal VALUES ('a', 'b', 1, 2)")
        holder.rollback()
    with path.open("r+b") as file:  # damage a page that only the copy reads
        file.seek(4096 * 3)
        file.write(b"\xff" * 4096)
    before = path.read_bytes()
    with pytest.raises(StoreError):
        upgrade_sqlite(path)
    assert path.read_bytes() == before
    assert [each.name for each in tmp_path.glob("*before*")] == []


def test_a_newer_file_is_refused_and_untouched(tmp_path: Path) -> None:
    path = migrated(tmp_path / "familiar.db", schema.HEAD)
    run(path, "UPDATE alembic_version SET version_num = '9999'")
    before = path.read_bytes()
    assert sqlite_state(path) is SchemaState.NEWER
    with pytest.raises(SchemaMismatch, match="newer version of Familiar"):
        upgrade_sqlite(path)
    assert path.read_bytes() == before


def test_another_program_s_file_is_refused_and_untouched(tmp_path: Path) -> None:
    path = tmp_path / "shop.db"
    run(path, "CREATE TABLE shop (id INT)", "INSERT INTO shop VALUES (1)")
    before = path.read_bytes()
    for look in (sqlite_state, upgrade_sqlite):
        with pytest.raises(SchemaMismatch, match="another program"):
            look(path)
    assert path.read_bytes() == before
    assert [each.name for each in tmp_path.iterdir()] == ["shop.db"]


@pytest.mark.parametrize("content", [b"Dear diary, " * 500, b"\x00\x01\xff" * 3_000, b"x"])
def test_a_file_that_is_no_database_is_refused_and_untouched(
    tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "diary.txt"
    path.write_bytes(content)
    for look in (sqlite_state, upgrade_sqlite):
        with pytest.raises(StoreError, match=r"diary\.txt.*not a readable SQLite database"):
            look(path)
    assert path.read_bytes() == content


def test_a_folder_in_the_place_of_the_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="can't be opened"):
        upgrade_sqlite(tmp_path)


def test_a_place_that_does_not_exist_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="can't be opened"):
        upgrade_sqlite(tmp_path / "missing" / "familiar.db")


@contextmanager
def ordinary_user(folder: Path) -> Iterator[None]:
    """As somebody who isn't root, to whom modes mean something."""
    if os.geteuid() != 0:
        yield
        return
    os.chown(folder, NOBODY, NOBODY)
    for each in folder.iterdir():
        os.chown(each, NOBODY, NOBODY)
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that everybody may reach, as pytest's own isn't."""
    folder = Path(tempfile.mkdtemp(prefix="familiar-test-"))
    yield folder
    folder.chmod(0o700)
    shutil.rmtree(folder)


def test_a_file_that_may_not_be_read_is_an_error(open_folder: Path) -> None:
    path = migrated(open_folder / "familiar.db", schema.HEAD)
    path.chmod(0)
    with ordinary_user(open_folder):
        for look in (sqlite_state, upgrade_sqlite):
            with pytest.raises(StoreError, match=r"familiar\.db.*can't be opened"):
                look(path)


def test_a_folder_that_may_not_be_written_is_an_error(open_folder: Path) -> None:
    open_folder.chmod(0o500)
    with ordinary_user(open_folder), pytest.raises(StoreError, match="can't be opened"):
        upgrade_sqlite(open_folder / "familiar.db")


def test_a_migration_that_breaks_off_leaves_the_file_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = migrated(tmp_path / "familiar.db", "0001")
    content = list(_dump(path))
    real = schema.upgrade

    def broken(connection: sa.Connection) -> None:
        real(connection)
        msg = "the power went"
        raise RuntimeError(msg)

    monkeypatch.setattr(schema, "upgrade", broken)
    with pytest.raises(RuntimeError):
        upgrade_sqlite(path)
    assert list(_dump(path)) == content


def _dump(path: Path) -> Iterator[str]:
    with closing(sqlite3.connect(path)) as connection:
        yield from connection.iterdump()
