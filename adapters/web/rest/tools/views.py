"""Tools as the API shows them: those that the service brings, and those made over the API."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from agentcore.model import ToolSchema
from agentcore.store.custom_tools import RETURN_LIMIT, CustomTool, built_in_tool_id

_CORE = frozenset({"conversation_search", "archival_memory_insert", "archival_memory_search"})

View = Mapping[str, Any]


def tool_type(name: str) -> str:
    """Which kind of built-in tool a name is, in the API's words."""
    if name in _CORE:
        return "letta_core"
    memory = name == "memory" or name.startswith("memory_")
    return "letta_memory_core" if memory else "letta_builtin"


def built_in_view(schema: ToolSchema) -> View:
    """A tool that the service brings."""
    kind = tool_type(schema.name)
    return {
        **_EMPTY,
        "id": built_in_tool_id(schema.name),
        "name": schema.name,
        "description": schema.description,
        "tool_type": kind,
        "source_type": "python",
        "source_code": None,
        "json_schema": _json_schema(schema.name, schema.description, schema.parameters),
        "tags": [kind],
        "return_char_limit": RETURN_LIMIT,
        "default_requires_approval": False,
    }


def custom_view(tool: CustomTool) -> View:
    """A tool made over the API."""
    draft = tool.draft
    return {
        **_EMPTY,
        **draft.extras,
        "id": tool.tool_id,
        "name": draft.name,
        "description": draft.description,
        "tool_type": "custom",
        "source_type": "python",
        "source_code": draft.source,
        "json_schema": _json_schema(draft.name, draft.description, draft.parameters),
        "tags": list(draft.tags),
        "return_char_limit": draft.return_limit,
        "default_requires_approval": draft.needs_approval,
        "enabled": draft.enabled,
    }


def agent_tool_views(
    names: Sequence[str], built_in: Sequence[ToolSchema], custom: Sequence[CustomTool]
) -> list[View]:
    """The tools that an agent has, in its order; names that nothing stands behind are left out."""
    views = {schema.name: built_in_view(schema) for schema in built_in if schema.name in names}
    views |= {tool.name: custom_view(tool) for tool in custom if tool.name not in views}
    return [views[name] for name in names if name in views]


_EMPTY: View = {
    "args_json_schema": None,
    "pip_requirements": None,
    "npm_requirements": None,
    "enable_parallel_execution": False,
    "metadata_": {},
    "created_by_id": None,
    "last_updated_by_id": None,
    "project_id": None,
}


def _json_schema(name: str, description: str, parameters: Mapping[str, Any]) -> View:
    return {"name": name, "description": description, "parameters": parameters}
