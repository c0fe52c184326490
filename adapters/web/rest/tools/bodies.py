"""What clients send to make, change, find or try a tool."""

from __future__ import annotations

import json
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from adapters.web.rest.http.fields import About, Body, Tags
from agentcore.store.custom_tools import RETURN_LIMIT
from agentcore.tools.functions import LONGEST_SOURCE

LONGEST_JSON = 64_000
"""Bytes of a schema, or of what is kept with a tool."""


def _fitting(value: dict[str, Any]) -> dict[str, Any]:
    try:
        size = len(json.dumps(value, ensure_ascii=False, allow_nan=False).encode())
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
    if size > LONGEST_JSON:
        msg = f"it has {size} bytes, {LONGEST_JSON} fit"
        raise ValueError(msg)
    return value


JsonObject = Annotated[dict[str, Any], AfterValidator(_fitting)]
Source = Annotated[str, Field(max_length=LONGEST_SOURCE)]
ReturnLimit = Annotated[int, Field(ge=1, le=1_000_000)]
Environment = Annotated[
    dict[
        Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^=\x00]+$")],
        Annotated[str, Field(max_length=10_000, pattern=r"^[^\x00]*$")],
    ],
    Field(max_length=100),
]
Requirements = Annotated[list[dict[str, Any]], Field(max_length=1_000)]


class ToolFields(Body):
    """What a tool may be told to be. What isn't there, is made from the source, or as it was."""

    description: About | None = None
    json_schema: JsonObject | None = None
    args_json_schema: JsonObject | None = None
    source_type: Annotated[str, Field(max_length=50)] | None = None
    tags: Tags | None = None
    default_requires_approval: bool | None = None
    enable_parallel_execution: bool | None = None
    pip_requirements: Requirements | None = None
    npm_requirements: Requirements | None = None


class NewTool(ToolFields):
    """A new tool, or what the tool of its name is to be like."""

    source_code: Source
    return_char_limit: ReturnLimit = RETURN_LIMIT


class ToolChange(ToolFields):
    """What changes of a tool. `enabled`: whether models are offered it."""

    source_code: Source | None = None
    return_char_limit: ReturnLimit | None = None
    metadata_: JsonObject | None = None
    enabled: bool | None = None


Words = Annotated[list[Annotated[str, Field(max_length=1_000)]], Field(max_length=1_000)]


class ToolQuery(Body):
    """Which tools a list is of. What is several, may be repeated, or have commas between."""

    name: Annotated[str, Field(max_length=200)] | None = None
    names: Words | None = None
    search: Annotated[str, Field(max_length=200)] | None = None
    tool_ids: Words | None = None
    tool_types: Words | None = None
    exclude_tool_types: Words | None = None
    return_only_letta_tools: bool | None = None
    exclude_letta_tools: bool | None = None


class ToolSearch(Body):
    """What to look for among tools."""

    query: Annotated[str, Field(max_length=1_000)] | None = None
    search_mode: Annotated[str, Field(max_length=20)] = "hybrid"
    tool_types: (
        Annotated[list[Annotated[str, Field(max_length=100)]], Field(max_length=50)] | None
    ) = None
    tags: Tags | None = None
    limit: Annotated[int, Field(ge=1, le=100)] = 50


class ToolArguments(Body):
    """A call of a tool."""

    args: JsonObject = Field(default={})


class SourceCall(ToolFields, ToolArguments):
    """A call of a source that is no tool yet."""

    source_code: Source
    name: Annotated[str, Field(max_length=100)] | None = None
    env_vars: Environment | None = None


class Approval(Body):
    """Whether calls wait for somebody's yes."""

    requires_approval: bool
