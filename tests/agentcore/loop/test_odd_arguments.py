"""Arguments that no model should send, and some do: each turn ends, and what is kept is sound."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from agentcore.records import PassageQuery, Role, StopReason, ToolCall, ToolReturnPart
from agentcore.testing import ScriptedModel
from tests.house import House, call, calls, house


async def returned(home: House) -> list[ToolReturnPart]:
    """What the calls of the turns so far returned."""
    return [
        part
        for message in await home.history("ada")
        if message.role is Role.TOOL
        for part in message.parts
        if isinstance(part, ToolReturnPart)
    ]


def asking_for(*given: ToolCall) -> ScriptedModel:
    return ScriptedModel(calls(*given), "Fine.", "Still here.")


async def test_a_role_that_cannot_be_stored_is_refused_like_any_other(tmp_path: Path) -> None:
    model = asking_for(call("conversation_search", '{"query": "tea", "roles": ["\\ud800"]}'))
    async with house(tmp_path, model) as home:
        assert (await home.say("ada", "Hello")).reason is StopReason.END_TURN
        (told,) = await returned(home)
        assert told.status == "error"
        assert told.text.startswith("conversation_search: `roles` knows user and assistant, not")
        assert (await home.say("ada", "And now?")).reason is StopReason.END_TURN


async def test_a_passage_is_kept_with_what_can_be_stored_of_its_tags(tmp_path: Path) -> None:
    given = '{"content": "Plum cake.", "tags": ["ca\\ud83dke", "\\u0000"]}'
    model = asking_for(call("archival_memory_insert", given))
    async with house(tmp_path, model) as home:
        assert (await home.say("ada", "Hello")).reason is StopReason.END_TURN
        door = await home.door("ada")
        (found,) = await door.archive.search(PassageQuery("plum"))
        assert found.passage.tags == ("ca?ke", "\N{REPLACEMENT CHARACTER}")


HELD = '{"label": "human", "new_string": "Likes tea.", '


async def forwarded(home: House) -> StopReason:
    """A turn whose words aren't the person's own."""
    inbound = home.inbound("ada", "She likes tea.")
    part = replace(inbound.parts[0], origin="forwarded")
    await home.parts.gateway.accept(replace(inbound, parts=(part,)))
    (claim,) = await home.claim()
    return (await home.run(claim)).reason


async def test_what_is_held_can_be_stored_with_all_that_came_with_it(tmp_path: Path) -> None:
    odd = '"\\ud800": ["\\udfff", {"a": "\\u0000"}]}'
    async with house(tmp_path, asking_for(call("memory_insert", HELD + odd))) as home:
        assert await forwarded(home) is StopReason.END_TURN
        (held,) = await (await home.door("ada")).held_edits()
        assert held.arguments["new_string"] == "Likes tea."
        assert held.arguments["?"] == ["?", {"a": "\N{REPLACEMENT CHARACTER}"}]


async def test_arguments_that_are_nested_too_deeply_are_refused_wherever(tmp_path: Path) -> None:
    deep = '"more": ' + "[" * 200 + "]" * 200 + "}"
    async with house(tmp_path, asking_for(call("memory_insert", HELD + deep))) as home:
        assert await forwarded(home) is StopReason.END_TURN
        (told,) = await returned(home)
        assert told.status == "error"
        assert "nested too deeply" in told.text
        assert not await (await home.door("ada")).held_edits()


HUGE = "x" * 50_000
REFUSED_BY_NAME = [
    call(HUGE, "{}"),
    call("memory_insert", json.dumps({"label": HUGE, "new_string": "x"})),
    call("conversation_search", json.dumps({"roles": [HUGE]})),
    call("conversation_search", json.dumps({"roles": [f"role{n}" for n in range(9_000)]})),
]


@pytest.mark.parametrize("given", REFUSED_BY_NAME, ids=["tool", "label", "role", "roles"])
async def test_a_refusal_names_what_is_huge_by_its_beginning(
    tmp_path: Path, given: ToolCall
) -> None:
    async with house(tmp_path, asking_for(given)) as home:
        await home.say("ada", "Hello")
        (told,) = await returned(home)
    assert told.status == "error"
    assert "…" in told.text
    assert len(told.text) < 1_000
