"""`/memory` and `/why`."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path

from agentcore.clock import DAY
from agentcore.testing import FakeClock, ScriptedModel
from bot.app import Replacements
from tests.bot.commands.talk import insert, persona_of, said, told
from tests.house import FAST, call, calls, house, working

FIRST = persona_of("friend").splitlines()[0]


async def test_memory_is_listed_with_line_numbers(tmp_path: Path) -> None:
    model = ScriptedModel(calls(insert("Name: Ada\nLives in Lisbon.")), "Noted.")
    async with house(tmp_path, model) as home, working(home):
        await said(home, "ada", "I'm Ada.")
        ((key, text),) = await told(home, "ada", "/memory")
    assert key == "reply.memory"
    assert "About you:\n1. Name: Ada\n2. Lives in Lisbon.\n\nHow I am with you:\n3. " in text


async def test_a_line_is_traced_to_the_words_it_came_from(tmp_path: Path) -> None:
    model = ScriptedModel(
        calls(insert("Name: Ada")), "Hi.", calls(insert("Lives in Lisbon.")), "Noted."
    )
    days = [date.today().isoformat()]  # noqa: DTZ011
    async with house(tmp_path, model) as home, working(home):
        await said(home, "ada", "I'm Ada.", "I live in\nLisbon now")
        answers = await told(home, "ada", "/memory", "/why 1", "/why 2", "/why 3")
    days.append(date.today().isoformat())  # noqa: DTZ011
    day = next(each for each in days if each in answers[1][1])  # it may be midnight
    assert [text for _, text in answers[1:]] == [
        f"“Name: Ada”\nI noted this from your message of {day}: “I'm Ada.”",
        f"“Lives in Lisbon.”\nI noted this from your message of {day}: “I live in Lisbon now”",
        f"“{FIRST}”\nIt came with my character on {day}; nobody told me.",
    ]


async def test_a_line_is_also_found_by_its_words_without_a_listing(tmp_path: Path) -> None:
    model = ScriptedModel(calls(insert("Likes rye bread.\nBakes bread.\nbread")), "Noted.")
    async with house(tmp_path, model) as home, working(home):
        await said(home, "ada", "I like bread.")
        found = await told(home, "ada", "/why  Likes rye bread.", "/why BAKES", "/why bread")
        unclear = await told(home, "ada", "/why read", "/why butter")
    assert [text.splitlines()[0] for _, text in found] == [
        "“Likes rye bread.”",
        "“Bakes bread.”",
        "“bread”",
    ]
    assert {key for key, _ in unclear} == {"reply.line_which"}


async def test_a_number_means_the_line_that_was_shown_under_it(tmp_path: Path) -> None:
    rewrite = json.dumps({"label": "human", "new_memory": "new\none"})
    model = ScriptedModel(
        calls(insert("one\ntwo")), "1.", calls(call("memory_rethink", rewrite)), "2."
    )
    async with house(tmp_path, model) as home, working(home):
        await said(home, "ada", "Hi")
        before = await told(home, "ada", "/why 1", "/memory", "/why 2", "/why 9", "/why", "/why x")
        await said(home, "ada", "Change it")
        after = await told(home, "ada", "/why 1", "/why 2", "/memory", "/why 1")
    assert [key for key, _ in before] == [
        "reply.line_not_listed",
        "reply.memory",
        "reply.why",
        "reply.line_no_such",
        "reply.line_which",
        "reply.line_which",
    ]
    answers = after
    assert [key for key, _ in answers] == [
        "reply.why",
        "reply.line_changed",
        "reply.memory",
        "reply.why",
    ]
    assert "“one”" in answers[0][1]  # though it stands elsewhere now
    assert "“new”" in answers[3][1]


async def test_a_listing_is_good_for_a_day_and_for_the_person_who_saw_it(tmp_path: Path) -> None:
    clock = FakeClock()
    replaced = Replacements(clock=clock, limits=FAST)
    model = ScriptedModel(calls(insert("one")), "1.")
    async with house(tmp_path, model, replacements=replaced) as home, working(home):
        await said(home, "ada", "Hi")
        await told(home, "ada", "/memory")
        clock.advance(DAY - 1)
        assert (await told(home, "ada", "/why 1"))[0][0] == "reply.why"
        assert (await told(home, "bob", "/why 1"))[0][0] == "reply.line_not_listed"
        clock.advance(2)
        assert (await told(home, "ada", "/why 1"))[0][0] == "reply.line_not_listed"


async def test_a_line_whose_message_is_gone_keeps_its_date_alone(tmp_path: Path) -> None:
    model = ScriptedModel(calls(insert("Likes tea.")), "Noted.")
    async with house(tmp_path, model) as home, working(home):
        await said(home, "ada", "My secret is tea.")
        await told(home, "ada", "/memory")
        with closing(sqlite3.connect(tmp_path / "familiar.db")) as file, file:
            file.execute("UPDATE message SET forgotten_at = 1")
        file.close()
        ((_, text),) = await told(home, "ada", "/why 1")
    assert "That message is no longer there." in text
    assert "secret" not in text


async def test_a_line_that_undo_brought_back_says_so(tmp_path: Path) -> None:
    rewrite = json.dumps({"label": "human", "new_memory": "Likes coffee."})
    model = ScriptedModel(
        calls(insert("Likes tea.")), "1.", calls(call("memory_rethink", rewrite)), "2."
    )
    async with house(tmp_path, model) as home, working(home):
        await said(home, "ada", "I like tea", "No, coffee")
        answers = await told(home, "ada", "/undo")
        answers += await told(home, "ada", "/memory", "/why 1")
    assert answers[0][0] == "reply.undone"
    assert "“I like tea”" in answers[2][1]
    assert "your /undo of" in answers[2][1]


async def test_what_memory_does_not_know_is_said_with_what_it_knows(tmp_path: Path) -> None:
    async with house(tmp_path, ScriptedModel()) as home, working(home):
        ((key, text),) = await told(home, "ada", "/memory nonsense")
    assert key == "reply.memory_what"
    assert "“nonsense”" in text
