"""What stands in an agent file, as far as it is read. Fields that nobody here knows are passed over.

What only this service knows of an agent stands under `familiar`, which other readers pass over:
where each part of a message came from, the edits of its blocks, its other threads, its archive.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from agentcore.clock import SECOND, Micros
from agentcore.errors import BadInput
from agentcore.records import EditActor, MessageMeta, Origin, Part, Role, storable

MAX_BYTES = 64 * 1024 * 1024
MOST_AGENTS = 100
MOST_BLOCKS = 1_000
MOST_TOOLS = 500
MOST_MESSAGES = 100_000
MOST_PASSAGES = 100_000
MOST_REVISIONS = 10_000
MOST_PARTS = 1_000
LONGEST = 2_000_000
"""Characters of one text."""
LATEST = 2**53
"""Microseconds since 1970: some time in 2255."""


class AgentFileInvalid(BadInput):
    """The file is no agent file, or contradicts itself; the message names the place."""


Text = Annotated[str, Field(max_length=LONGEST), AfterValidator(storable)]
Short = Annotated[str, Field(max_length=1_000), AfterValidator(storable)]
Name = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(storable)]
Names = Annotated[list[Name], Field(max_length=MOST_BLOCKS)]


Moment = Annotated[int, Field(ge=0, le=LATEST)]


def _at(moment: datetime) -> Micros:
    aware = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    try:
        at = round(aware.timestamp() * SECOND)
    except OverflowError:  # the first and the last day that there are, in some zones
        at = 0
    return Micros(min(max(at, 0), LATEST))


def _readable(meta: MessageMeta | None) -> MessageMeta | None:
    """The line that a model reads is made from it."""
    if meta is not None:
        datetime.fromisoformat(meta.local_time)
        if max(map(len, (meta.local_time, meta.zone, meta.platform, meta.speaker or ""))) > 1_000:
            msg = "a field of it is too long"
            raise ValueError(msg)
    return meta


class Form(BaseModel):
    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)


class ContentForm(Form):
    """A piece of a message's content: a text, or one of the kinds that say what it is."""

    type: Short = "text"
    text: Text | None = None
    reasoning: Text | None = None


class FunctionForm(Form):
    name: Short = ""
    arguments: Text = ""


class CallForm(Form):
    id: Short
    function: FunctionForm


class ReturnForm(Form):
    tool_call_id: Short | None = None
    status: Literal["success", "error"] = "success"
    func_response: Text | None = None
    stdout: list[Text] | None = None
    stderr: list[Text] | None = None


class OurMessage(Form):
    """`parts` where the plain form doesn't tell them all."""

    thread: int = Field(0, ge=0)
    role: Role | None = None
    head: bool = False
    parts: tuple[Part, ...] | None = Field(None, max_length=MOST_PARTS)
    meta: Annotated[MessageMeta | None, AfterValidator(_readable)] = None


class MessageForm(Form):
    id: Short
    role: Short
    content: Text | Annotated[list[ContentForm], Field(max_length=MOST_PARTS)] | None = None
    name: Short | None = None
    otid: Short | None = None
    tool_calls: Annotated[list[CallForm], Field(max_length=MOST_PARTS)] | None = None
    tool_call_id: Short | None = None
    tool_returns: Annotated[list[ReturnForm], Field(max_length=MOST_PARTS)] | None = None
    created_at: datetime | None = None
    familiar: OurMessage | None = None


class OurRevision(Form):
    """`before` only where it isn't what the revision before it left."""

    version: int = Field(ge=1, le=10**9)
    before: Text | None = None
    after: Text
    actor: EditActor
    origin: Origin
    created_at: Moment
    label: Name
    limit: int = Field(ge=0, le=LONGEST)
    description: Text = ""
    read_only: bool = False
    message: Short | None = None
    undoes: int | None = None
    template: Short | None = None
    tool_call_id: Short | None = None


class OurBlock(Form):
    shared: bool = False
    tags: list[Short] = Field(default=[], max_length=1_000)
    extras: dict[str, Any] = {}
    revisions: list[OurRevision] = Field(default=[], max_length=MOST_REVISIONS)


class InlineBlockForm(Form):
    label: Name
    value: Text
    limit: int = Field(100_000, ge=0, le=LONGEST)
    description: Text | None = None
    read_only: bool | None = None
    metadata: dict[str, Any] | None = None
    familiar: OurBlock | None = None


class BlockForm(InlineBlockForm):
    id: Name


class ModelForm(Form):
    handle: Short | None = None
    model: Short | None = None
    context_window: int | None = Field(None, ge=1, le=10**9)


class OurThread(Form):
    created_at: Moment
    audience: Literal["private", "chat"] = "private"
    first: Short | None = None
    summary: Text = ""
    summary_origin: Origin = Origin.OWNER


class OurPassage(Form):
    text: Text
    tags: list[Short] = Field(default=[], max_length=1_000)
    origin: Origin
    created_at: Moment
    message: Short | None = None


class OurAgent(Form):
    """`model` and `context_window` are None where the service's own count."""

    created_at: Moment
    template: Short = ""
    owner_kind: Literal["user", "chat", "api"] = "api"
    model: Short | None = None
    context_window: int | None = Field(None, ge=1, le=10**9)
    limits: dict[
        Literal["steps", "tokens", "seconds"], Annotated[float, Field(gt=0, le=10**9)]
    ] = {}
    extras: dict[str, Any] = {}
    tools: list[Name] = Field(default=[], max_length=MOST_TOOLS)
    threads: list[OurThread] = Field(default=[], max_length=10_000)
    passages: list[OurPassage] = Field(default=[], max_length=MOST_PASSAGES)


class AgentForm(Form):
    id: Short
    name: Name = "agent"
    system: Text | None = None
    agent_type: Short | None = None
    llm_config: ModelForm | None = None
    model: Short | None = None
    context_window_limit: int | None = Field(None, ge=1, le=10**9)
    block_ids: Names = []
    memory_blocks: Annotated[list[InlineBlockForm], Field(max_length=MOST_BLOCKS)] | None = None
    tool_ids: Names = []
    in_context_message_ids: Annotated[list[Short], Field(max_length=MOST_MESSAGES)] = []
    messages: Annotated[list[MessageForm], Field(max_length=MOST_MESSAGES)] = []
    tags: Annotated[list[Short], Field(max_length=1_000)] | None = None
    description: Text | None = None
    metadata: dict[str, Any] | None = None
    timezone: Short | None = None
    hidden: bool | None = None
    familiar: OurAgent | None = None


class OurTool(Form):
    extras: dict[str, Any] = {}


class ToolForm(Form):
    id: Name
    name: Name
    description: Text | None = None
    tool_type: Short | None = None
    source_code: Text | None = None
    json_schema: dict[str, Any] | None = None
    tags: Annotated[list[Short], Field(max_length=1_000)] | None = None
    return_char_limit: int | None = Field(None, ge=1, le=10**9)
    default_requires_approval: bool | None = None
    familiar: OurTool | None = None


class FileForm(Form):
    agents: Annotated[list[AgentForm], Field(min_length=1, max_length=MOST_AGENTS)]
    blocks: Annotated[list[BlockForm], Field(max_length=MOST_BLOCKS)] = []
    tools: Annotated[list[ToolForm], Field(max_length=MOST_TOOLS)] = []
    groups: list[Any] = []
    files: list[Any] = []
    sources: list[Any] = []
    created_at: datetime | None = None


def moment(at: datetime | None, otherwise: Micros) -> Micros:
    """A file's time; `otherwise` where it says none."""
    return otherwise if at is None else _at(at)
