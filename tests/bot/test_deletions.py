"""`/delete`: asked for, confirmed, done at once, and nothing is left; whatever state things are in."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path

import anyio
import anyio.lowlevel

from adapters.base import (
    Receipt,
)
from agentcore.testing import FakeClock, ScriptedModel
from bot.app import Replacements
from tests.house import FAST, PATIENCE, House, house, working

SECRET = "The password of my diary is Quetzalcoatl-7719 and nobody may know it."
NOTHING = "There is nothing stored about you."


async def code_for(home: House, user: str) -> str:
    asked = await home.accept(user, "/delete")
    assert asked.outcome == "answered"
    found = re.search(r"/delete (\d{4})", asked.text)
    assert found is not None, asked.text
    return found[1]


async def delete(home: House, user: str) -> Receipt:
    return await home.accept(user, f"/delete {await code_for(home, user)}")


def bytes_of(folder: Path) -> bytes:
    """All that stands in any file of the data folder."""
    return b"".join(path.read_bytes() for path in sorted(folder.iterdir()) if path.is_file())


def rows(folder: Path, query: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(folder / "familiar.db")) as connection:
        return connection.execute(query).fetchall()


async def test_nothing_happens_without_the_code(tmp_path: Path) -> None:
    async with house(tmp_path, ScriptedModel("Noted.")) as home:
        await home.say("ada", SECRET)
        code = await code_for(home, "ada")
        wrong = await home.accept("ada", f"/delete {(int(code) + 1) % 10_000:04}")
        again = await code_for(home, "ada")
        said = [message.text for message in await home.history("ada")]
    assert "nothing was erased" in wrong.text
    assert again == code
    assert SECRET in said


async def test_with_the_code_all_is_gone_from_the_files_too(tmp_path: Path) -> None:
    async with house(tmp_path, ScriptedModel("Noted.", "Hello Bob.")) as home:
        await home.say("ada", SECRET)
        await home.say("bob", "I am Bob, and I keep bees in Bremen, eleven hives of them.")
        receipt = await delete(home, "ada")
        bobs = [message.text for message in await home.history("bob")]
    assert receipt.outcome == "answered"
    assert "Everything about you is erased here" in receipt.text
    assert "nothing is left in their unused space" in receipt.text
    left = bytes_of(tmp_path)
    for trace in (b"Quetzalcoatl", b"quetzalcoatl", b"uetzalco", b"diary", b"local:ada"):
        assert trace not in left, trace
    assert b"eleven hives" in left
    assert bobs == ["I am Bob, and I keep bees in Bremen, eleven hives of them.", "Hello Bob."]


async def test_the_code_of_one_is_no_good_for_another(tmp_path: Path) -> None:
    async with house(tmp_path, ScriptedModel("Noted.", "Noted.")) as home:
        await home.say("ada", SECRET)
        await home.say("bob", "Hello.")
        code = await code_for(home, "ada")
        stolen = await home.accept("bob", f"/delete {code}")
        said = [message.text for message in await home.history("ada")]
    assert "wrong or has run out" in stolen.text
    assert SECRET in said


async def test_a_code_runs_out(tmp_path: Path) -> None:
    clock = FakeClock()
    given = Replacements(clock=clock, limits=FAST)
    async with house(tmp_path, ScriptedModel("Noted."), replacements=given) as home:
        await home.say("ada", SECRET)
        code = await code_for(home, "ada")
        clock.advance(10 * 60 * 1_000_000)
        late = await home.accept("ada", f"/delete {code}")
        assert await code_for(home, "ada") is not None
    assert "wrong or has run out" in late.text


async def test_asking_again_afterwards_tells_that_there_is_nothing(tmp_path: Path) -> None:
    """Whoever lost the receipt on the way learns it all the same."""
    async with house(tmp_path, ScriptedModel("Noted.")) as home:
        await home.say("ada", SECRET)
        code = await code_for(home, "ada")
        await home.accept("ada", f"/delete {code}", update_id="confirmed")
        repeated = await home.accept("ada", f"/delete {code}", update_id="confirmed")
        asked = await home.accept("ada", "/delete")
    assert repeated.text == asked.text == NOTHING


async def test_a_stranger_is_told_and_stays_one(tmp_path: Path) -> None:
    async with house(tmp_path, ScriptedModel()) as home:
        receipt = await home.accept("ada", "/delete")
    assert receipt.text == NOTHING
    assert rows(tmp_path, 'SELECT count(*) FROM "user"') == [(0,)]
    assert rows(tmp_path, "SELECT count(*) FROM agent") == [(0,)]


async def test_while_a_turn_runs_it_is_stopped_and_its_answer_is_nowhere(tmp_path: Path) -> None:
    gate = anyio.Event()
    model = ScriptedModel("My answer tells of Popocatepetl.", gate=gate)
    async with house(tmp_path, model) as home, working(home):
        await home.accept("ada", SECRET)
        with anyio.fail_after(PATIENCE):
            await model.called.wait()
        await home.accept("ada", "a second message that waits, with Iztaccihuatl in it")
        receipt = await delete(home, "ada")
        gate.set()
        with anyio.fail_after(PATIENCE):
            while home.parts.dispatcher.busy:
                await anyio.lowlevel.checkpoint()
    assert "erased here" in receipt.text
    left = bytes_of(tmp_path)
    for trace in (b"Popocatepetl", b"Quetzalcoatl", b"Iztaccihuatl"):
        assert trace not in left, trace
