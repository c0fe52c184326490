"""`/memory`, `/why` and `/undo`."""

from __future__ import annotations

import json
import sqlite3
from datetime import date
from pathlib import Path

from agentcore.clock import DAY
from agentcore.records import EditActor, Role
from agentcore.testing import FakeClock, ScriptedModel
from bot.app import Replacements
from bot.texts import LANGUAGES
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
    async with house(tmp_path, model) as home, working(home):
        await said(home, "ada", "I'm Ada.", "I live in\nLisbon now")
        answers = await told(home, "ada", "/memory", "/why 1", "/why 2", "/why 3")
    day = date.today().isoformat()  # noqa: DTZ011
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
    assert {key for key, _ in unclear} == {"reply.why_which"}


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
        "reply.why_not_listed",
        "reply.memory",
        "reply.why",
        "reply.why_no_such",
        "reply.why_which",
        "reply.why_which",
    ]
    answers = after
    assert [key for key, _ in answers] == [
        "reply.why",
        "reply.why_changed",
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
        assert (await told(home, "bob", "/why 1"))[0][0] == "reply.why_not_listed"
        clock.advance(2)
        assert (await told(home, "ada", "/why 1"))[0][0] == "reply.why_not_listed"


async def test_a_line_whose_message_is_gone_keeps_its_date_alone(tmp_path: Path) -> None:
    model = ScriptedModel(calls(insert("Likes tea.")), "Noted.")
    async with house(tmp_path, model) as home, working(home):
        await said(home, "ada", "My secret is tea.")
        await told(home, "ada", "/memory")
        with sqlite3.connect(tmp_path / "familiar.db") as file:
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
    assert answers[0][1] == "Taken back. About you:\n✗ Likes coffee.\n↩ Likes tea."
    assert "“I like tea”" in answers[2][1]
    assert "your /undo of" in answers[2][1]


async def test_undo_takes_edits_back_one_by_one_and_tells_the_model(tmp_path: Path) -> None:
    model = ScriptedModel(calls(insert("one")), "1.", calls(insert("two")), "2.", "I see.")
    async with house(tmp_path, model) as home, working(home):
        await said(home, "ada", "one", "two")
        answers = await told(home, "ada", "/undo", "/undo", "/undo")
        assert [text for _, text in answers] == [
            "Taken back. About you:\n✗ two",
            "Taken back. About you:\n✗ one",
            LANGUAGES["en"]["reply.nothing_to_undo"],
        ]
        assert await home.block("ada") == ""
        await said(home, "ada", "And now?")
        history = await home.history("ada")
        revisions = await (await home.door("ada")).revisions(label="human")
    assert [m.role for m in history].count(Role.NOTE) == 2
    notes = [p.text for p in model.requests[-1].prompt if p.text.startswith("[note]")]
    assert "1→ one" in notes[0]
    assert [(r.actor, r.undoes) for r in revisions[:2]] == [
        (EditActor.USER, 2),
        (EditActor.USER, 3),
    ]


async def test_undo_goes_back_through_edits_of_several_blocks_and_through_earlier_undos(
    tmp_path: Path,
) -> None:
    both = calls(
        insert("one"),
        call("memory_insert", json.dumps({"label": "persona", "new_string": "Brief."}), "call-2"),
    )
    model = ScriptedModel(both, "1.", calls(insert("two")), "2.", calls(insert("three")), "3.")
    async with house(tmp_path, model) as home, working(home):
        persona = persona_of("friend")
        await said(home, "ada", "a", "b", "/undo", "c")
        assert await home.block("ada") == "one\nthree"
        texts = [text for _, text in await told(home, "ada", "/undo", "/undo", "/undo", "/undo")]
        assert await home.block("ada") == ""
        assert await home.block("ada", "persona") == persona
    assert texts[0] == "Taken back. About you:\n✗ three"
    assert set(texts[1:3]) == {
        "Taken back. About you:\n✗ one",
        "Taken back. How I am with you:\n✗ Brief.",
    }
    assert texts[3] == LANGUAGES["en"]["reply.nothing_to_undo"]


async def test_an_undo_of_much_shows_a_dozen_lines(tmp_path: Path) -> None:
    lines = "\n".join(f"fact {n}" for n in range(40))
    model = ScriptedModel(calls(insert(lines)), "Noted.")
    async with house(tmp_path, model) as home, working(home):
        await said(home, "ada", "a lot")
        ((_, text),) = await told(home, "ada", "/undo")
    assert text.splitlines()[-2:] == ["✗ fact 11", "… (28)"]
