"""What a soak finds when something is wrong."""

from __future__ import annotations

import asyncio
import random
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest

from adapters.testing import SendAttempt
from agentcore.clock import Micros
from benchmarks.push_people import ForgetfulPlatform, Push
from benchmarks.scripted_people import ENDINGS, ScriptedPeople, Seen, Sign
from benchmarks.soak_audit import audit, isolation
from benchmarks.soak_model import TellingBrain
from benchmarks.soak_report import Sample, growth
from benchmarks.spoken import named_in, script_of, secret_of
from tests.house import house
from tests.simulators.openai_replies import Answer

ADA, BOB = "push00", "push01"


class Crowd:
    """People on a platform whose bot is the test."""

    def __init__(self) -> None:
        self._platform = ForgetfulPlatform(0, random.Random(1))  # noqa: S311 (chance, no secret)
        self.people = ScriptedPeople(Push(self._platform), pause=0, seed=1)
        self._sent = 0

    async def write(self, count: int) -> None:
        """Ada writes so many lines more, and nobody takes them."""
        before = len(self._platform.unacknowledged)
        numbers = range(before, before + count)
        self.people.play({ADA: [f"Line {each} #{ADA}-{each:03}" for each in numbers]}, count)
        await self._platform.until(lambda: len(self._platform.unacknowledged) == before + count)

    async def answer(self, *texts: str) -> None:
        for text in texts:
            self._sent += 1
            await self._platform.send_message(
                SendAttempt(ADA, text, nonce=str(self._sent), part=1, parts=1)
            )
        self.people.look()


def heard(*numbers: int, answer: int) -> str:
    markers = " ".join(f"#{ADA}-{number:03}" for number in numbers)
    return f"Heard {markers}, as answer {answer}, knowing {secret_of(ADA)} of {ADA}."


@pytest.mark.parametrize(
    ("texts", "wrong"),
    [
        ([heard(0, answer=1), heard(1, answer=2)], {}),
        ([heard(0, answer=1)], {"unanswered": [f"#{ADA}-001"]}),
        (
            [heard(0, answer=1), heard(1, answer=2), heard(1, answer=3)],
            {"doubled": [f"#{ADA}-001"]},
        ),
        (
            [heard(1, answer=1), heard(0, answer=2)],
            {"disordered": [f"{ADA}: answered as #{ADA}-001 #{ADA}-000"]},
        ),
        ([heard(0, 1, answer=1), ENDINGS[0]], {}),
        ([heard(0, answer=1), ENDINGS[0]], {}),
    ],
    ids=["all well", "lost", "second turn", "out of order", "a late remark", "ended in a notice"],
)
async def test_people_tell_what_became_of_their_lines(
    texts: list[str], wrong: dict[str, list[str]]
) -> None:
    crowd = Crowd()
    await crowd.write(2)
    await crowd.answer(*texts)
    report = await crowd.people.report()
    names = ("unanswered", "doubled", "disordered", "foreign")
    assert {name: report[name] for name in names if report[name]} == wrong
    assert report["ended"] == (texts[1:] == [ENDINGS[0]] and "001" not in texts[0])


async def test_a_line_without_an_answer_of_its_own_may_be_quoted_by_later_ones() -> None:
    crowd = Crowd()
    await crowd.write(1)
    await crowd.answer(ENDINGS[0])
    await crowd.write(2)
    await crowd.answer(heard(0, 1, answer=1), heard(0, 2, answer=2))
    assert (await crowd.people.report())["doubled"] == []
    await crowd.answer(heard(1, 2, answer=3))
    assert (await crowd.people.report())["doubled"] == [f"#{ADA}-001", f"#{ADA}-002"]


async def test_people_tell_when_they_see_words_of_another() -> None:
    crowd = Crowd()
    await crowd.write(1)
    await crowd.answer(f"{heard(0, answer=1)[:-1]} and {secret_of(BOB)}.")
    report = await crowd.people.report()
    assert [each.partition(":")[0] for each in report["foreign"]] == [f"{ADA} saw of {BOB}"]


async def test_a_text_twice_is_a_resend_and_a_half_one_is_no_answer() -> None:
    crowd = Crowd()
    await crowd.write(1)
    await crowd.answer("…", heard(0, answer=1)[:20], heard(0, answer=2), heard(0, answer=2))
    report = await crowd.people.report()
    assert (report["resent"], report["half"], report["doubled"]) == (1, 2, [])


