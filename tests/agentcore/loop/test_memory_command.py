"""All of memory through one tool: the same edits and refusals as by those that have a tool each."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from agentcore.memory.edits import Insert, Operation, Replace, Rethink
from agentcore.records import (
    Block,
    EditActor,
    Origin,
    Role,
    ToolReturnPart,
    new_agent_id,
    new_block_id,
)
from agentcore.testing import ScriptedModel
from agentcore.tools.arguments import Arguments, BadArguments
from agentcore.tools.base import MAKES_NONE, WorkingBlocks
from agentcore.tools.memory_command import MEMORY_COMMAND
from agentcore.tools.memory_tools import memory_tool
from agentcore.tools.toolbox import default_tools
from tests.house import House, call, calls, house


async def answers(folder: Path, *given: dict[str, Any]) -> tuple[list[str], dict[str, str], House]:
    """What these calls return, one after the other, and the blocks after them."""
    script = [calls(call("memory", json.dumps(each), f"c{n}")) for n, each in enumerate(given)]
    async with house(folder, ScriptedModel("Hi.", *script, "Done.")) as home:
        await home.say("ada", "Hello")
        door = await home.door("ada")
        await door.tools.attach("memory")
        await home.say("ada", "Go on.")
        returned = [
            f"{part.status}: {part.text}"
            for message in await home.history("ada")
            if message.role is Role.TOOL
            for part in message.parts
            if isinstance(part, ToolReturnPart)
        ]
        blocks = {block.label: block.value for block in await door.blocks()}
        return returned, blocks, home


async def test_lines_are_put_in_replaced_and_taken_out(tmp_path: Path) -> None:
    returned, blocks, _ = await answers(
        tmp_path,
        {"command": "delete", "path": "human"},
        {"command": "insert", "path": "human", "insert_text": "Likes tea."},
        {"command": "insert", "path": "/memories/human", "insert_text": "Ada.", "insert_line": 0},
        {"command": "str_replace", "path": "human", "old_string": "tea", "new_string": "coffee"},
        {"command": "view", "path": "human"},
    )
    assert blocks["human"] == "Ada.\nLikes coffee."
    assert "1→ Ada.\n2→ Likes coffee." in returned[-1]
    assert all(each.startswith("success: ") for each in returned)


async def test_a_block_is_made_with_its_first_lines(tmp_path: Path) -> None:
    work = {"command": "create", "path": "work", "description": "The job.", "file_text": "Nurse."}
    model = ScriptedModel("Hi.", calls(call("memory", json.dumps(work))), "Done.")
    async with house(tmp_path, model) as home:
        await home.say("ada", "Hello")
        door = await home.door("ada")
        await door.tools.attach("memory")
        await home.say("ada", "I'm a nurse.")
        found = {block.label: block for block in await door.blocks()}["work"]
        assert (found.value, found.description, found.limit) == ("Nurse.", "The job.", 20_000)
        edit = (await door.revisions(label="work"))[0]
        assert (edit.before, edit.after) == ("", "Nurse.")
        assert (edit.actor, edit.origin) == (EditActor.TOOL, Origin.OWNER)
        assert "Nurse." in str(model.requests[-1].prompt)


async def test_a_block_may_be_made_empty(tmp_path: Path) -> None:
    returned, blocks, _ = await answers(tmp_path, {"command": "create", "path": "work"})
    assert returned == ["success: Made the empty memory block `work`."]
    assert blocks["work"] == ""


@pytest.mark.parametrize(
    ("given", "operation"),
    [
        ({"command": "create", "file_text": "a"}, Rethink("a")),
        ({"command": "create", "new_string": "a"}, Rethink("a")),
        ({"command": "create"}, Rethink("")),
        ({"command": "delete"}, Rethink("")),
        ({"command": "str_replace", "old_string": "a", "new_string": "b"}, Replace("a", "b")),
        ({"command": "str_replace", "old_str": "a", "new_str": "b"}, Replace("a", "b")),
        ({"command": "str_replace", "old_str": "a"}, Replace("a", "")),
        ({"command": "insert", "insert_text": "a"}, Insert("a", -1)),
        ({"command": "insert", "new_string": "a", "insert_line": 2}, Insert("a", 2)),
        ({"command": "insert", "new_str": "a"}, Insert("a", -1)),
    ],
)
def test_a_command_is_one_operation_on_a_block(given: dict[str, Any], operation: Operation) -> None:
    assert MEMORY_COMMAND.operation(Arguments(given)) == operation


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"command": "create", "path": "human", "file_text": "x"}, "`human` already"),
        ({"command": "create", "path": "a b", "file_text": "x"}, "A label takes"),
        ({"command": "create", "path": "public", "file_text": "x"}, "can't be made here"),
        ({"command": "create", "path": "work", "file_text": "x" * 20_001}, "over its limit"),
        ({"command": "create", "path": "work", "description": "x" * 1_001}, "1000 fit"),
        ({"command": "create", "path": "work", "file_text": "1→ x"}, "line number prefix"),
        ({"command": "str_replace", "path": "human", "old_string": "zebra"}, "verbatim"),
        ({"command": "str_replace", "path": "human"}, "`old_string` is missing"),
        ({"command": "insert", "path": "nope", "insert_text": "x"}, "no memory block `nope`"),
        ({"command": "insert", "path": "human", "insert_text": "x", "insert_line": 99}, "range"),
        ({"command": "view", "path": "nope"}, "no memory block `nope`"),
        ({"command": "rename", "path": "human"}, "keeps its label"),
        ({"command": "burn", "path": "human"}, "must be one of view, create"),
        ({"command": "insert"}, "`path` is missing"),
    ],
)
async def test_what_breaks_a_rule_changes_nothing(
    tmp_path: Path, given: dict[str, Any], reason: str
) -> None:
    returned, blocks, _ = await answers(tmp_path, {"command": "view"}, given)
    assert returned[-1].startswith("error: ")
    assert reason in returned[-1]
    assert "work" not in blocks
    labels = ", ".join(f"{label} ({len(value)} characters)" for label, value in blocks.items())
    assert returned[0] == f"success: As it reads now: {labels}."


async def test_a_look_is_no_save(tmp_path: Path) -> None:
    look = calls(call("memory", '{"command": "view", "path": "human"}'))
    model = ScriptedModel("Hi.", look, "I've saved that you are a nurse.", "I know it for now.")
    async with house(tmp_path, model) as home:
        await home.say("ada", "Hello")
        await (await home.door("ada")).tools.attach("memory")
        await home.say("ada", "Remember that I'm a nurse.")
        assert (await home.history("ada"))[-1].text == "I know it for now."


def test_the_words_of_others_make_no_block_and_where_none_is_to_be_made_nobody_does() -> None:
    agent = new_agent_id()
    refused = WorkingBlocks((), Origin.FORWARDED, may_make=True).create("work", "", agent)
    assert refused is not None
    assert refused.text == MAKES_NONE
    among_others = WorkingBlocks((), Origin.OWNER).create("work", "", agent)
    assert among_others is not None
    assert "can't be made here" in among_others.text


def test_an_edit_that_waits_for_the_person_s_word_can_be_made_then() -> None:
    block = Block(new_block_id(), new_agent_id(), "human", "Likes tea.", 100)
    arguments = {"command": "insert", "path": "human", "insert_text": "A nurse."}
    tool = memory_tool("memory")
    assert tool is not None
    blocks = WorkingBlocks([block], Origin.FORWARDED)
    blocks.edit("human", tool.operation(Arguments(arguments)), tool="memory", arguments=arguments)
    (held,) = blocks.held
    assert (held.tool, held.arguments, blocks.edits) == ("memory", arguments, [])


async def test_only_who_asks_for_it_has_it(tmp_path: Path) -> None:
    async with house(tmp_path, ScriptedModel("Hi.")) as home:
        await home.say("ada", "Hello")
        has = (await (await home.door("ada")).agent()).tools
        assert "memory" in home.parts.toolbox.names
        assert has == tuple(tool.schema.name for tool in default_tools())


def test_a_number_beyond_all_bounds_is_told_to_be_none() -> None:
    with pytest.raises(BadArguments, match="whole number"):
        Arguments({"insert_line": 10**400}).whole("insert_line", -1)


@pytest.mark.parametrize("lines", [["Nurse."], 7, {"a": "b"}])
async def test_a_block_whose_lines_are_no_text_is_not_made(tmp_path: Path, lines: Any) -> None:
    returned, blocks, _ = await answers(
        tmp_path,
        {"command": "create", "path": "work", "file_text": lines},
        {"command": "create", "path": "work", "file_text": "Nurse."},
    )
    assert returned[0] == "error: memory: The argument `file_text` must be a string."
    assert returned[1].startswith("success: Saved.")
    assert blocks["work"] == "Nurse."


async def test_a_huge_label_that_is_to_be_renamed_is_told_by_its_beginning(tmp_path: Path) -> None:
    (told,), _, _ = await answers(tmp_path, {"command": "rename", "path": "x" * 50_000})
    assert told.startswith("error: The memory block `xxx")
    assert len(told) < 1_000
