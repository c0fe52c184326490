"""A backup holds the state whole, and a restore puts it back or leaves everything as it was."""

from __future__ import annotations

import gzip
import json
import resource
import sqlite3
import stat
import tarfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import anyio
import pytest

from agentcore.errors import BadInput, FamiliarError, StoreFull
from agentcore.sqlstore.engine.copies import users_of
from agentcore.sqlstore.engine.schema import HEAD, SchemaState, sqlite_state
from agentcore.testing import FakeClock, ScriptedModel
from bot.backups.making import State, last_backup, make_backup
from bot.backups.restoring import restore_backup
from tests.house import House, house

CLOCK = FakeClock()
SECRET = b"the key of web visitors"


def state_in(folder: Path) -> State:
    return State(folder / "familiar.db")


@pytest.fixture
def lived(tmp_path: Path) -> State:
    """The state of a service that two people have talked to."""
    folder = tmp_path / "data"
    folder.mkdir(mode=0o700)

    async def live() -> None:
        async with house(folder, ScriptedModel("Hello.", "Hello.")) as home:
            await home.say("ada", "I like tea.")
            await home.say("bob", "I like coffee.")

    anyio.run(live)
    state = state_in(folder)
    state.secret_key.write_bytes(SECRET)
    return state


@pytest.fixture
def empty(tmp_path: Path) -> State:
    folder = tmp_path / "elsewhere"
    folder.mkdir(mode=0o700)
    return state_in(folder)


def everything(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def said(database: Path) -> str:
    with closing(sqlite3.connect(database)) as connection:
        return str(connection.execute("SELECT group_concat(parts) FROM message").fetchone()[0])


def backed_up(state: State, name: str = "backup.tar.gz") -> Path:
    target = state.folder.parent / name
    make_backup(state, target, CLOCK)
    return target


def test_a_restored_state_is_the_same_with_database_and_key(lived: State, empty: State) -> None:
    sealed = make_backup(lived, target := lived.folder.parent / "b", CLOCK)
    restored = restore_backup(empty, target, CLOCK)

    assert said(empty.database) == said(lived.database)
    assert "I like tea." in said(empty.database)
    assert empty.secret_key.read_bytes() == SECRET
    assert restored.rows == sealed.manifest.rows
    assert (restored.rows["user"], restored.rows["message"]) == (2, 4)
    assert (restored.kept, restored.upgraded, restored.secret_key) == ((), False, True)
    assert restored.made_at == "2026-11-20T23:15:00+00:00"
    assert {stat.S_IMODE(path.stat().st_mode) for path in empty.folder.iterdir()} == {0o600}


def test_a_backup_is_for_its_owner_alone_and_opens_without_this_program(lived: State) -> None:
    target = backed_up(lived)

    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    with tarfile.open(target) as tar:
        assert tar.getnames() == ["manifest.json", "familiar.db", "secret.key"]
        content = tar.extractfile("manifest.json")
        assert content is not None
        manifest = json.load(content)
    assert manifest["db_schema"] == HEAD
    assert manifest["rows"]["message"] == 4
    assert target.stat().st_size == last_size(lived, target)
    assert [each.name for each in lived.folder.parent.iterdir() if "part" in each.name] == []


def last_size(lived: State, target: Path) -> int:
    last = last_backup(lived)
    assert last is not None
    assert (last.place, last.made_at) == (str(target), "2026-11-20T23:15:00+00:00")
    return Path(last.place).stat().st_size


async def test_it_is_made_of_one_moment_while_others_write(lived: State, empty: State) -> None:
    """Every turn adds a question and its answer at once, so no copy holds half of them."""
    target = lived.folder.parent / "b"
    model = ScriptedModel(*["Hello."] * 10_000)
    begun = anyio.Event()

    async def chatter(home: House) -> None:
        while True:
            await home.say("ada", "And then?")
            begun.set()

    async with house(lived.folder, model) as home, anyio.create_task_group() as tasks:
        tasks.start_soon(chatter, home)
        await begun.wait()
        for _ in range(3):
            await anyio.to_thread.run_sync(
                lambda: make_backup(lived, target, CLOCK, overwrite=True)
            )
        tasks.cancel_scope.cancel()

    restored = restore_backup(empty, target, CLOCK)

    assert restored.rows["message"] > 4
    assert restored.rows["message"] % 2 == 0


def test_what_is_there_is_not_overwritten_unless_that_is_asked_for(lived: State) -> None:
    target = lived.folder.parent / "backup"
    target.write_text("precious")

    with pytest.raises(BadInput, match="--force"):
        make_backup(lived, target, CLOCK)
    assert target.read_text() == "precious"

    make_backup(lived, target, CLOCK, overwrite=True)
    assert tarfile.is_tarfile(target)


@pytest.mark.parametrize(
    "name", ["familiar.db", "familiar.db-wal", "familiar.db.lock", "secret.key"]
)
def test_the_services_own_files_are_never_overwritten(lived: State, name: str) -> None:
    before = everything(lived.folder)

    with pytest.raises(BadInput, match="belongs to the service"):
        make_backup(lived, lived.folder / name, CLOCK, overwrite=True)
    assert everything(lived.folder) == before


def test_there_is_nothing_to_back_up_before_the_first_start(empty: State) -> None:
    with pytest.raises(BadInput, match="nothing to back up"):
        make_backup(empty, empty.folder / "b", CLOCK)
    assert everything(empty.folder) == {}


def test_the_present_state_is_kept_and_who_was_erased_since_is_named(
    lived: State, empty: State
) -> None:
    before = backed_up(lived)
    restore_backup(empty, before, CLOCK)
    empty.secret_key.write_bytes(b"another key")
    (gone,) = sorted(users_of(empty.database))[:1]
    with closing(sqlite3.connect(empty.database)) as database, database:
        database.execute('DELETE FROM "user" WHERE user_id = ?', (raw(gone),))

    restored = restore_backup(empty, before, CLOCK)

    assert restored.returned == (gone,)
    assert {path.name for path in restored.kept} == {
        "familiar.replaced-20261120T231500Z.db",
        "secret.replaced-20261120T231500Z.key",
    }
    kept = {path.suffix: path for path in restored.kept}
    assert len(users_of(kept[".db"])) == 1
    assert kept[".key"].read_bytes() == b"another key"
    assert len(users_of(empty.database)) == 2


def raw(user: str) -> bytes:
    return bytes.fromhex(user.removeprefix("user-").replace("-", ""))


def test_a_damaged_database_is_replaced_and_kept_as_it_was(lived: State) -> None:
    target = backed_up(lived)
    lived.database.write_bytes(b"SQLite format 3\0" + b"\xff" * 9_000)

    restored = restore_backup(lived, target, CLOCK)

    assert "I like tea." in said(lived.database)
    assert restored.kept[0].read_bytes().endswith(b"\xff" * 100)
    assert restored.returned is None


def test_the_copy_that_an_upgrade_leaves_can_be_restored(lived: State, empty: State) -> None:
    restored = restore_backup(empty, lived.database, CLOCK)

    assert "I like tea." in said(empty.database)
    assert restored.made_at is None
    assert "I like tea." in said(lived.database), "the file itself stays"


def cut(whole: bytes) -> bytes:
    return whole[: len(whole) // 2]


def cut_at_the_end(whole: bytes) -> bytes:
    return whole[:-9]


def turned_bit(whole: bytes) -> bytes:
    middle = len(whole) // 2
    return whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :]


def turned_bit_inside(whole: bytes) -> bytes:
    plain = gzip.decompress(whole)
    place = plain.index(b"I like tea.")
    return gzip.compress(plain[:place] + b"X" + plain[place + 1 :])


def nothing(_: bytes) -> bytes:
    return b""


def another_archive(_: bytes) -> bytes:
    return gzip.compress(b"no tar at all" * 1_000)


@pytest.mark.parametrize(
    "harm", [cut, cut_at_the_end, turned_bit, turned_bit_inside, nothing, another_archive]
)
def test_a_damaged_backup_is_refused_and_nothing_is_touched(lived: State, harm: object) -> None:
    target = backed_up(lived)
    assert callable(harm)
    target.write_bytes(harm(target.read_bytes()))
    before = everything(lived.folder)

    with pytest.raises(BadInput, match=r"damaged|no backup"):
        restore_backup(lived, target, CLOCK)
    assert everything(lived.folder) == before


def test_a_damaged_database_in_a_sound_file_is_refused(lived: State) -> None:
    before = everything(lived.folder)
    broken = lived.folder.parent / "broken.db"
    content = bytearray(lived.database.read_bytes())
    content[4_096 * 3 : 4_096 * 6] = b"\xaa" * 4_096 * 3
    broken.write_bytes(content)

    with pytest.raises(FamiliarError, match="can't be restored"):
        restore_backup(lived, broken, CLOCK)
    assert everything(lived.folder) == before


@pytest.mark.parametrize(
    ("version", "match"), [("9999", "newer version"), ("x", "another program")]
)
def test_a_backup_of_another_program_or_a_newer_one_is_refused(
    lived: State, empty: State, version: str, match: str
) -> None:
    other = lived.folder.parent / "other.db"
    other.write_bytes(lived.database.read_bytes())
    with closing(sqlite3.connect(other)) as database, database:
        database.execute("UPDATE alembic_version SET version_num = ?", (version,))

    with pytest.raises(FamiliarError, match=match):
        restore_backup(empty, other, CLOCK)
    assert everything(empty.folder) == {}


def test_a_file_that_is_not_there_is_named(empty: State) -> None:
    with pytest.raises(BadInput, match=r"no file .*nowhere"):
        restore_backup(empty, empty.folder / "nowhere", CLOCK)


@contextmanager
def no_room_for_more_than(size: int) -> Iterator[None]:
    """Files can't get larger: the same writes fail as on a full disk."""
    _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, most))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))


