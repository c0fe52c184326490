"""The tools with which an agent keeps its own blocks true.

The older names and argument names of the same tools are understood and never advertised.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agentcore.memory.edits import Insert, Operation, Replace, ReplaceAll, Rethink
from agentcore.model import ToolSchema
from agentcore.tools.arguments import Arguments
from agentcore.tools.base import Effect, Tier, ToolContext, ToolResult
from agentcore.tools.memory_command import MEMORY_COMMAND, MemoryCommand

_LABEL = {"type": "string", "description": "E.g. human."}


def _text(description: str) -> Mapping[str, Any]:
    return {"type": "string", "description": description}


def _object(properties: Mapping[str, Any], *, required: Sequence[str]) -> Mapping[str, Any]:
    return {"type": "object", "properties": properties, "required": [*required]}


@dataclass(frozen=True, slots=True)
class MemoryTool:
    """A tool that turns its arguments into one operation on one block."""

    schema: ToolSchema
    operation: Callable[[Arguments], Operation]
    effect: Effect = Effect.MEMORY
    tier: Tier = Tier.USER
    idempotent: bool = True

    async def run(self, context: ToolContext, arguments: Mapping[str, Any]) -> ToolResult:
        read = Arguments(arguments)
        label = read.text("label", "block_label")
        return context.blocks.edit(
            label,
            self.operation(read),
            tool=self.schema.name,
            arguments=arguments,
            call_id=context.call_id,
        )


def _insert(arguments: Arguments) -> Operation:
    text = arguments.text("new_string", "new_content", "content")
    return Insert(text, arguments.whole("insert_line", -1))


def _replace(arguments: Arguments) -> Operation:
    return Replace(
        arguments.text("old_string", "old_content"), arguments.text("new_string", "new_content")
    )


def _rethink(arguments: Arguments) -> Operation:
    return Rethink(arguments.text("new_memory", "new_string", "new_content"))


def _append(arguments: Arguments) -> Operation:
    return Insert(arguments.text("content", "new_string", "new_content"))


def _replace_all(arguments: Arguments) -> Operation:
    return ReplaceAll(
        arguments.text("old_content", "old_string"), arguments.text("new_content", "new_string")
    )


MEMORY_INSERT = MemoryTool(
    ToolSchema(
        "memory_insert",
        "Add a line to a memory block: at once, when you learn a lasting fact that no line holds."
        "\nFails if the block would pass its limit: shorten or merge lines first.\n"
        'Example: {"label": "human", "new_string": "Has a dog, Rex."}',
        _object(
            {
                "label": _LABEL,
                "new_string": _text("Without line number."),
                "insert_line": {
                    "type": "integer",
                    "description": "After which: 0 = top, -1 = end (default).",
                },
            },
            required=("label", "new_string"),
        ),
    ),
    _insert,
)

MEMORY_REPLACE = MemoryTool(
    ToolSchema(
        "memory_replace",
        "Change or remove text in a memory block: when a fact changed, was wrong or is over.\n"
        "Fails unless old_string stands there exactly once: copy it again, with more around it.\n"
        'Example: {"label": "human", "old_string": "In Paris.", '
        '"new_string": "In Rome."}',
        _object(
            {
                "label": _LABEL,
                "old_string": _text("Exact, no line numbers."),
                "new_string": _text("Empty removes it."),
            },
            required=("label", "old_string", "new_string"),
        ),
    ),
    _replace,
)

MEMORY_RETHINK = MemoryTool(
    ToolSchema(
        "memory_rethink",
        "Rewrite a whole memory block: to tidy it up or make room, not for a single fact.\n"
        "What it leaves out is gone. Fails above the block's limit.\n"
        'Example: {"label": "persona", "new_memory": "Warm and brief."}',
        _object(
            {"label": _LABEL, "new_memory": _text("One fact per line.")},
            required=("label", "new_memory"),
        ),
    ),
    _rethink,
)

_ANYTHING = {"type": "object", "properties": {}}

OLDER_TOOLS: Mapping[str, tuple[str, MemoryTool]] = {
    "core_memory_append": (
        "memory_insert",
        MemoryTool(ToolSchema("core_memory_append", "", _ANYTHING), _append),
    ),
    "core_memory_replace": (
        "memory_replace",
        MemoryTool(ToolSchema("core_memory_replace", "", _ANYTHING), _replace_all),
    ),
}
"""Older name -> the present tool that an agent must have for it, and what it does."""


def memory_tool(name: str) -> MemoryTool | MemoryCommand | None:
    """The tool of a present or an older name."""
    if name == MEMORY_COMMAND.schema.name:
        return MEMORY_COMMAND
    present = {tool.schema.name: tool for tool in (MEMORY_INSERT, MEMORY_REPLACE, MEMORY_RETHINK)}
    older = OLDER_TOOLS.get(name)
    return older[1] if older is not None else present.get(name)
