"""Tools whose source came over the API, and the ids of all tools."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NewType, Protocol

from agentcore.clock import Micros

ToolId = NewType("ToolId", str)

_BUILT_IN = uuid.UUID("3c0a3f0e-5b1d-4a57-8a7e-0d3f6a1f2b64")

RETURN_LIMIT = 50_000
"""Characters of what a tool returns, where nothing else was agreed."""

WAIVED = "waived_approvals"
"""Among an agent's extras: the tools whose calls don't wait for a yes with it, though they do with
others. Those that wait with it alone are among its rules: see `Agent.asks_first`.
"""


def built_in_tool_id(name: str) -> ToolId:
    """The id of a tool that the service brings: the same on every machine."""
    return ToolId(f"tool-{uuid.uuid5(_BUILT_IN, name)}")


def new_tool_id() -> ToolId:
    return ToolId(f"tool-{uuid.uuid4()}")


@dataclass(frozen=True, slots=True)
class ToolDraft:
    """A tool as somebody wants it. `name` is the function in `source` that is called, `parameters`
    a JSON Schema object. One that isn't `enabled` is kept, and offered to no model. `extras` are
    fields of the API that change nothing here, and are given back.
    """

    name: str
    description: str
    parameters: Mapping[str, Any]
    source: str
    tags: tuple[str, ...] = ()
    return_limit: int = RETURN_LIMIT
    needs_approval: bool = False
    enabled: bool = True
    extras: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CustomTool:
    """A tool as it is stored. `version` counts its changes."""

    tool_id: ToolId
    draft: ToolDraft
    version: int
    created_at: Micros
    updated_at: Micros

    @property
    def name(self) -> str:
        return self.draft.name


class CustomTools(Protocol):
    """The service's custom tools. Their names are unique among all tools."""

    async def all(self) -> Sequence[CustomTool]:
        """Oldest first."""
        ...

    async def named(self, names: Sequence[str]) -> Sequence[CustomTool]:
        """Those of these names that there are, in that order."""
        ...

    async def get(self, tool_id: str) -> CustomTool:
        """Raises NotFound."""
        ...

    async def add(self, draft: ToolDraft) -> CustomTool:
        """Raises Conflict (another has the name), TooMany (there are too many already)."""
        ...

    async def change(self, tool_id: str, draft: ToolDraft) -> CustomTool:
        """Put another draft in its place; agents that have it go along with its name.

        Raises:
            NotFound: there is none.
            Conflict: another has the name.
        """
        ...

    async def delete(self, tool_id: str) -> None:
        """Take it away, from all agents too.

        Raises:
            NotFound: there is none.
        """
        ...


class AgentTools(Protocol):
    """The tools that one agent has, by their names."""

    async def attach(self, name: str) -> None:
        """Behind its others; nothing happens if it has it.

        Raises:
            NotFound: there is no such agent.
        """
        ...

    async def detach(self, name: str) -> None:
        """Nothing happens if it hasn't got it.

        Raises:
            NotFound: there is no such agent.
        """
        ...

    async def set_approval(self, name: str, *, required: bool) -> None:
        """Whether its calls of a tool wait for somebody's yes.

        Raises:
            NotFound: there is no such agent, or it hasn't got the tool.
        """
        ...
