"""What clients send to make or change an agent."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from adapters.web.rest.http.fields import About, Body, Line, Metadata, SmallJson, Tags, Text
from adapters.web.rest.http.ids import pattern
from adapters.web.rest.memory.block_bodies import NewBlock
from adapters.web.rest.turns.message_bodies import MessageBody

MOST_BLOCKS = 50
LONGEST_SYSTEM = 100_000
SMALLEST_WINDOW, LARGEST_WINDOW = 2_000, 2_000_000
"""Tokens of a request."""

AgentType = Literal[
    "memgpt_agent",
    "memgpt_v2_agent",
    "letta_v1_agent",
    "react_agent",
    "workflow_agent",
    "split_thread_agent",
    "sleeptime_agent",
    "voice_convo_agent",
    "voice_sleeptime_agent",
]

Name = Annotated[Text, Field(min_length=1, max_length=200)]
Tag = Annotated[Text, Field(min_length=1, max_length=200)]
Handle = Annotated[Text, Field(min_length=1, max_length=300)]
Settings = Annotated[dict[Line, Any], Field(max_length=100), SmallJson]
Secrets = Annotated[
    dict[Line, Annotated[Text, Field(max_length=100_000)] | None],
    Field(max_length=200),
    SmallJson,
]
Rules = Annotated[list[Settings], Field(max_length=200), SmallJson]
Window = Annotated[int, Field(ge=SMALLEST_WINDOW, le=LARGEST_WINDOW)]
Count = Annotated[int, Field(ge=0, le=1_000_000_000)]


BlockIds = Annotated[
    list[Annotated[str, Field(pattern=pattern("block"))]], Field(max_length=MOST_BLOCKS)
]
IdentityIds = Annotated[
    list[Annotated[str, Field(pattern=pattern("identity"))]], Field(max_length=100)
]
ToolIds = Annotated[list[Annotated[str, Field(pattern=pattern("tool"))]], Field(max_length=200)]


class AgentFields(Body):
    """What may be said of an agent when it is made, and later."""

    name: Name | None = None
    description: About | None = None
    model: Handle | None = None
    llm_config: Settings | None = None
    model_settings: Settings | None = None
    context_window_limit: Window | None = None
    embedding: Handle | None = None
    embedding_config: Settings | None = None
    system: Annotated[Text, Field(max_length=LONGEST_SYSTEM)] | None = None
    block_ids: BlockIds | None = None
    identity_ids: IdentityIds | None = None
    tools: Annotated[list[Name], Field(max_length=200)] | None = None
    tool_ids: ToolIds | None = None
    tool_rules: Rules | None = None
    tags: Tags | None = None
    metadata: Metadata | None = None
    timezone: Line | None = None
    hidden: bool | None = None
    secrets: Secrets | None = None
    tool_exec_environment_variables: Secrets | None = None
    compaction_settings: Settings | None = None
    response_format: Settings | None = None
    message_buffer_autoclear: bool | None = None
    enable_sleeptime: bool | None = None
    reasoning: bool | None = None
    enable_reasoner: bool | None = None
    max_tokens: Count | None = None
    max_reasoning_tokens: Count | None = None
    parallel_tool_calls: bool | None = None
    folder_ids: Annotated[list[Line], Field(max_length=100)] | None = None
    source_ids: Annotated[list[Line], Field(max_length=100)] | None = None
    max_files_open: Count | None = None
    per_file_view_window_char_limit: Count | None = None
    project_id: Line | None = None
    template_id: Line | None = None
    base_template_id: Line | None = None


class NewAgent(AgentFields):
    """A new agent."""

    agent_type: AgentType | None = None
    memory_blocks: Annotated[list[NewBlock], Field(max_length=MOST_BLOCKS)] | None = None
    include_base_tools: bool | None = None
    include_base_tool_rules: bool | None = None
    include_multi_agent_tools: bool | None = None
    include_default_source: bool | None = None
    initial_message_sequence: Annotated[list[MessageBody], Field(max_length=1_000)] | None = None
    from_template: Line | None = None
    memory_variables: Annotated[dict[Line, About | None], Field(max_length=200)] | None = None
    embedding_chunk_size: Count | None = None
    project: Line | None = None
    template: bool | None = None


class AgentChanges(AgentFields):
    """What changes of an agent; what isn't there, stays."""

    message_ids: Annotated[list[Line], Field(max_length=100_000)] | None = None
    last_run_completion: Line | None = None
    last_run_duration_ms: Count | None = None
    last_stop_reason: Line | None = None