class Page:
    """`Reader` of messages that change."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.written = asyncio.Event()

    def writes(self, _line: str) -> None:
        self.written.set()

    def sees(self, after: int = 0) -> Sequence[Seen]:
        told = enumerate(self.texts, start=1)
        return [Seen(number, text, Micros(number)) for number, text in told if number > after]

    def signs(self) -> Sequence[Sign]:
        return ()

    async def records(self) -> Sequence[str]:
        return ()


class WithPage(Push):
    def __init__(self) -> None:
        super().__init__(ForgetfulPlatform(0, random.Random(1)))  # noqa: S311 (dice)
        self.page = Page()

    def person(self, name: str) -> Page:  # type: ignore[override]
        return self.page


async def test_an_answer_counts_when_it_is_all_there_whatever_stood_in_its_place() -> None:
    platform = WithPage()
    people = ScriptedPeople(platform, pause=0, seed=1)
    people.play({ADA: [f"Line #{ADA}-000"]}, 1)
    await platform.page.written.wait()
    for text in ("…", heard(0, answer=1)[:20], heard(0, answer=2)):
        assert people.progress()["waiting"] == [f"#{ADA}-000"]
        platform.page.texts[:] = [text]
        people.look()
    assert people.progress()["waiting"] == []
    report = await people.report()
    assert (report["unanswered"], report["half"]) == ([], 0)


async def test_a_command_without_a_word_is_told() -> None:
    crowd = Crowd()
    crowd.people.play({ADA: ["/memory"]}, 1)
    await crowd._platform.until(lambda: len(crowd._platform.unacknowledged) == 1)
    assert (await crowd.people.report())["unheard"] == [f"{ADA}: 0 remarks on 1 commands"]
    await crowd.answer("I remember nothing.")
    assert (await crowd.people.report())["unheard"] == []


async def test_the_model_tells_all_that_it_is_shown_and_of_prompts_of_several() -> None:
    brain = TellingBrain(delay=0, faults=0, seed=1)
    of_ada = {"role": "user", "content": f"I am {secret_of(ADA)} #{ADA}-001"}
    of_bob = {"role": "system", "content": f"Known: {secret_of(BOB)}"}
    brain._pause = lambda: 0  # type: ignore[method-assign]
    asked = {"messages": [of_ada], "tools": [{}]}
    answer = await brain(asked)
    assert isinstance(answer, Answer)
    assert named_in(answer.text) == {ADA}
    assert brain.mixed == []
    await brain({**asked, "messages": [of_bob, of_ada]})
    assert brain.mixed == [f"a prompt of {ADA}, {BOB}"]


async def test_the_database_of_two_is_looked_through_for_words_of_the_other(tmp_path: Path) -> None:
    async with house(tmp_path) as home:
        for name in (ADA, BOB):
            await home.say(name, f"My secret word is {secret_of(name)} #{name}-000")
    with closing(sqlite3.connect(tmp_path / "familiar.db")) as connection:
        assert list(isolation(connection)) == []
        connection.execute(
            "UPDATE message SET parts = parts || ? WHERE parts LIKE ?", (secret_of(BOB), f"%{ADA}%")
        )
        told = " ".join(isolation(connection))
    assert "message of" in told
    assert f"holds words of {ADA}, {BOB}" in told
    assert f"words of {BOB} are in 2 agents" in told


async def test_lines_that_stand_in_the_wrong_order_or_twice_are_found(tmp_path: Path) -> None:
    async with house(tmp_path) as home:
        for number in range(3):
            await home.say(ADA, f"Line #{ADA}-{number:03}")
    swap = "UPDATE message SET parts = replace(parts, ?, ?) WHERE role = 'user'"
    with closing(sqlite3.connect(tmp_path / "familiar.db")) as connection, connection:
        for before, after in (("-000", "-x"), ("-001", "-000"), ("-x", "-001")):
            connection.execute(swap, (before, after))
    found = audit(tmp_path / "familiar.db").violations
    assert any("isn't in the order of the inbox" in each for each in found)
    with closing(sqlite3.connect(tmp_path / "familiar.db")) as connection, connection:
        connection.execute(swap, ("-000", "-001"))
    found = audit(tmp_path / "familiar.db").violations
    assert any("in the history twice: 1" in each for each in found)


def test_everybody_says_their_secret_first_and_no_line_twice() -> None:
    script = list(script_of(ADA, 40, 1, ("/memory", "/forget")))
    assert secret_of(ADA) in script[0]
    lines = [each for each in script if not each.startswith("/")]
    assert len(set(lines)) == len(lines) == 40
    assert {"/memory", "/forget yes"} <= set(script)
    assert script == list(script_of(ADA, 40, 1, ("/memory", "/forget")))


def test_a_life_that_grows_is_told_and_one_that_levels_off_is_not() -> None:
    level = [Sample(each, 150 + min(each, 20), 40) for each in range(100)]
    assert list(growth(level)) == []
    growing = [Sample(each, 150 + each, 40 + each) for each in range(100)]
    memory, files = growth(growing)
    assert "memory grew by 49" in memory
    assert "open files grew from" in files
