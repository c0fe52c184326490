"""What is left of an erased person in the bytes of SQLite's files: nothing, wherever it stood."""

from __future__ import annotations

import random
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import unicodedata
from collections.abc import Iterable, Sequence
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agentcore.clock import Micros
from agentcore.memory.terms import terms_of
from agentcore.records import OWNER, ErasureReceipt, IdentityKey
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.engine import scrubbing, sweep
from agentcore.sqlstore.engine.sqlite import SqliteDatabase
from agentcore.sqlstore.stores import SqlStore
from agentcore.testing import FakeClock
from tests.agentcore.sqlstore.conftest import without_fsync
from tests.contracts.store_blocks import an_edit
from tests.contracts.store_world import World, block_of, everything

ROOT = Path(__file__).parents[3]
LENGTH = 5
"""Bytes of the shortest run that is looked for: shorter ones are everywhere by chance."""
LETTERS = str.maketrans("0123456789", "ghjkmpqvwz")
TEXTS = (
    "Zwölf Boxkämpfer jagen Viktor quer über den großen Sylter Deich",
    "👩‍👩‍👧‍👦 my family 🦄 lives in Reykjavík",
    "私の秘密の日記はリスボンにあります",
    "Съешь же ещё этих мягких французских булок",
    "plain words about a plain xylophone",
    "a long one: " + " ".join(f"kumquat{number:05}".translate(LETTERS) for number in range(1_000)),
    'quotes "and" \\ backslashes\nand lines\tand tabs, vexillology',
)


def bytes_of(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.iterdir()))


def traces_of(text: str) -> set[bytes]:
    """The text's words and the terms that it is found by, and their suffixes of LENGTH bytes or more."""
    words = {*text.split(), *terms_of(text)}
    forms = {unicodedata.normalize("NFC", word).encode() for word in words}
    return {
        form[at:] for form in forms for at in range(max(1, min(len(form) - LENGTH + 1, 12)))
    } - {b""}


def found(traces: Iterable[bytes], data: bytes) -> set[bytes]:
    """Those of the traces, each of at least LENGTH bytes, that are in the data."""
    runs = {data[at : at + LENGTH] for at in range(len(data) - LENGTH + 1)}
    return {trace for trace in traces if trace[-LENGTH:] in runs and trace in data}


async def talks(world: World, who: str, texts: Sequence[str]) -> None:
    """Each text said, answered, and written into the memory, whose older versions stay."""
    for text in texts:
        await world.say(text, who=who)
        claim = await world.claim_one()
        block = block_of(await world.door(claim.agent_id).blocks())
        edit = an_edit(block, f"{block.value}\n{text}"[-6_000:])
        await world.answer(claim, f"You said: {text}", edits=(edit,))


async def erase(world: World, who: str = "ada") -> ErasureReceipt:
    standing = await world.store.standing(IdentityKey("test", "bot", who))
    assert standing is not None
    return await world.store.erasures.erase(standing.user_id, OWNER)


def whole(path: Path) -> bool:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


async def test_no_word_of_theirs_and_no_end_of_one_is_in_the_files(
    sqlite_world: World, sqlite_place: Path
) -> None:
    others = [f"bob keeps {number} bees in a hive of straw" for number in range(40)]
    await talks(sqlite_world, "bob", others[:20])
    before = bytes_of(sqlite_place.parent)  # the words of our own tables and of every agent
    await talks(sqlite_world, "ada", TEXTS)
    await talks(sqlite_world, "bob", others[20:])
    told = await sqlite_world.table(t.message)
    present = bytes_of(sqlite_place.parent)
    wanted = {trace for text in TEXTS for trace in traces_of(text) if len(trace) >= LENGTH}
    wanted = found(wanted, present) - found(wanted, before)
    assert len(wanted) > 1_000

    receipt = await erase(sqlite_world)

    left = bytes_of(sqlite_place.parent)
    assert found(wanted, left) == set()
    assert receipt.files.clean
    kept = await sqlite_world.table(t.message)
    assert kept == [row for row in told if row in kept]
    assert len(kept) == 80
    assert whole(sqlite_place)


@pytest.mark.parametrize("seed", range(3))
async def test_rows_that_moved_between_pages_leave_nothing_behind(
    sqlite_world: World, sqlite_place: Path, seed: int
) -> None:
    """Pages that are split keep the bytes of what they gave away, and only `sweep` clears those."""
    chance = random.Random(seed)  # noqa: S311 (the same rows every time)
    people = ("ada", "bob", "eve")
    letters = {"ada": "QRSTUVWXYZ", "bob": "abcdefgh", "eve": "ijklmnop"}
    for _ in range(60):
        who = chance.choice(people)
        words = [
            "".join(chance.choices(letters[who], k=chance.randint(6, 14)))
            for _ in range(chance.choice([4, 12, 300]))
        ]
        await sqlite_world.talk(" ".join(words), who=who)
    bobs = await everything(sqlite_world, [t.message, t.term])
    await erase(sqlite_world)
    found = sweep.look(sqlite_place, [])
    assert found == ([], 0)
    assert re.findall(rb"[q-zQ-Z]{6,}", bytes_of(sqlite_place.parent)) == []
    after = await everything(sqlite_world, [t.message, t.term])
    for name, rows in after.items():
        assert all(row in bobs[name] for row in rows)  # type: ignore[operator,attr-defined]
    assert whole(sqlite_place)


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    texts=st.lists(
        st.text(st.characters(codec="utf-8"), min_size=8, max_size=3_000),
        min_size=1,
        max_size=6,
    )
)
async def test_whatever_was_written_it_is_gone(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory, texts: list[str]
) -> None:
    path = tmp_path_factory.mktemp("any") / "familiar.db"
    shutil.copy(sqlite_template, path)
    marked = [f"jabberwocky{text}".replace("\0", "") for text in texts]
    database, clock = without_fsync(SqliteDatabase(path, readers=1)), FakeClock()
    world = World(SqlStore(database, clock), database, clock)
    await talks(world, "ada", marked)
    assert b"abberwocky" in bytes_of(path.parent)
    await erase(world)
    left = bytes_of(path.parent)
    await database.close()
    assert b"abberwocky" not in left
    for text in texts:
        end = text.encode()[-24:]
        assert len(end) < 24 or end.strip(b"\0 ") == b"" or end not in left


