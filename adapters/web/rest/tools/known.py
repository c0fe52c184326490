"""All tools that there are, those that the service brings and those made over the API, as one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from adapters.web.rest.seams.backend import Backend
from adapters.web.rest.tools.views import View, built_in_view, custom_view
from agentcore.errors import BadInput, Conflict
from agentcore.model import ToolSchema
from agentcore.store.custom_tools import CustomTool, built_in_tool_id
from agentcore.tools.memory_tools import OLDER_TOOLS


@dataclass(frozen=True, slots=True)
class KnownTool:
    """A tool with its view; `custom` None: the service brings it."""

    name: str
    view: View
    custom: CustomTool | None = None


class KnownTools:
    """The tools of a service."""

    def __init__(self, backend: Backend) -> None:
        self._built_in: Sequence[ToolSchema] = backend.offers.tools
        self._custom = backend.store.custom_tools

    @property
    def built_in(self) -> Sequence[KnownTool]:
        return [KnownTool(each.name, built_in_view(each)) for each in self._built_in]

    async def all(self) -> Sequence[KnownTool]:
        """Those that the service brings, then the others, oldest first."""
        return [*self.built_in, *map(_known, await self._custom.all())]

    async def get(self, tool_id: str) -> KnownTool:
        """Raises NotFound."""
        for each in self._built_in:
            if built_in_tool_id(each.name) == tool_id.lower():
                return KnownTool(each.name, built_in_view(each))
        return _known(await self._custom.get(tool_id.lower()))

    async def custom(self, tool_id: str) -> CustomTool:
        """One that can be changed.

        Raises:
            NotFound: there is none of that id.
            BadInput: the service brings it.
        """
        found = await self.get(tool_id)
        if found.custom is None:
            msg = f"The tool {found.name} is part of the service: it can't be changed or deleted."
            raise BadInput(msg)
        return found.custom

    async def named(self, names: Sequence[str]) -> Sequence[KnownTool]:
        """Those of these names that there are, in that order."""
        found = {each.name: each for each in map(_known, await self._custom.named(names))}
        found |= {each.name: each for each in self.built_in}
        return [found[name] for name in dict.fromkeys(names) if name in found]

    def require_free(self, name: str) -> None:
        """Raises Conflict: a tool of the service has the name, or had it."""
        if name in OLDER_TOOLS or any(each.name == name for each in self._built_in):
            msg = f"{name} is a tool of the service: give the function another name."
            raise Conflict(msg)


def _known(tool: CustomTool) -> KnownTool:
    return KnownTool(tool.name, custom_view(tool), tool)
