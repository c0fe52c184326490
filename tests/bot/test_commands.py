"""What a person can ask of the service with a slash."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.base import FeedNotice
from agentcore.records import EditActor, Role, ToolCall
from agentcore.testing import ScriptedModel
from bot.commands import COMMANDS, Asked, parsed
from bot.texts import LANGUAGES
from tests.house import House, call, calls, house, working


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("/help", Asked("help", "")),
        ("  /HELP  ", Asked("help", "")),
        ("/undo@familiar_bot", Asked("undo", "")),
        ("/why 3", Asked("why", "3")),
        ("/new\nplease", Asked("new", "please")),
        ("/etc/hosts is a file", None),
        ("/ help", None),
        ("a /help", None),
        ("//help", None),
        ("/1", None),
        ("", None),
    ],
)
def test_what_counts_as_a_command(text: str, asked: Asked | None) -> None:
    assert parsed(text) == asked


@given(st.text())
def test_any_text_can_be_looked_at(text: str) -> None:
    asked = parsed(text)
    assert asked is None or asked.name == asked.name.lower()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_help_names_every_command_and_no_other(language: str) -> None:
    named = set(re.findall(r"/([a-z]+)", LANGUAGES[language]["reply.help"]))
    assert named | {"start"} == {name for name, each in COMMANDS.items() if not each.hidden}


async def told(home: House, user: str, *lines: str) -> list[tuple[str, str]]:
    """The notices that come of these lines: key and text."""
    position = 0
    for line in lines:
        position = (await home.accept(user, line)).position
    events = await home.heard(user, until=position)
    return [(e.key, e.text) for e in events if isinstance(e, FeedNotice)]


def insert(text: str) -> ToolCall:
    return call("memory_insert", json.dumps({"label": "human", "new_string": text}))


async def test_memory_is_listed_with_line_numbers(tmp_path: Path) -> None:
    model = ScriptedModel(calls(insert("Name: Ada\nLives in Lisbon.")), "Noted.")
    async with house(tmp_path, model) as home, working(home):
        first = await home.accept("ada", "I'm Ada.")
        await home.heard("ada", until=first.position)
        ((key, text),) = await told(home, "ada", "/memory")
    assert key == "reply.memory"
    assert "human:\n1→ Name: Ada\n2→ Lives in Lisbon." in text


async def test_undo_takes_edits_back_one_by_one_and_tells_the_model(tmp_path: Path) -> None:
    model = ScriptedModel(calls(insert("one")), "1.", calls(insert("two")), "2.", "I see.")
    async with house(tmp_path, model) as home, working(home):
        for line in ("one", "two"):
            receipt = await home.accept("ada", line)
            await home.heard("ada", until=receipt.position)
        keys = [key for key, _ in await told(home, "ada", "/undo", "/undo", "/undo")]
        assert keys == ["reply.undone", "reply.undone_empty", "reply.nothing_to_undo"]
        assert await home.block("ada") == ""
        receipt = await home.accept("ada", "And now?")
        await home.heard("ada", until=receipt.position)
        history = await home.history("ada")
        revisions = await (await home.door("ada")).revisions(label="human")
    assert [m.role for m in history].count(Role.NOTE) == 2
    notes = [p.text for p in model.requests[-1].prompt if p.text.startswith("[note]")]
    assert "1→ one" in notes[0]
    assert [(r.actor, r.undoes) for r in revisions[:2]] == [
        (EditActor.USER, 2),
        (EditActor.USER, 3),
    ]


async def test_a_fresh_page_keeps_the_memory_and_shows_it_anew(tmp_path: Path) -> None:
    model = ScriptedModel(calls(insert("Name: Ada")), "Hi Ada.", "Hello again.")
    async with house(tmp_path, model) as home, working(home):
        receipt = await home.accept("ada", "I'm Ada.")
        await home.heard("ada", until=receipt.position)
        await told(home, "ada", "/new")
        receipt = await home.accept("ada", "Hello?")
        await home.heard("ada", until=receipt.position)
    system, *rest = model.requests[-1].prompt
    assert "1→ Name: Ada" in system.text
    assert len(rest) == 1


async def test_a_command_as_first_contact_makes_no_model_call(tmp_path: Path) -> None:
    model = ScriptedModel()
    async with house(tmp_path, model) as home, working(home):
        await told(home, "ada", "/undo")
        keys = [key for key, _ in await told(home, "ada", "/stop", "/memory", "/nope")]
    assert keys == [
        "reply.nothing_to_undo",
        "reply.nothing_to_stop",
        "reply.memory",
        "reply.unknown_command",
    ]
    assert model.requests == []
