"""What the API answers, as far as a client may rely on it; for the description alone, since views are
what is sent. There may be more fields than these.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, TypeAdapter
from pydantic.json_schema import GenerateJsonSchema


class Error(BaseModel):
    """What went wrong."""

    detail: str


class Health(BaseModel):
    """`version` is that of the API that is spoken."""

    version: str
    status: str


class Model(BaseModel):
    """A model that an agent may use: `handle` is what its `model` is set to. Of `max_context_window`
    tokens, `context_window` are used unless the agent sets its own.
    """

    handle: str
    name: str
    provider_name: str
    provider_type: str
    context_window: int
    max_context_window: int
    max_tokens: int | None


class EmbeddingModel(BaseModel):
    """A model that makes messages findable by their meaning. `embedding_dim` 0: it isn't known."""

    handle: str
    name: str
    provider_name: str
    provider_type: str
    embedding_dim: int


class Block(BaseModel):
    """A labelled text that is always in its agents' view. `limit` counts characters."""

    id: str
    label: str
    value: str
    limit: int
    description: str | None
    read_only: bool
    metadata: dict[str, Any]
    tags: list[str]


class ToolView(BaseModel):
    """A tool that an agent may call."""

    id: str
    name: str
    description: str | None
    tool_type: str


class Tool(ToolView):
    """Of those that the service brings, no source is to be seen. `json_schema` is what models are
    told of it.
    """

    source_type: str
    source_code: str | None
    json_schema: dict[str, Any]
    tags: list[str]
    return_char_limit: int
    default_requires_approval: bool


class ToolHit(BaseModel):
    """A tool that was found, with the share of the words asked for that it has."""

    tool: Tool
    combined_score: float


class ToolRun(BaseModel):
    """What a call of a tool came to; `func_return` is what a model would read."""

    status: str
    func_return: str
    stdout: list[str]
    stderr: list[str]


class Memory(BaseModel):
    """What an agent has in mind."""

    blocks: list[Block]


class AgentState(BaseModel):
    """An agent. `answered_by` is the model that answers, which is another than `model` where that one
    can't be used here. `message_ids` are those in the view of its conversation over the API; lists
    leave them out.
    """

    id: str
    name: str
    agent_type: str
    description: str | None
    system: str
    model: str
    answered_by: str
    llm_config: dict[str, Any]
    blocks: list[Block]
    memory: Memory
    tools: list[ToolView]
    sources: list[Any]
    tags: list[str]
    metadata: dict[str, Any]
    identity_ids: list[str]
    message_ids: list[str] | None
    timezone: str | None
    created_at: str
    updated_at: str


_CORE = "/v1/agents/{agent_id}/core-memory"

_SHAPES: Mapping[str, Any] = {
    "POST /v1/agents": AgentState,
    "GET /v1/agents": list[AgentState],
    "GET /v1/agents/count": int,
    "GET /v1/agents/{agent_id}": AgentState,
    "PATCH /v1/agents/{agent_id}": AgentState,
    "GET /v1/tags": list[str],
    f"GET {_CORE}": Memory,
    f"GET {_CORE}/blocks": list[Block],
    f"GET {_CORE}/blocks/{{block_label}}": Block,
    f"PATCH {_CORE}/blocks/{{block_label}}": Block,
    f"PATCH {_CORE}/blocks/attach/{{block_id}}": AgentState,
    f"PATCH {_CORE}/blocks/detach/{{block_id}}": AgentState,
    "POST /v1/blocks": Block,
    "GET /v1/blocks": list[Block],
    "GET /v1/blocks/count": int,
    "GET /v1/blocks/{block_id}": Block,
    "PATCH /v1/blocks/{block_id}": Block,
    "GET /v1/blocks/{block_id}/agents": list[AgentState],
    "GET /v1/health": Health,
    "GET /v1/ready": Health,
    "GET /v1/models": list[Model],
    "GET /v1/models/embedding": list[EmbeddingModel],
    "GET /v1/tools": list[Tool],
    "POST /v1/tools": Tool,
    "PUT /v1/tools": Tool,
    "GET /v1/tools/count": int,
    "POST /v1/tools/search": list[ToolHit],
    "GET /v1/tools/{tool_id}": Tool,
    "PATCH /v1/tools/{tool_id}": Tool,
    "GET /v1/agents/{agent_id}/tools": list[Tool],
    "POST /v1/agents/{agent_id}/tools/{tool_name}/run": ToolRun,
}

_PLACE = "#/components/schemas/{model}"
_ADAPTERS = {name: TypeAdapter(shape) for name, shape in _SHAPES.items()}
_NAMES, _DEFINITIONS = GenerateJsonSchema(ref_template=_PLACE).generate_definitions(
    [(name, "serialization", adapter.core_schema) for name, adapter in _ADAPTERS.items()]
    + [("", "serialization", TypeAdapter(Error).core_schema)]
)

ANSWERS: Mapping[str, Mapping[str, Any]] = {
    name: schema for (name, _mode), schema in _NAMES.items() if name
}
"""The schema of what an operation answers, by `METHOD path`."""


def schemas() -> Mapping[str, Any]:
    """The schemas that those are made of."""
    return {str(name): schema for name, schema in _DEFINITIONS.items()}
