"""The archive as a model uses it: through its two tools, in turns of a real house."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from agentcore.clock import DAY
from agentcore.model import ToolPrompt
from agentcore.records import Origin
from agentcore.testing import FakeClock, ScriptedModel
from bot.app import Replacements
from tests.house import FAST, call, calls, house

CAKE: dict[str, object] = {
    "content": "Grandma's plum cake: six plums",
    "tags": ["recipe", " recipe", ""],
}


async def told(
    folder: Path, *made: tuple[str, dict[str, object]]
) -> tuple[Sequence[str], Sequence[object]]:
    """What each call returned, one turn and one day after the other; and what is kept then."""
    clock = FakeClock()
    answers = [calls(call(name, json.dumps(given))) for name, given in made]
    model = ScriptedModel(*(line for answer in answers for line in (answer, "Ok.")))
    async with house(folder, model, replacements=Replacements(clock=clock, limits=FAST)) as home:
        for _ in made:
            await home.say("ada", "Go on.")
            clock.advance(DAY)
        kept = await (await home.door("ada")).archive.passages()
    returns = [each.text for each in model.requests[-1].prompt if isinstance(each, ToolPrompt)]
    return returns, [(each.text, each.tags, each.origin) for each in kept]


async def test_what_is_kept_is_found_by_other_forms_of_its_words(tmp_path: Path) -> None:
    returns, kept = await told(
        tmp_path,
        ("archival_memory_insert", CAKE),
        ("archival_memory_search", {"query": "grandma's cakes", "top_k": 3}),
        ("archival_memory_search", {"query": "cake", "tags": ["poem"]}),
    )
    assert kept == [("Grandma's plum cake: six plums", ("recipe",), Origin.OWNER)]
    kept_it, found, nothing = returns
    assert kept_it == "Kept in the archive."
    assert found.startswith("Found 1 passage.\n\n")
    assert found.endswith(" [recipe]\nGrandma's plum cake: six plums")
    assert nothing.startswith("Found nothing.")


@pytest.mark.parametrize(
    ("name", "given", "wrong"),
    [
        ("archival_memory_insert", {"content": " \n"}, "`content` is empty"),
        ("archival_memory_insert", {"content": "x" * 8_001}, "8000 fit"),
        ("archival_memory_insert", {"content": "x", "tags": ["y" * 65]}, "`tags` takes"),
        ("archival_memory_search", {"query": "x", "top_k": 0}, "`top_k` must be from 1 to 20"),
        ("archival_memory_search", {"query": "x", "tag_match_mode": "no"}, "must be any or all"),
        ("archival_memory_search", {"query": "x", "end_datetime": "soon"}, "`end_datetime` must"),
    ],
)
async def test_what_cannot_be_done_is_said(
    tmp_path: Path, name: str, given: dict[str, object], wrong: str
) -> None:
    (returned,), kept = await told(tmp_path, (name, given))
    assert wrong in returned
    assert kept == []
