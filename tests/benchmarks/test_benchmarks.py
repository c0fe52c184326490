from __future__ import annotations

import asyncio
import random
from pathlib import Path
from typing import Any

from adapters.testing import PushPlatform
from agentcore.sqlstore.engine.schema import upgrade_sqlite
from agentcore.sqlstore.engine.sqlite import SqliteDatabase
from benchmarks import figures, turns, writers
from benchmarks.echo_model import EchoBrain, newest_turn
from benchmarks.push_people import ForgetfulPlatform, Push
from benchmarks.scripted_people import ScriptedPeople
from benchmarks.soak_audit import audit
from tests.simulators.openai_replies import Answer


def test_the_table_has_a_line_for_each_figure_and_aligned_columns() -> None:
    text = figures.table([figures.Figure("a", "1 ms", "≤ 2 ms", "note"), figures.Figure("bb", "2")])
    lines = text.splitlines()
    assert len(lines) == 4
    assert len({len(line) for line in lines}) == 1


def test_quantiles_are_taken_from_the_times_as_they_are() -> None:
    times = [each / 1_000 for each in range(1, 101)]
    assert figures.quantiles(times) == "51.00 / 99.00 ms"


async def test_turns_are_measured_and_their_statements_counted(tmp_path: Path) -> None:
    async with turns.bench(tmp_path) as home:
        took = await home.ask("ada")
        statements = await turns._statements(home, "How are you?", 1)
    assert took > 0
    assert statements.units["intake.accept"] >= 1
    assert not any("PRAGMA" in name or "BEGIN" in name for name in statements.counts)


async def test_both_kinds_of_writer_carry_out_the_same_transactions() -> None:
    for make in (SqliteDatabase, writers.AiosqliteDatabase):
        timed = await writers._writes(make, 2, 2)
        assert {name: len(each.each) for name, each in timed.items()} == {
            "accept a message": 2,
            "commit a plain turn": 2,
            "5 statements": 2,
        }


def test_the_echo_knows_the_lines_of_the_newest_turn() -> None:
    messages: list[dict[str, Any]] = [
        {"role": "system", "content": "#no"},
        {"role": "user", "content": "One #u1-000"},
        {"role": "assistant", "content": "Heard #u1-000."},
        {"role": "user", "content": "Two #u1-001"},
        {"role": "user", "content": [{"type": "text", "text": "Three #u1-002"}]},
        {"role": "assistant", "content": None, "tool_calls": [{"id": "c"}]},
        {"role": "tool", "tool_call_id": "c", "content": "done #x"},
    ]
    assert newest_turn(messages) == ["#u1-001", "#u1-002", "tool"]


async def test_the_echo_asks_for_an_edit_once_and_then_answers() -> None:
    brain = EchoBrain(delay=0, edits=1, seed=1)
    asked = [{"role": "user", "content": "One #u1-000"}]
    first = await brain({"messages": asked})
    assert isinstance(first, Answer)
    assert [call.name for call in first.calls] == ["memory_insert"]
    returned = [
        *asked,
        {"role": "assistant", "tool_calls": [{"id": "c"}]},
        {"role": "tool", "tool_call_id": "c", "content": "done"},
    ]
    second = await brain({"messages": returned})
    assert isinstance(second, Answer)
    assert second.text == "Heard #u1-000."


async def test_users_write_on_when_they_are_answered() -> None:
    platform = ForgetfulPlatform(0, random.Random(1))  # noqa: S311 (chance, no secret)
    people = ScriptedPeople(Push(platform), pause=0, seed=1)
    people.play({"ada": ["One #a-0", "Two #a-1"]}, 1)
    await platform.until(lambda: len(platform.unacknowledged) == 1)
    assert people.progress()["waiting"] == ["#a-0"]
    assert people.progress()["unwritten"] == 1


async def test_a_forgetful_platform_hands_out_an_old_update_again() -> None:
    platform = ForgetfulPlatform(1.0, random.Random(1))  # noqa: S311 (chance, no secret)
    first = platform.write("ada", "one")
    assert await platform.get_updates(0) == [first]
    second = platform.write("ada", "two")
    assert await platform.get_updates(first.update_id + 1) == [first, second]
    assert isinstance(platform, PushPlatform)


def test_the_audit_finds_nothing_in_a_new_database(tmp_path: Path) -> None:
    upgrade_sqlite(tmp_path / "new.db")
    found = audit(tmp_path / "new.db")
    assert found.violations == ()
    assert found.counts["turns"] == 0


async def test_the_audit_finds_a_message_that_was_never_answered(tmp_path: Path) -> None:
    async with turns.bench(tmp_path, at_work=False) as home:
        await turns._first_contacts(home, "ada", 1, 1)
        await asyncio.sleep(0)
    found = audit(tmp_path / "familiar.db").violations
    assert any("without exactly one finished turn" in each for each in found)
    assert any("isn't idle" in each for each in found)
