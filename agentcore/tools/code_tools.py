"""Tools that are somebody's source, and the shelf from which an agent gets its own."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from agentcore.model import ToolSchema
from agentcore.records import Agent, AgentId
from agentcore.store.custom_tools import WAIVED, CustomTool, CustomTools, ToolDraft
from agentcore.tools.base import Effect, Tier, ToolContext, ToolResult
from agentcore.tools.code import Code, CodeRunner
from agentcore.tools.toolbox import Toolbox


def code_of(draft: ToolDraft, arguments: Mapping[str, Any], agent: Agent) -> Code:
    """A call of a tool, for an agent: with the secrets that were given to it for its tools."""
    secrets = agent.extras.get("secrets") or {}
    return Code(draft.source, draft.name, arguments, draft.return_limit, secrets)


@dataclass(frozen=True, slots=True)
class CodeTool:
    """A custom tool as an agent has it. What it returns is words of others, and running it twice
    may do something twice.
    """

    tool: CustomTool
    agent: Agent
    runner: CodeRunner
    effect: Effect = Effect.EXTERNAL
    tier: Tier = Tier.USER
    idempotent: bool = False

    @property
    def schema(self) -> ToolSchema:
        draft = self.tool.draft
        return ToolSchema(draft.name, draft.description, draft.parameters)

    async def run(self, context: ToolContext, arguments: Mapping[str, Any]) -> ToolResult:
        draft = self.tool.draft
        result = await self.runner.run(code_of(draft, arguments, self.agent))
        if result.status == "error":
            return ToolResult(f"The tool `{draft.name}` failed: {result.text}", "error")
        return ToolResult(result.text)


class ToolShelf(Protocol):
    """Where agents have tools from that not every agent can have."""

    async def equipped(self, toolbox: Toolbox, agent: Agent, version: int) -> Toolbox:
        """The toolbox with what this agent has besides, and with what was agreed for it. `version`:
        the agent's, as a claim tells it.
        """
        ...


class CustomToolShelf:
    """`ToolShelf` of the custom tools. Agents that have none cost no look."""

    def __init__(self, tools: CustomTools, runner: CodeRunner, limit: int = 1_000) -> None:
        self._tools = tools
        self._runner = runner
        self._limit = limit
        self._kept: OrderedDict[tuple[AgentId, int], Toolbox] = OrderedDict()

    async def equipped(self, toolbox: Toolbox, agent: Agent, version: int) -> Toolbox:
        """See `ToolShelf.equipped`."""
        custom = [name for name in agent.tools if name not in toolbox.names]
        if not custom:
            return toolbox
        key = (agent.agent_id, version)
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        found = [tool for tool in await self._tools.named(custom) if tool.draft.enabled]
        waived = agent.extras.get(WAIVED, ())
        self._kept[key] = equipped = toolbox.extended(
            [CodeTool(tool, agent, self._runner) for tool in found],
            [tool.name for tool in found if tool.draft.needs_approval and tool.name not in waived],
        )
        while len(self._kept) > self._limit:
            self._kept.popitem(last=False)
        return equipped
