"""`/undo`: one change after the other, a line's change, a turn's change."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agentcore.model import ModelAnswer
from agentcore.records import EditActor, Role
from agentcore.testing import ScriptedModel
from bot.commands import undo
from bot.texts import LANGUAGES
from tests.agentcore.loop.teams import family, listed, note
from tests.bot.commands.talk import insert, persona_of, said, told
from tests.house import call, calls, house, working

TELL_ME = "\n\nIf you want it to stay after all, just tell me again."
NOTHING = LANGUAGES["en"]["reply.nothing_to_undo"]


def replace(old: str, new: str, call_id: str = "call-1") -> ModelAnswer:
    arguments = {"label": "human", "old_string": old, "new_string": new}
    return calls(call("memory_replace", json.dumps(arguments), call_id))


def rethink(text: str) -> ModelAnswer:
    return calls(call("memory_rethink", json.dumps({"label": "human", "new_memory": text})))


def noting(*texts: str) -> list[ModelAnswer | str]:
    """What a model says that notes each of these in a turn of its own."""
    return [answer for text in texts for answer in (calls(insert(text)), "Noted.")]


async def test_changes_are_taken_back_one_by_one_and_the_model_is_told(tmp_path: Path) -> None:
    model = ScriptedModel(*noting("one", "two"), "I see.")
    async with house(tmp_path, model) as home, working(home):
        await said(home, "ada", "one", "two")
        answers = await told(home, "ada", "/undo", "/undo", "/undo")
        assert [text for _, text in answers] == [
            f"Taken back.\nAbout you:\n✗ two{TELL_ME}",
            f"Taken back.\nAbout you:\n✗ one{TELL_ME}",
            NOTHING,
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


async def test_what_one_turn_did_to_several_blocks_is_taken_back_as_one(tmp_path: Path) -> None:
    both = calls(
        insert("one"),
        call("memory_insert", json.dumps({"label": "persona", "new_string": "Brief."}), "call-2"),
    )
    model = ScriptedModel(
        both, replace("one", "uno", "call-3"), "1.", *noting("two"), *noting("three")
    )
    async with house(tmp_path, model) as home, working(home):
        await said(home, "ada", "a", "b", "/undo", "c")
        assert await home.block("ada") == "uno\nthree"
        texts = [text for _, text in await told(home, "ada", "/undo", "/undo", "/undo")]
        assert await home.block("ada") == ""
        assert await home.block("ada", "persona") == persona_of("friend")
    assert texts == [
        f"Taken back.\nAbout you:\n✗ three{TELL_ME}",
        f"Taken back.\nAbout you:\n✗ uno\n\nHow I am with you:\n✗ Brief.{TELL_ME}",
        NOTHING,
    ]


async def test_a_long_history_is_walked_to_its_beginning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(undo, "PAGE", 3)
    facts = [f"fact {n}" for n in range(7)]
    async with house(tmp_path, ScriptedModel(*noting(*facts))) as home, working(home):
        await said(home, "ada", *facts)
        keys = [key for key, _ in await told(home, "ada", *["/undo"] * 8)]
        assert await home.block("ada") == ""
    assert keys == [*["reply.undone"] * 7, "reply.nothing_to_undo"]


async def test_a_line_takes_the_change_back_that_it_came_with(tmp_path: Path) -> None:
    model = ScriptedModel(*noting("Likes tea.\nLikes rye.", "Has a cat.", "Lives in Lisbon."))
    async with house(tmp_path, model) as home, working(home):
        await said(home, "ada", "a", "b", "c")
        await told(home, "ada", "/memory")
        ((_, text),) = await told(home, "ada", "/undo 2")
        assert text == f"Taken back.\nAbout you:\n✗ Likes tea.\n✗ Likes rye.{TELL_ME}"
        assert await home.block("ada") == "Has a cat.\nLives in Lisbon."
        # The number is still good for what it stood for.
        answers = await told(home, "ada", "/undo 2", "/undo 3", "/undo Lisbon", "/undo")
        assert await home.block("ada") == ""
    assert [key for key, _ in answers] == [
        "reply.line_changed",
        "reply.undone",
        "reply.undone",
        "reply.nothing_to_undo",
    ]


async def test_a_line_that_stands_beside_what_was_written_over_is_left_with_it(
    tmp_path: Path,
) -> None:
    model = ScriptedModel(
        *noting("In Rome.\nOld."),
        rethink("In Paris.\nYoung."),
        "Noted.",
        replace("Young.", "Old again."),
        "Noted.",
    )
    async with house(tmp_path, model) as home, working(home):
        await said(home, "ada", "a", "b", "c")
        ((key, text),) = await told(home, "ada", "/undo Paris")
        assert await home.block("ada") == "In Paris.\nOld again."
    assert key == "reply.undo_changed"
    assert "Now it reads:\n• In Paris.\n• Old again.\n" in text


async def test_a_part_that_was_written_over_stays_and_is_shown(tmp_path: Path) -> None:
    model = ScriptedModel(
        *noting("Likes tea.\nHas a cat."), replace("Has a cat.", "Has two cats."), "Noted."
    )
    async with house(tmp_path, model) as home, working(home):
        await said(home, "ada", "a", "b")
        ((_, text),) = await told(home, "ada", "/undo tea")
        assert await home.block("ada") == "Has two cats."
    assert "✗ Likes tea." in text
    assert "left it as it is:\n• Has two cats." in text


async def test_what_the_agent_did_not_write_is_not_taken_back(tmp_path: Path) -> None:
    first = persona_of("friend").splitlines()[0]
    async with house(tmp_path, ScriptedModel("Hi.")) as home, working(home):
        await said(home, "ada", "Hello")
        answers = await told(home, "ada", f"/undo {first}", "/undo 3", "/undo nowhere to be found")
    assert [key for key, _ in answers] == [
        "reply.undo_not_mine",
        "reply.line_not_listed",
        "reply.line_which",
    ]
    assert "It came with my character" in answers[0][1]


async def test_a_person_s_own_edit_is_taken_back_before_what_the_agent_did(tmp_path: Path) -> None:
    model = ScriptedModel(*noting("Likes tea."), "I see.")
    async with house(tmp_path, model) as home, working(home):
        await said(home, "ada", "one")
        await told(home, "ada", "/memory")
        ((edited, _),) = await told(home, "ada", "/memory edit 1 Likes rye.")
        assert edited == "reply.edited"
        ((_, text),) = await told(home, "ada", "/undo")
        assert text == f"Taken back.\nAbout you:\n✗ Likes rye.\n↩ Likes tea.{TELL_ME}"
        await said(home, "ada", "And now?")
        keys = [key for key, _ in await told(home, "ada", "/undo", "/undo")]
        assert await home.block("ada") == ""
    assert keys == ["reply.undone", "reply.nothing_to_undo"]
    notes = [p.text for p in model.requests[-1].prompt if p.text.startswith("[note]")]
    assert "they had made to your memory themselves" in notes[-1]


async def test_what_was_shared_or_not_any_more_is_left_to_its_own_commands(tmp_path: Path) -> None:
    model = ScriptedModel(*noting("Likes tea."))
    async with house(tmp_path, model) as home, working(home):
        await said(home, "ada", "one")
        await told(home, "ada", "/share Bakes.", "/unshare Bakes.", "/share Sings.")
        await told(home, "ada", "/memory")
        keys = [key for key, _ in await told(home, "ada", "/undo Sings.", "/undo", "/undo")]
        assert await home.block("ada", "public") == "Sings."
    assert keys == ["reply.undo_not_mine", "reply.undone", "reply.nothing_to_undo"]


async def test_a_turn_is_taken_back_by_its_number_whatever_came_later(tmp_path: Path) -> None:
    model = ScriptedModel(*noting("one", "two"))
    async with house(tmp_path, model) as home, working(home):
        await said(home, "ada", "one", "two")
        revisions = await (await home.door("ada")).revisions(label="human")
        turn = revisions[1].turn
        keys = [k for k, _ in await told(home, "ada", f"/undo #{turn}", f"/undo #{turn}")]
        assert await home.block("ada") == "two"
    assert keys == ["reply.undone", "reply.undo_already"]


async def test_an_undo_of_much_shows_a_dozen_lines(tmp_path: Path) -> None:
    lines = "\n".join(f"fact {n}" for n in range(40))
    async with house(tmp_path, ScriptedModel(*noting(lines))) as home, working(home):
        await said(home, "ada", "a lot")
        ((_, text),) = await told(home, "ada", "/undo")
    assert text.removesuffix(TELL_ME).splitlines()[-2:] == ["✗ fact 11", "… (28)"]


async def test_of_a_shared_block_only_what_the_own_agent_wrote_is_taken_back(
    tmp_path: Path,
) -> None:
    texts = ("Milk", "Rye", "Eggs")
    model = ScriptedModel(*(answer for text in texts for answer in (calls(note(text)), "Noted.")))
    async with house(tmp_path, model, **family(tmp_path)) as home, working(home):
        await said(home, "ada", "milk")
        await said(home, "bob", "rye")
        await said(home, "ada", "eggs")
        door = await home.door("ada")
        not_hers = await told(home, "ada", "/undo Rye", "/undo Milk", "/undo", "/undo")
        assert await listed(home, "bob") == ["Bread", "Rye"]
        his = await told(home, "bob", "/undo", "/undo")
        assert [block.value for block in await door.blocks() if block.label == "list"] == ["Bread"]
    assert [key for key, _ in not_hers] == [
        "reply.undo_not_mine",
        "reply.undone",
        "reply.undone",
        "reply.nothing_to_undo",
    ]
    assert "Another assistant that shares this part" in not_hers[0][1]
    assert [key for key, _ in his] == ["reply.undone", "reply.nothing_to_undo"]


async def test_the_model_knows_how_a_block_reads_after_an_undo_of_several_edits(
    tmp_path: Path,
) -> None:
    model = ScriptedModel(
        calls(insert("one")), replace("one", "uno", "call-2"), "Noted.", "Hello again."
    )
    async with house(tmp_path, model) as home, working(home):
        await said(home, "ada", "one")
        await told(home, "ada", "/undo")
        await said(home, "ada", "Hello")
    notes = [p.text for p in model.requests[-1].prompt if p.text.startswith("[note]")]
    assert [note.partition("\n")[0] for note in notes] == [
        "[note] The person took back what you had changed."
    ]
