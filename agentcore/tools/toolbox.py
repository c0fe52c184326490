"""The tools that a service offers, by name; what an agent may call of them, and how it goes."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from agentcore.memory.frame import name_told
from agentcore.model import ToolCall, ToolSchema
from agentcore.records import Origin
from agentcore.tools.archive_tools import ArchivalInsert, ArchivalSearch
from agentcore.tools.arguments import BadArguments, parsed
from agentcore.tools.base import Effect, Tier, Tool, ToolContext, ToolResult
from agentcore.tools.memory_command import MEMORY_COMMAND
from agentcore.tools.memory_tools import (
    MEMORY_INSERT,
    MEMORY_REPLACE,
    MEMORY_RETHINK,
    OLDER_TOOLS,
)
from agentcore.tools.search_tools import ConversationSearch


class Toolbox:
    """An agent has the tools that its record names, as far as the service offers them.
    `on_approval` are those whose calls wait for somebody's yes.
    """

    def __init__(self, tools: Sequence[Tool], on_approval: Collection[str] = ()) -> None:
        self._tools = {tool.schema.name: tool for tool in tools}
        self._on_approval = frozenset(on_approval)

    def extended(self, tools: Sequence[Tool], on_approval: Collection[str] = ()) -> Toolbox:
        """These tools beside its own, which keep their names."""
        there = self._tools.values()
        return Toolbox([*tools, *there], self._on_approval.union(on_approval))

    @property
    def names(self) -> Sequence[str]:
        return tuple(self._tools)

    def schemas(self, allowed: Sequence[str]) -> tuple[ToolSchema, ...]:
        """What the model is told, in the agent's order."""
        return tuple(self._tools[name].schema for name in allowed if name in self._tools)

    def find(self, name: str, allowed: Sequence[str]) -> Tool | None:
        """The tool, if the agent has it, also by its older name."""
        if name in OLDER_TOOLS:
            present, older = OLDER_TOOLS[name]
            return older if present in allowed else None
        return self._tools.get(name) if name in allowed else None

    def needs_approval(self, name: str, allowed: Sequence[str]) -> bool:
        """Whether a call of it waits for somebody's yes; nothing does, if there is no such tool."""
        present = OLDER_TOOLS[name][0] if name in OLDER_TOOLS else name
        return present in self._on_approval and self.find(name, allowed) is not None

    def effect(self, name: str, allowed: Sequence[str]) -> Effect:
        """What calling it may change; nothing, if there is no such tool."""
        tool = self.find(name, allowed)
        return Effect.READ if tool is None else tool.effect

    async def run(self, call: ToolCall, context: ToolContext, allowed: Sequence[str]) -> ToolResult:
        """Call a tool; whatever goes wrong is a result that the model can act on."""
        tool = self.find(call.name, allowed)
        if tool is None:
            known = ", ".join(allowed) or "none"
            return _refused(f"There is no tool `{name_told(call.name)}`. The tools are: {known}.")
        if tool.tier is Tier.ADMIN and context.tier is not Tier.ADMIN:
            return _refused(f"The tool `{call.name}` is for administrators only.")
        try:
            return await tool.run(context, parsed(call.arguments))
        except BadArguments as error:
            return _refused(f"{call.name}: {error}")


def _refused(text: str) -> ToolResult:
    return ToolResult(text, "error", Origin.OPERATOR)


def default_tools() -> tuple[Tool, ...]:
    """What every agent gets for which nothing else was chosen."""
    return (
        MEMORY_INSERT,
        MEMORY_REPLACE,
        MEMORY_RETHINK,
        ConversationSearch(),
        ArchivalInsert(),
        ArchivalSearch(),
    )


def tools_on_request() -> tuple[Tool, ...]:
    """What every service has for those who ask for it: what these do, others do as well."""
    return (MEMORY_COMMAND,)


def usual(names: Sequence[str]) -> tuple[str, ...]:
    """The tools of an agent for which none were chosen, of all that there are."""
    others = {tool.schema.name for tool in tools_on_request()}
    return tuple(name for name in names if name not in others)
