"""All that an agent is made of and knows, apart from the service that it lives in: what agent files
and other services hand over. Names such as `message-3` hold only within one `Content`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from agentcore.clock import Micros
from agentcore.records.agents import Audience, OwnerKind
from agentcore.records.ids import AgentId, BlockId, MessageId, PassageId
from agentcore.records.memory import EditActor
from agentcore.records.messages import MessageMeta, Origin, Part, Role


@dataclass(frozen=True, slots=True)
class PlainRevision:
    """How a block came to read `after`. `message` is the name of the one that led to it."""

    version: int
    before: str
    after: str
    actor: EditActor
    origin: Origin
    created_at: Micros
    label: str
    limit: int
    description: str
    read_only: bool
    message: str | None = None
    undoes: int | None = None
    template: str | None = None
    tool_call_id: str | None = None


@dataclass(frozen=True, slots=True)
class PlainBlock:
    """A block under its name. Without revisions it begins as it is. `block_id`: the id that it is
    to have, where no other block has it.
    """

    name: str
    label: str
    value: str
    limit: int
    description: str = ""
    read_only: bool = False
    shared: bool = False
    metadata: Mapping[str, Any] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    extras: Mapping[str, Any] = field(default_factory=dict)
    revisions: tuple[PlainRevision, ...] = ()
    block_id: BlockId | None = None


@dataclass(frozen=True, slots=True)
class PlainMessage:
    """A message under its name. `thread` counts the agent's threads from 0."""

    name: str
    role: Role
    parts: tuple[Part, ...]
    created_at: Micros
    thread: int = 0
    meta: MessageMeta | None = None
    otid: str | None = None
    message_id: MessageId | None = None


@dataclass(frozen=True, slots=True)
class PlainThread:
    """A conversation. In view are its messages from `first` on (None: none of them), and the
    summary of what was said before, as an epoch keeps it.
    """

    created_at: Micros
    audience: Audience = "private"
    first: str | None = None
    summary: str = ""
    summary_origin: Origin = Origin.OWNER


@dataclass(frozen=True, slots=True)
class PlainPassage:
    """What is kept in the archive. `message` is the name of the one that led to it."""

    text: str
    tags: tuple[str, ...]
    origin: Origin
    created_at: Micros
    message: str | None = None
    passage_id: PassageId | None = None


@dataclass(frozen=True, slots=True)
class PlainAgent:
    """An agent. `blocks` are names of blocks, `tools` of tools; the first thread is the one that a
    client goes on with. `agent_id`: the id that it is to have, where no other agent has it.
    """

    name: str
    system: str
    created_at: Micros
    tools: tuple[str, ...] = ()
    blocks: tuple[str, ...] = ()
    threads: tuple[PlainThread, ...] = ()
    messages: tuple[PlainMessage, ...] = ()
    passages: tuple[PlainPassage, ...] = ()
    tags: tuple[str, ...] = ()
    template: str = ""
    owner_kind: OwnerKind = "api"
    model: str | None = None
    context_window: int | None = None
    limits: Mapping[str, float] = field(default_factory=dict)
    description: str | None = None
    time_zone: str | None = None
    hidden: bool = False
    metadata: Mapping[str, Any] = field(default_factory=dict)
    extras: Mapping[str, Any] = field(default_factory=dict)
    agent_id: AgentId | None = None


@dataclass(frozen=True, slots=True)
class PlainTool:
    """A tool that somebody made, as source code."""

    name: str
    description: str
    parameters: Mapping[str, Any]
    source: str
    tags: tuple[str, ...] = ()
    return_limit: int = 50_000
    needs_approval: bool = False
    extras: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Content:
    """Agents, and what several of them may have in common."""

    agents: tuple[PlainAgent, ...]
    blocks: tuple[PlainBlock, ...] = ()
    tools: tuple[PlainTool, ...] = ()