@pytest.mark.parametrize("room", [40_000, 100_000])
def test_a_full_disk_leaves_no_half_backup(lived: State, room: int) -> None:
    target = lived.folder.parent / "backup"
    outside = sorted(each.name for each in lived.folder.parent.iterdir())

    with no_room_for_more_than(room), pytest.raises(StoreFull, match="disk is full"):
        make_backup(lived, target, CLOCK)

    assert sorted(each.name for each in lived.folder.parent.iterdir()) == outside
    assert last_backup(lived) is None


def test_a_full_disk_in_the_middle_of_a_restore_touches_nothing(lived: State) -> None:
    target = backed_up(lived)
    before = everything(lived.folder)

    with no_room_for_more_than(100_000), pytest.raises(StoreFull, match="nothing was restored"):
        restore_backup(lived, target, CLOCK)

    assert everything(lived.folder) == before


def test_an_older_backup_is_brought_up_to_date(lived: State, empty: State) -> None:
    from agentcore.sqlstore.engine.schema import upgrade  # noqa: PLC0415
    from agentcore.sqlstore.engine.sqlite import writing_engine  # noqa: PLC0415

    older = lived.folder.parent / "older.db"
    engine = writing_engine(older)
    with engine.begin() as connection:
        upgrade(connection, to="0002")
    engine.dispose()

    restored = restore_backup(empty, older, CLOCK)

    assert restored.upgraded
    assert sqlite_state(empty.database) is SchemaState.CURRENT
    assert sorted(everything(empty.folder)) == ["familiar.db"]
