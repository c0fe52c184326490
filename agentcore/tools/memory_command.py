"""All of an agent's memory through one tool with commands, for templates that ask for it.

Its edits are those of the tools that have one each: the same refusals, and what the words of others
led to is held. `delete` empties a block, so that it can be taken back like any edit; labels are what
people and programs know blocks by, and stay.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from agentcore.memory.edits import Insert, Operation, Replace, Rethink
from agentcore.memory.frame import name_told
from agentcore.model import ToolSchema
from agentcore.records import Origin
from agentcore.tools.arguments import Arguments, BadArguments
from agentcore.tools.base import Effect, Tier, ToolContext, ToolResult

_FOLDER = "/memories/"
_TEXT = {"type": "string"}
_COMMANDS = ("view", "create", "str_replace", "insert", "delete", "rename")

_SCHEMA = ToolSchema(
    "memory",
    "Look at, make and edit memory blocks. `path` is a block's label; none: view lists all.\n"
    "create makes a block of file_text; str_replace fails unless old_string stands there exactly "
    "once; insert puts insert_text in after a line; delete empties a block.\n"
    'Example: {"command": "insert", "path": "human", "insert_text": "Has a dog, Rex."}',
    {
        "type": "object",
        "properties": {
            "command": {"type": "string", "enum": list(_COMMANDS)},
            "path": {**_TEXT, "description": "E.g. human."},
            "description": {**_TEXT, "description": "create: what it is for."},
            "file_text": {**_TEXT, "description": "create: its lines."},
            "old_string": {**_TEXT, "description": "Exact, no line numbers."},
            "new_string": {**_TEXT, "description": "Empty removes it."},
            "insert_line": {"type": "integer", "description": "0 = top, -1 = end (default)."},
            "insert_text": {**_TEXT, "description": "Without line number."},
        },
        "required": ["command"],
    },
)


@dataclass(frozen=True, slots=True)
class MemoryCommand:
    """The tool; `operation` is what a call of it does to a block that is there."""

    schema: ToolSchema = _SCHEMA
    effect: Effect = Effect.MEMORY
    tier: Tier = Tier.USER
    idempotent: bool = True

    async def run(self, context: ToolContext, arguments: Mapping[str, Any]) -> ToolResult:
        read, blocks = Arguments(arguments), context.blocks
        command = _command(read)
        if command == "view":
            return blocks.view(_label(read) if _has_path(read) else None)
        label = _label(read)
        if command == "rename":
            text = (
                f"The memory block `{name_told(label)}` keeps its label: people know it by that. "
                "Use create for a new block, and move lines there."
            )
            return ToolResult(text, "error", Origin.OPERATOR)
        if command == "create":
            return self._created(context, read, label, arguments)
        return self._edited(context, read, label, arguments)

    def _created(
        self, context: ToolContext, read: Arguments, label: str, arguments: Mapping[str, Any]
    ) -> ToolResult:
        about = read.optional_text("description") or ""
        lines = self.operation(read)  # before anything is made: it may refuse
        refused = context.blocks.create(label, about, context.agent_id)
        if refused is not None:
            return refused
        if lines == Rethink(""):
            return ToolResult(f"Made the empty memory block `{label}`.", origin=Origin.OPERATOR)
        result = self._edited(context, read, label, arguments)
        if result.status == "error":
            context.blocks.unmake(label)
        return result

    def _edited(
        self, context: ToolContext, read: Arguments, label: str, arguments: Mapping[str, Any]
    ) -> ToolResult:
        return context.blocks.edit(
            label,
            self.operation(read),
            tool=self.schema.name,
            arguments=arguments,
            call_id=context.call_id,
        )

    def operation(self, arguments: Arguments) -> Operation:
        """Raises BadArguments."""
        match _command(arguments):
            case "create":
                return Rethink(arguments.optional_text("file_text", "new_string") or "")
            case "str_replace":
                return Replace(
                    arguments.text("old_string", "old_str"),
                    arguments.optional_text("new_string", "new_str") or "",
                )
            case "insert":
                text = arguments.text("insert_text", "new_string", "new_str")
                return Insert(text, arguments.whole("insert_line", -1))
            case "delete":
                return Rethink("")
            case command:
                msg = f"`{command}` edits nothing."
                raise BadArguments(msg)


def _command(arguments: Arguments) -> str:
    command = arguments.text("command")
    if command not in _COMMANDS:
        msg = f"`command` must be one of {', '.join(_COMMANDS)}."
        raise BadArguments(msg)
    return command


def _has_path(arguments: Arguments) -> bool:
    path = arguments.optional_text("path", "label")
    return path is not None and bool(path.removeprefix(_FOLDER).strip("/"))


def _label(arguments: Arguments) -> str:
    """A label, also where it is written as a file's path."""
    return arguments.text("path", "label", "old_path").removeprefix(_FOLDER).strip("/")


MEMORY_COMMAND = MemoryCommand()
