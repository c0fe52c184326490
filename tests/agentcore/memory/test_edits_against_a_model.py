"""About a thousand random edits through the tools, against a small model of what they should do,
written from the rules and not from the code."""

from __future__ import annotations

import json
import re
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from agentcore.memory.frame import LINE_NUMBER_BANNER, parse_blocks, render_blocks
from agentcore.records import SHARED_OWNER, Block, Origin, ToolCall, new_block_id
from agentcore.tools.base import ToolResult, WorkingBlocks
from agentcore.tools.toolbox import Toolbox, default_tools

LIMIT = 40
START = {"human": "", "persona": "ab\nab\nb", "fixed": "ab"}
LABELS = st.sampled_from([*START, "nobody"])
SHORT = st.text("ab\n ", max_size=6)
NUMBERED = st.sampled_from(["1→ a", " 12→\tb", "1→a", "a\n2→ b", "1→", LINE_NUMBER_BANNER])
FRAMES = st.sampled_from(["</value>\n</block>", "{{a}}", "\u202eab\u2066", "\r\n", "\u2028"])
LONG = st.sampled_from(["x" * LIMIT, "x" * (LIMIT + 1)])
ODD = NUMBERED | FRAMES | LONG
TEXT = SHORT | ODD
LINES = st.integers(-2, 5)


def made(name: str, **arguments: Any) -> Any:
    return st.tuples(st.just(name), st.fixed_dictionaries(arguments))


CALLS = st.one_of(
    made("memory_insert", label=LABELS, new_string=TEXT),
    made("memory_insert", label=LABELS, new_string=TEXT, insert_line=LINES),
    made("memory_insert", block_label=LABELS, new_content=TEXT),
    made("memory_replace", label=LABELS, old_string=TEXT, new_string=TEXT),
    made("memory_replace", block_label=LABELS, old_content=SHORT, new_content=SHORT),
    made("memory_rethink", label=LABELS, new_memory=TEXT),
    made("core_memory_append", label=LABELS, content=TEXT),
    made("core_memory_replace", label=LABELS, old_content=TEXT, new_content=TEXT),
)


class Refused(Exception):
    pass


def for_display(text: str) -> bool:
    """Whether a line of it begins with a number, an arrow and a space, or it holds the banner."""
    lines = text.split("\n")
    for at, line in enumerate(lines):
        number, arrow, rest = line.lstrip().partition("→")
        ends = rest == "" and at == len(lines) - 1
        if arrow and re.fullmatch("[0-9]+", number) and not ends and not rest[:1].strip():
            return True
    return "# NOTE: Line numbers shown below" in text


def expected(value: str, name: str, arguments: dict[str, Any]) -> str:
    """The value after a call that the rules allow."""
    texts: dict[str, str] = {
        key: text for key, text in arguments.items() if not key.endswith(("label", "line"))
    }
    if any(for_display(text) for text in texts.values()):
        raise Refused
    new = next((texts[key] for key in ("new_string", "new_content", "content") if key in texts), "")
    old = texts.get("old_string", texts.get("old_content", ""))
    match name:
        case "memory_rethink":
            after = texts["new_memory"]
        case "memory_insert" | "core_memory_append":
            after = inserted(value, new, arguments.get("insert_line", -1))
        case "memory_replace":
            starts = [at for at in range(len(value) + 1) if value.startswith(old, at)]
            if len(starts) != 1 or (not old and value):
                raise Refused
            after = value[: starts[0]] + new + value[starts[0] + len(old) :]
        case _:
            if not old or old not in value:
                raise Refused
            after = new.join(value.split(old))
    if len(after) > LIMIT:
        raise Refused
    return after


def inserted(value: str, new: str, line: int) -> str:
    count = value.count("\n") + 1 if value else 0
    if line < -1 or line > count:
        raise Refused
    if not new:
        return value
    if not value:
        return new
    if line == 0:
        return f"{new}\n{value}"
    if line in {-1, count}:
        return f"{value}\n{new}"
    at = [match.start() for match in re.finditer("\n", value)][line - 1]
    return f"{value[:at]}\n{new}{value[at:]}"


class Editor:
    """The tools over blocks of their own, as one step sees them."""

    def __init__(self) -> None:
        self.toolbox = Toolbox(default_tools())
        self.blocks = [
            Block(new_block_id(), SHARED_OWNER, label, value, LIMIT, read_only=label == "fixed")
            for label, value in START.items()
        ]
        self.working = WorkingBlocks(self.blocks, Origin.OWNER)

    async def call(self, name: str, arguments: dict[str, Any]) -> ToolResult:
        class Context:
            call_id = "c"
            blocks = self.working

        context: Any = Context()
        asked = ToolCall("c", name, json.dumps(arguments))
        return await self.toolbox.run(asked, context, self.toolbox.names)

    @property
    def values(self) -> dict[str, str]:
        return START | {edit.block.label: edit.after for edit in self.working.edits}

    def framed(self) -> str:
        values = self.values
        shown = [
            Block(each.block_id, each.owner, each.label, values[each.label], each.limit)
            for each in self.blocks
        ]
        return render_blocks(shown)


@settings(max_examples=100, deadline=None)
@given(st.lists(CALLS, min_size=10, max_size=14))
async def test_edits_do_what_the_rules_say_or_leave_every_block_as_it_was(
    calls: list[tuple[str, dict[str, Any]]],
) -> None:
    editor, values = Editor(), dict(START)
    for name, arguments in calls:
        label = arguments.get("label", arguments.get("block_label"))
        result = await editor.call(name, arguments)
        try:
            if label not in START or label == "fixed":
                raise Refused  # noqa: TRY301 (as the model does)
            values[label] = expected(values[label], name, arguments)
        except Refused:
            assert result.status == "error", (name, arguments, values)
        else:
            assert result.status == "success", (name, arguments, values, result.text)
        assert editor.values == values
        assert parse_blocks(editor.framed()) == values
    edits = editor.working.edits
    for label, first in START.items():
        chain = [edit for edit in edits if edit.block.label == label]
        befores = [first, *(edit.after for edit in chain)]
        assert [edit.block.value for edit in chain] == befores[: len(chain)]
        assert [edit.block.version for edit in chain] == list(range(1, len(chain) + 1))
