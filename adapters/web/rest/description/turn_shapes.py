"""What the API answers of what was said and done: messages, turns, steps; see `shapes`."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field

from adapters.web.rest.description.shapes import Time


class Message(BaseModel):
    """A message, or a part of one: those of the same `id` differ in their `otid`. What else there is
    depends on `message_type`.
    """

    id: str
    date: Time
    message_type: str
    otid: str | None
    run_id: str | None
    step_id: str | None
    sender_id: str | None
    content: str | list[dict[str, Any]] = Field("", description="Of what was said.")
    reasoning: str = Field("", description="Of a reasoning_message.")
    tool_call: dict[str, Any] | None = Field(None, description="Of a tool_call_message.")
    tool_return: str = Field("", description="Of a tool_return_message.")
    status: str = Field("", description="Of a tool_return_message: `success` or `error`.")


class Stop(BaseModel):
    """Why a turn is over."""

    message_type: Literal["stop_reason"]
    stop_reason: str


class Usage(BaseModel):
    """What a turn has used, all its steps together."""

    message_type: Literal["usage_statistics"]
    prompt_tokens: int
    completion_tokens: int
    total_tokens: int
    step_count: int
    run_ids: list[str] | None


class Answer(BaseModel):
    """What a turn has brought. Asked for as a stream, it comes as server-sent events: each message,
    then why it is over, then what it used, then `[DONE]`.
    """

    messages: list[Message]
    stop_reason: Stop
    usage: Usage


class Completion(BaseModel):
    """An answer in the form of OpenAI's API; or its pieces, as that streams them."""

    id: str
    object: str
    created: int
    model: str
    choices: list[dict[str, Any]]
    usage: dict[str, Any] | None


class Run(BaseModel):
    """A turn of an agent. `status`: created, running, completed, failed or cancelled."""

    id: str
    agent_id: str
    conversation_id: str | None
    status: str
    created_at: Time
    completed_at: Time | None
    stop_reason: str | None
    background: bool | None
    metadata: dict[str, Any] | None


class RunUsage(BaseModel):
    """What a run has used so far."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int


class Step(BaseModel):
    """One call of a model, with the tools that it called."""

    id: str
    agent_id: str | None
    run_id: str | None
    model: str | None
    prompt_tokens: int
    completion_tokens: int
    total_tokens: int
    status: str | None
    stop_reason: str | None


class StepMetrics(BaseModel):
    """How long a step took, in nanoseconds."""

    id: str
    run_id: str | None
    step_start_ns: int | None
    step_ns: int | None


class Conversation(BaseModel):
    """A thread of an agent, with a window of its own."""

    id: str
    agent_id: str
    created_at: Time
    last_message_at: Time | None


class MessageHit(BaseModel):
    """A found message."""

    message_type: str
    message_id: str | None
    agent_id: str | None
