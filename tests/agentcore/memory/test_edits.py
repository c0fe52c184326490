"""Block edits, by the shared vectors and by property."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentcore.memory.edits import EditRefused, Insert, Replace, Rethink, Rewrite, edited
from agentcore.memory.frame import parse_blocks, render_block, render_blocks, render_change
from agentcore.records import SHARED_OWNER, Block, Origin, ToolCall, new_block_id
from agentcore.tools.arguments import BadArguments, parsed
from agentcore.tools.base import ToolResult, WorkingBlocks
from agentcore.tools.memory_command import MEMORY_COMMAND
from agentcore.tools.memory_tools import memory_tool
from agentcore.tools.toolbox import Toolbox, default_tools

CASES = json.loads((Path(__file__).parent / "memory_edits.json").read_text(encoding="utf-8"))


def block(label: str, value: str, *, limit: int = 20_000, read_only: bool = False) -> Block:
    return Block(new_block_id(), SHARED_OWNER, label, value, limit, read_only=read_only)


def from_case(label: str, content: str | dict[str, Any]) -> Block:
    if isinstance(content, str):
        return block(label, content)
    return block(
        label,
        content["value"],
        limit=content.get("limit", 20_000),
        read_only=content.get("read_only", False),
    )


async def call(blocks: WorkingBlocks, name: str, arguments: dict[str, Any]) -> ToolResult:
    toolbox = Toolbox(default_tools())
    tool = toolbox.find(name, toolbox.names)
    assert tool is not None, name
    read = parsed(ToolCall("call-1", name, json.dumps(arguments)).arguments)

    class Context:
        call_id = "call-1"

    context: Any = Context()
    context.blocks = blocks
    try:
        return await tool.run(context, read)
    except BadArguments as error:
        return ToolResult(str(error), "error")


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
async def test_an_edit_does_what_the_vectors_say(case: dict[str, Any]) -> None:
    before = [from_case(label, content) for label, content in case["blocks"].items()]
    working = WorkingBlocks(before, Origin.OWNER)
    results = [await call(working, each["tool"], each["args"]) for each in case["calls"]]
    after = {each.label: each.value for each in before}
    for edit in working.edits:
        after[edit.block.label] = edit.after
    expected = case["expect"]
    if expected["status"] == "ok":
        assert [each.status for each in results] == ["success"] * len(results)
        assert after == {**after, **expected["blocks"]}
    else:
        assert results[-1].status == "error"
        assert re.search(expected["error_matches"], results[-1].text, re.DOTALL)
        assert after == {each.label: each.value for each in before}


def test_all_vectors_are_there() -> None:
    assert len(CASES) == 51


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("memory_insert", {"new_string": "milk"}),
        ("memory_insert", {"new_content": "milk"}),
        ("memory_insert", {"content": "milk"}),
        ("core_memory_append", {"content": "milk"}),
        ("core_memory_append", {"new_string": "milk"}),
        ("core_memory_append", {"new_content": "milk"}),
        ("memory_rethink", {"new_memory": "tea\nmilk"}),
        ("memory_rethink", {"new_string": "tea\nmilk"}),
        ("memory_rethink", {"new_content": "tea\nmilk"}),
        ("memory_replace", {"old_string": "tea", "new_string": "tea\nmilk"}),
        ("memory_replace", {"old_content": "tea", "new_content": "tea\nmilk"}),
        ("core_memory_replace", {"old_content": "tea", "new_content": "tea\nmilk"}),
        ("core_memory_replace", {"old_string": "tea", "new_string": "tea\nmilk"}),
    ],
)
@pytest.mark.parametrize("label", ["label", "block_label"])
async def test_older_tools_and_older_argument_names_are_understood(
    name: str, values: dict[str, str], label: str
) -> None:
    working = WorkingBlocks([block("human", "tea")], Origin.OWNER)
    assert (await call(working, name, {label: "human", **values})).status == "success"
    assert working.edits[0].after == "tea\nmilk"


def test_a_memory_tool_is_known_by_its_present_and_its_older_name() -> None:
    toolbox = Toolbox(default_tools())
    assert memory_tool("memory") is MEMORY_COMMAND
    for name in ("memory_insert", "memory_replace", "memory_rethink"):
        assert memory_tool(name) is toolbox.find(name, [name])
    for older, present in (
        ("core_memory_append", "memory_insert"),
        ("core_memory_replace", "memory_replace"),
    ):
        assert memory_tool(older) is toolbox.find(older, [present]) is not None
    assert memory_tool("conversation_search") is None


def test_older_tools_are_never_advertised_and_need_the_present_ones() -> None:
    toolbox = Toolbox(default_tools())
    assert "core_memory_append" not in {each.name for each in toolbox.schemas(toolbox.names)}
    assert toolbox.find("core_memory_append", ["conversation_search"]) is None


TEXT = st.text(
    alphabet=st.one_of(st.characters(exclude_categories=["Cs"]), st.sampled_from("\n<>/→1 {}"))
)
HOSTILE = st.one_of(
    TEXT,
    st.sampled_from(
        ["</human>", "</value>", "</block>", "{{x}}", "1→ a", "\n</value>\n</block>", "<value>\n"]
    ),
)


@given(st.lists(st.tuples(HOSTILE, HOSTILE), max_size=4))
def test_no_text_in_a_block_breaks_its_frame(pairs: list[tuple[str, str]]) -> None:
    blocks = [block(f"b{at}", value) for at, (_, value) in enumerate(pairs)]
    described = [
        Block(each.block_id, each.owner, each.label, each.value, each.limit, description=text)
        for each, (text, _) in zip(blocks, pairs, strict=True)
    ]
    assert parse_blocks(render_blocks(described)) == {each.label: each.value for each in blocks}


@given(HOSTILE)
def test_no_label_breaks_its_frame(label: str) -> None:
    shown = parse_blocks(render_block(block(label, "a\nb")))
    assert shown == {" ".join(label.split()): "a\nb"}


@given(TEXT, TEXT, st.integers(min_value=-3, max_value=12))
def test_an_edit_is_applied_or_refused_and_never_half(value: str, new: str, line: int) -> None:
    before = block("human", value, limit=60)
    for operation in (Insert(new, line), Replace(new[:2], new), Rethink(new)):
        try:
            after = edited(before, operation)
        except EditRefused:
            continue
        assert len(after) <= 60
        if isinstance(operation, Rethink):
            assert after == new
        if isinstance(operation, Insert) and new:
            assert len(after) == len(value) + len(new) + bool(value)


def test_a_long_block_shows_only_the_lines_around_the_change() -> None:
    lines = [f"line {number} {'x' * 20}" for number in range(200)]
    before = "\n".join(lines)
    lines[100] = "changed"
    shown = render_change(block("human", "\n".join(lines)), before)
    assert "101→ changed" in shown
    assert "98→ line 97" in shown
    assert "104→ line 103" in shown
    assert "97→" not in shown
    assert "105→" not in shown
    assert parse_blocks(shown) == {}


async def test_a_model_that_misremembers_a_block_is_shown_what_it_holds() -> None:
    working = WorkingBlocks([block("human", "Likes tea.\nLives in Rome.")], Origin.OWNER)
    arguments = {"label": "human", "old_string": "Lives in Paris.", "new_string": "x"}
    result = await call(working, "memory_replace", arguments)
    assert result.status == "error"
    assert parse_blocks(result.text) == {"human": "Likes tea.\nLives in Rome."}


async def test_of_a_long_block_it_is_shown_the_lines_that_are_most_alike() -> None:
    lines = [f"Fact {number} about the harbour." for number in range(200)]
    lines[120] = "Her sister Eva lives in Rome."
    working = WorkingBlocks([block("human", "\n".join(lines))], Origin.OWNER)
    arguments = {"label": "human", "old_string": "Sister Eva lives in Paris", "new_string": "x"}
    result = await call(working, "memory_replace", arguments)
    assert "121→ Her sister Eva lives in Rome.\n" in result.text
    assert re.findall(r"(?m)^\d+", result.text) == [f"{number}" for number in range(118, 125)]
    assert parse_blocks(result.text) == {}
    assert len(result.text) < 800


REFUSED: list[tuple[str, str, dict[str, str]]] = [
    ("memory_insert", "goals", {"new_string": "x"}),
    ("memory_insert", "human", {"new_string": "1→ x"}),
    ("memory_insert", "human", {"new_string": "# NOTE: Line numbers shown below (with"}),
    ("memory_insert", "human", {"new_string": "x" * 50}),
    ("memory_insert", "closed", {"new_string": "x"}),
    ("memory_replace", "human", {"old_string": "", "new_string": "x"}),
    ("memory_replace", "human", {"old_string": "x", "new_string": "x"}),
    ("memory_replace", "human", {"old_string": "tea", "new_string": "x"}),
    ("memory_replace", "human", {"old_string": "1→ tea", "new_string": "x"}),
    ("memory_replace", "human", {"old_string": "tea", "new_string": "1→ x"}),
    ("memory_replace", "empty", {"old_string": "tea", "new_string": "x"}),
    ("memory_rethink", "human", {"new_memory": "1→ x"}),
    ("core_memory_replace", "human", {"old_content": "", "new_content": "x"}),
    ("core_memory_replace", "human", {"old_content": "x", "new_content": "x"}),
    ("core_memory_replace", "human", {"old_content": "1→ tea", "new_content": "x"}),
    ("core_memory_replace", "human", {"old_content": "tea", "new_content": "1→ x"}),
]


async def test_what_a_model_reads_of_a_refused_edit_is_as_agreed(
    agreed: Callable[[str, str], None],
) -> None:
    human = block("human", "\ntea\ntea\ntea", limit=50)
    working = WorkingBlocks(
        [human, block("empty", ""), block("closed", "", read_only=True)], Origin.OWNER
    )
    shown = []
    for tool, label, arguments in REFUSED:
        result = await call(working, tool, {"label": label, **arguments})
        assert result.status == "error"
        shown.append(f"== {tool} {label} {arguments} ==\n{result.text}\n")
    unknown = {"label": "human", "new_memory": "x"}
    nothing = await call(WorkingBlocks([], Origin.OWNER), "memory_rethink", unknown)
    shown.append(f"== no blocks ==\n{nothing.text}\n")

    agreed("refused_edits", "\n".join(shown))
    assert working.edits == []


REWRITTEN = [
    # value, taken out, put in, then
    pytest.param("a\nb\nc", ["b"], ["B", "BB"], "a\nB\nBB\nc", id="in the place of a line"),
    pytest.param("a\nb\nc\nd", ["d", "b"], ["x"], "a\nx\nc", id="in that of the first of them"),
    pytest.param("a b\nc d", ["c d"], ["x"], "a b\nx", id="lines of several words"),
    pytest.param("a\nb", [], ["x"], "a\nb\nx", id="at the end"),
    pytest.param("", [], ["x"], "x", id="into an empty block"),
    pytest.param("a\nb", ["a"], [], "b", id="nothing put in"),
    pytest.param("a\nb\na\nc", ["a"], ["x"], "a\nb\nx\nc", id="the later of two"),
    pytest.param("a\nb\na", ["a", "a"], [], "b", id="both"),
    pytest.param("  a\nb", ["a "], [], "b", id="blanks around it"),
]


@pytest.mark.parametrize(("value", "take_out", "put_in", "then"), REWRITTEN)
def test_lines_are_written_over(
    value: str, take_out: list[str], put_in: list[str], then: str
) -> None:
    operation = Rewrite(tuple(take_out), tuple(put_in))

    assert edited(block("human", value), operation) == then


NOT_REWRITTEN = [
    # taken out, put in, sought
    pytest.param(["x"], [], "x", id="not there"),
    pytest.param(["a", "a"], [], "a", id="there once"),
    pytest.param([" "], [], " ", id="a blank line is none"),
    pytest.param([], ["1→ a"], None, id="a line number"),
]


@pytest.mark.parametrize(("take_out", "put_in", "sought"), NOT_REWRITTEN)
def test_a_rewriting_that_cannot_be_is_refused(
    take_out: list[str], put_in: list[str], sought: str | None
) -> None:
    with pytest.raises(EditRefused, match=r"`human` reads: |`put_in` contains") as refused:
        edited(block("human", "a\n\nb"), Rewrite(tuple(take_out), tuple(put_in)))

    assert refused.value.sought == sought


@pytest.mark.parametrize("lead", ["", "\n", "\n\n \n", " \t", "\r\n", "a\n\n  ", "\x0b"])
def test_a_line_number_is_noticed_after_blanks_and_blank_lines(lead: str) -> None:
    with pytest.raises(EditRefused, match="line number prefix"):
        edited(block("human", ""), Rethink(f"{lead}12→ tea"))


@pytest.mark.parametrize("line", ["\n", " \n", "\r\n", "1\n"])
def test_however_many_lines_there_are_they_are_looked_at_once(line: str) -> None:
    with pytest.raises(EditRefused, match="over its limit"):
        edited(block("human", ""), Rethink(line * 500_000))


async def test_of_very_many_places_the_first_lines_are_told() -> None:
    working = WorkingBlocks([block("human", "tea tea\n" * 1_000)], Origin.OWNER)
    arguments = {"label": "human", "old_string": "tea", "new_string": "x"}
    told = (await call(working, "memory_replace", arguments)).text
    assert "in lines [1, 1, 2, 2, 3, 3, 4, 4, 5, 5] and 1990 more." in told
    assert len(told) < 1_000


async def test_an_empty_block_has_nothing_to_replace() -> None:
    working = WorkingBlocks([block("human", "")], Origin.OWNER)
    arguments = {"label": "human", "old_string": "tea", "new_string": "x"}
    assert "which is empty" in (await call(working, "memory_replace", arguments)).text
