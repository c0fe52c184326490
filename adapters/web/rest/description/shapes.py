"""What the API answers, as far as a client may rely on it; for the description alone, since views are
what is sent. There may be more fields than these.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

Time = Annotated[str, Field(json_schema_extra={"format": "date-time"})]


class Error(BaseModel):
    """What went wrong, in a sentence."""

    detail: str


class Problem(BaseModel):
    """What went wrong: of which kind it is, and in a sentence."""

    type: str
    message: str


class Failure(BaseModel):
    """What became of a turn without an answer; and all errors of `/v1/chat/completions`."""

    error: Problem


class Health(BaseModel):
    """`version` is that of the API that is spoken."""

    version: str
    status: str


class Done(BaseModel):
    """What was done, in a sentence."""

    message: str


class OpenAiModel(BaseModel):
    """An agent or a template: `id` is what `model` is set to, `name` what it is called."""

    id: str
    object: Literal["model"]
    created: int
    owned_by: str
    name: str


class OpenAiModels(BaseModel):
    object: Literal["list"]
    data: list[OpenAiModel]


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


class Tool(BaseModel):
    """A tool. Of those that the service brings, no source is to be seen. `json_schema` is what models
    are told of it.
    """

    id: str
    name: str
    description: str | None
    tool_type: str
    source_type: str
    source_code: str | None
    json_schema: dict[str, Any]
    tags: list[str]
    return_char_limit: int
    default_requires_approval: bool


class ToolRun(BaseModel):
    """What a call of a tool came to; `func_return` is what a model would read."""

    status: str
    func_return: str
    stdout: list[str]
    stderr: list[str]


class ToolReturn(BaseModel):
    """The same of a tool that isn't kept, as a message."""

    message_type: Literal["tool_return_message"]
    tool_return: str
    status: str


class ToolHit(BaseModel):
    """A tool that was found, with the share of the words asked for that it has."""

    tool: Tool
    combined_score: float


class Memory(BaseModel):
    """The blocks of an agent."""

    blocks: list[Block]


class LlmConfig(BaseModel):
    """An agent's model, in the API's older form; `context_window` in tokens."""

    model: str
    handle: str | None
    context_window: int


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
    llm_config: LlmConfig
    blocks: list[Block]
    memory: Memory
    tools: list[Tool]
    sources: list[Any]
    tags: list[str]
    metadata: dict[str, Any]
    identity_ids: list[str]
    message_ids: list[str] | None
    timezone: str | None
    created_at: Time
    updated_at: Time


class Context(BaseModel):
    """What an agent's next prompt is made of, in tokens, and how much there is outside of it."""

    context_window_size_max: int
    context_window_size_current: int
    num_messages: int
    num_archival_memory: int
    num_recall_memory: int
    num_tokens_system: int
    system_prompt: str
    num_tokens_core_memory: int
    core_memory: str
    num_tokens_summary_memory: int
    summary_memory: str | None
    num_tokens_functions_definitions: int
    num_tokens_messages: int
    messages: list[dict[str, Any]]


class Passage(BaseModel):
    """A text in an agent's archive."""

    id: str
    text: str
    tags: list[str]
    created_at: Time
    archive_id: str


class Found(BaseModel):
    """What a search in an archive has found, the best first."""

    count: int
    results: list[FoundText]


class FoundText(BaseModel):
    """A text of an archive that was found."""

    id: str
    content: str
    timestamp: Time
    tags: list[str]


class Hit(BaseModel):
    """A found passage; `score` says how well it fits."""

    passage: Passage
    score: float


class Archive(BaseModel):
    """The archive of an agent."""

    id: str
    name: str
    created_at: Time


class Webhook(BaseModel):
    """An address that is told what happens to an agent."""

    id: str
    agent_id: str
    url: str
    events: list[str]
    created_at: Time
    enabled: bool


class WebhookMade(Webhook):
    """The same, with the secret that what is sent there is signed with."""

    secret: str


class Secret(BaseModel):
    """What callbacks are signed with."""

    secret: str


class Identity(BaseModel):
    """Somebody or something that agents belong to. `identifier_key` `telegram:<bot id>:<user id>` and
    `discord:<bot id>:<user id>` are people on these platforms.
    """

    id: str
    identifier_key: str
    name: str
    identity_type: str
    agent_ids: list[str]
    properties: list[dict[str, Any]]


class Template(BaseModel):
    """What agents are made from, with the variables that may be set."""

    id: str
    name: str
    description: str
    latest_version: str
    memory_variables: list[dict[str, Any]]


class Templates(BaseModel):
    """All templates."""

    templates: list[Template]
    has_next_page: bool


class AgentsMade(BaseModel):
    """The agents that were made."""

    agent_ids: list[str]


class AgentFile(BaseModel):
    """Agents with all that they consist of; its ids are good within it alone."""

    agents: list[dict[str, Any]]
    blocks: list[dict[str, Any]]
    tools: list[dict[str, Any]]