async def test_overwriting_changes_no_row(sqlite_world: World, sqlite_place: Path) -> None:
    await talks(sqlite_world, "bob", [f"line {number} of a poem" for number in range(30)])
    tables = t.metadata.sorted_tables
    before = await everything(sqlite_world, tables)
    scrubbed = await sqlite_world.database.scrub([])
    assert scrubbed.clean
    assert (await sqlite_world.database.scrub([])).overwritten == 0
    assert await everything(sqlite_world, tables) == before
    await talks(sqlite_world, "bob", ["and it goes on"])  # the writer sees the pages as they are
    assert (await sqlite_world.database.scrub([])).uncleared == 0
    assert whole(sqlite_place)


async def test_while_somebody_reads_the_receipt_says_that_the_log_is_not_empty(
    sqlite_world: World, sqlite_place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scrubbing, "TRIES", 2)
    monkeypatch.setattr(scrubbing, "PAUSE", 0.0)
    await talks(sqlite_world, "ada", ["a word about wombats"])
    with closing(sqlite3.connect(sqlite_place, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM message").fetchall()
        receipt = await erase(sqlite_world)
        assert not receipt.files.clean
        reader.execute("COMMIT")
    assert (await sqlite_world.database.scrub([])).clean
    assert b"wombat" not in bytes_of(sqlite_place.parent)


async def test_where_the_files_can_t_be_looked_through_the_receipt_says_so(
    sqlite_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    await talks(sqlite_world, "ada", ["Hello"])
    receipt = await erase(sqlite_world)
    assert (receipt.files.checked, receipt.files.clean) == (False, False)
    assert receipt.deleted["message"] == 2


async def test_what_others_wrote_word_for_word_is_told(sqlite_world: World) -> None:
    same = "the quick brown fox jumps over the lazy dog at noon"
    await talks(sqlite_world, "ada", [same, "and something that nobody else ever said"])
    await talks(sqlite_world, "bob", [same])
    receipt = await erase(sqlite_world)
    files = receipt.files
    assert (files.looked_for, files.found, files.clean) == (2, 1, True)


async def test_copies_from_before_an_upgrade_are_counted(
    sqlite_world: World, sqlite_place: Path
) -> None:
    (sqlite_place.parent / "familiar.before-0003-1.db").write_bytes(b"older")
    await sqlite_world.talk("Hello")
    receipt = await erase(sqlite_world)
    assert receipt.files.copies == 1


KILLED = """
import asyncio, os, sys
from pathlib import Path
from agentcore.records import OWNER, IdentityKey
from agentcore.sqlstore.erasing import erasure
from agentcore.sqlstore.engine.sqlite import SqliteDatabase
from agentcore.sqlstore.stores import SqlStore
from agentcore.testing import FakeClock
from tests.contracts.store_world import World

async def main() -> None:
    database, clock = SqliteDatabase(Path(sys.argv[1])), FakeClock()
    world = World(SqlStore(database, clock), database, clock)
    await world.talk(*(f"secret number {n} wombat" for n in range(20)))
    standing = await world.store.standing(IdentityKey("test", "bot", "ada"))
    begun = await world.store.erasures.begin(standing.user_id, OWNER)
    for _ in range(int(sys.argv[2])):
        await database.write(lambda connection: erasure.clear(connection, begun, limit=7))
    os.kill(os.getpid(), 9)

asyncio.run(main())
"""


@pytest.mark.parametrize("pieces", [0, 3])
async def test_after_a_kill_in_the_middle_the_next_start_finishes_it(
    sqlite_place: Path, pieces: int
) -> None:
    killed = subprocess.run(  # noqa: S603, ASYNC221 (our own program)
        [sys.executable, "-c", KILLED, str(sqlite_place), str(pieces)], cwd=ROOT, check=False
    )
    assert killed.returncode == -signal.SIGKILL
    assert b"wombat" in bytes_of(sqlite_place.parent)

    database, clock = SqliteDatabase(sqlite_place), FakeClock()
    world = World(SqlStore(database, clock), database, clock)
    assert await world.store.standing(IdentityKey("test", "bot", "ada")) is None
    (left,) = await world.store.erasures.unfinished(before=Micros(clock.now() + 1))
    receipt = await world.store.erasures.finish(left)
    assert receipt is not None
    assert receipt.deleted["message"] == 40, "what the first process deleted is counted, too"
    assert b"wombat" not in bytes_of(sqlite_place.parent)
    await database.close()
