"""`/memory archive`: the person sees what was put aside for them, and can have it forgotten."""

from __future__ import annotations

import json
from pathlib import Path

from adapters.feed import FeedNotice
from agentcore.model import ModelAnswer
from agentcore.testing import ScriptedModel
from tests.bot.commands.talk import said, told
from tests.house import House, call, calls, house, working

CAKE = "Grandma's plum cake: six plums,\ntwo eggs, and an hour of patience"


def keeping(text: str, *tags: str) -> tuple[ModelAnswer, str]:
    arguments = json.dumps({"content": text, "tags": list(tags)})
    return calls(call("archival_memory_insert", arguments)), "Kept."


async def shown(home: House, line: str) -> str:
    ((_, text),) = await told(home, "ada", line)
    return text


async def actions(home: House, line: str) -> list[str]:
    """The commands that are offered with what it gives back."""
    receipt = await home.accept("ada", line)
    events = await home.heard("ada", until=receipt.position)
    notices = [each for each in events if isinstance(each, FeedNotice)]
    return [each.command for each in notices[-1].actions]


async def test_memory_points_to_the_archive_once_there_is_something(tmp_path: Path) -> None:
    model = ScriptedModel("Hello.", *keeping(CAKE), *keeping("Leek soup"))
    async with house(tmp_path, model) as home, working(home):
        await said(home, "ada", "Hello")
        assert "archive" not in await shown(home, "/memory")
        assert await shown(home, "/memory archive") == "I keep no longer texts for you yet."
        await said(home, "ada", "Keep the cake")
        assert "And a longer text in my archive." in await shown(home, "/memory")
        await said(home, "ada", "Keep the soup")
        assert "And 2 longer texts in my archive" in await shown(home, "/memory")


async def test_texts_are_listed_found_and_read_in_full(tmp_path: Path) -> None:
    model = ScriptedModel(*keeping(CAKE, "recipe"), *keeping("Leek soup"))
    async with house(tmp_path, model) as home, working(home):
        await said(home, "ada", "Keep the cake", "Keep the soup")
        listed = await shown(home, "/memory archive")
        assert listed.index("2. ") < listed.index("1. ")
        assert "Grandma's plum cake: six plums, two eggs" in listed
        found = await shown(home, "/memory archive plums")
        assert "1. " in found
        assert "Leek" not in found
        for number in ("1", "#1", "1."):
            whole = await shown(home, f"/memory archive {number}")
            assert CAKE in whole
            assert "[recipe]" in whole
        for odd in ("3", "0", "9" * 40, "zeppelin", "²"):
            assert "I find no such text" in await shown(home, f"/memory archive {odd}"), odd


async def test_a_text_is_forgotten_by_what_its_page_says(tmp_path: Path) -> None:
    model = ScriptedModel(*keeping(CAKE))
    async with house(tmp_path, model) as home, working(home):
        await said(home, "ada", "Keep the cake")
        (to_archive,) = [each for each in await actions(home, "/memory") if "rchive" in each]
        assert "plum cake" in await shown(home, to_archive)
        (command,) = await actions(home, "/memory archive 1")
        offered = await shown(home, command)
        assert "Grandma's plum cake" in offered
        await told(home, "ada", "/forget yes")
        assert await shown(home, "/memory archive") == "I keep no longer texts for you yet."
        assert "I find no such text" in await shown(home, "/memory archive 1")


async def test_many_texts_are_listed_with_how_many_there_are_more(tmp_path: Path) -> None:
    batch = [
        call("archival_memory_insert", json.dumps({"content": f"text {n}"}), f"call-{n}")
        for n in range(25)
    ]
    async with house(tmp_path, ScriptedModel(calls(*batch), "Kept.")) as home, working(home):
        await said(home, "ada", "Keep them")
        listed = await shown(home, "/memory archive")
    assert "25. " in listed
    assert "\n5. " not in listed
    assert "… (5)" in listed
