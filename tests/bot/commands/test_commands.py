"""What a person can ask of the service with a slash."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentcore.testing import ScriptedModel
from bot.commands import Asked, parsed
from tests.bot.commands.talk import insert, said, told
from tests.house import calls, house, working


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


async def test_a_fresh_page_keeps_the_memory_and_shows_it_anew(tmp_path: Path) -> None:
    model = ScriptedModel(calls(insert("Name: Ada")), "Hi Ada.", "Hello again.")
    async with house(tmp_path, model) as home, working(home):
        await said(home, "ada", "I'm Ada.")
        await told(home, "ada", "/new")
        await said(home, "ada", "Hello?")
    system, *rest = model.requests[-1].prompt
    assert "1→ Name: Ada" in system.text
    assert len(rest) == 1


async def test_a_command_as_first_contact_makes_no_model_call(tmp_path: Path) -> None:
    model = ScriptedModel()
    async with house(tmp_path, model) as home, working(home):
        answers = await told(home, "ada", "/undo")
        answers += await told(home, "ada", "/stop", "/memory", "/nope")
    assert [key for key, _ in answers] == [
        "reply.nothing_to_undo",
        "reply.nothing_to_stop",
        "reply.memory",
        "reply.unknown_command",
    ]
    assert model.requests == []
