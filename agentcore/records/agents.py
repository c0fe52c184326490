"""Agents, their threads, and the epochs that a thread's prompt goes through."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal

from agentcore.clock import Micros
from agentcore.records.ids import Address, AgentId, BlockId, ThreadId
from agentcore.records.messages import Origin

ASKS_FIRST = "requires_approval"
"""The type of a rule, as the Letta API writes it, by which calls of a tool wait for a yes."""

OwnerKind = Literal["user", "chat", "api"]
Audience = Literal["private", "chat"]


@dataclass(frozen=True, slots=True)
class TurnLimits:
    """What one turn may use. Checked before each model call."""

    steps: int = 50
    tokens: int = 200_000
    seconds: float = 300.0


@dataclass(frozen=True, slots=True)
class Agent:
    """One agent. `model` None means the service's default; `system` is its template's text with
    the variables filled in; `template` is `name:version`, or empty for agents made without.
    `absorbed_by` has its history now, and answers in its place. `time_zone` None: that of whom it
    talks with. `extras` is what clients of the API gave it that is kept for them. `edition` goes up
    when its instructions or the blocks that it holds become others, but for their values.
    """

    agent_id: AgentId
    owner_kind: OwnerKind
    name: str
    template: str
    system: str
    tools: tuple[str, ...]
    model: str | None
    limits: TurnLimits
    created_at: Micros
    updated_at: Micros
    context_window: int | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)
    absorbed_by: AgentId | None = None
    description: str | None = None
    time_zone: str | None = None
    hidden: bool = False
    extras: Mapping[str, Any] = field(default_factory=dict)
    edition: int = 0

    @property
    def head_mark(self) -> str:
        """Differs wherever the prompt's head has to be made anew."""
        return f"{self.template}+{self.edition}" if self.edition else self.template

    @property
    def asks_first(self) -> frozenset[str]:
        """Tools whose calls wait for somebody's yes by this agent's own rules, in the API's form."""
        rules = self.extras.get("tool_rules")
        return frozenset(
            str(rule.get("tool_name"))
            for rule in (rules if isinstance(rules, list) else ())
            if isinstance(rule, dict) and rule.get("type") == ASKS_FIRST
        )


@dataclass(frozen=True, slots=True)
class Thread:
    """A conversation of an agent. `number` counts up from 1 per agent; `epoch` 0 = none yet."""

    agent_id: AgentId
    number: int
    thread_id: ThreadId
    address: Address
    audience: Audience
    ephemeral: bool
    epoch: int


class EpochReason(StrEnum):
    """Why a thread's prompt got a new head."""

    FIRST = "first"
    NEW = "new"
    COMPACTION = "compaction"
    TEMPLATE = "template"
    FORGETTING = "forgetting"
    NOTES = "notes"
    CACHE_EXPIRED = "cache_expired"
    RETRY = "retry"


@dataclass(frozen=True, slots=True)
class Epoch:
    """Everything that the head of a prompt is rendered from, so that it comes out byte-identical
    after a restart or an upgrade: instructions as they stood, which version of which block, the
    summary of what was left out and whose words it was made from (the least trusted of them), and the
    first message that is still in view. Of the turns in
    `left_out` only what the person said is: their answers were asked for again. `template` is the
    agent's `head_mark` as it was.
    """

    thread: int
    number: int
    reason: EpochReason
    system: str
    template: str
    block_versions: Mapping[BlockId, int]
    summary: str
    first_message: int
    last_note: int
    created_at: Micros
    left_out: tuple[int, ...] = ()
    summary_origin: Origin = Origin.OWNER


@dataclass(frozen=True, slots=True)
class HeadBlock:
    """A block as it stood at the start of an epoch."""

    label: str
    value: str
    limit: int
    description: str
    read_only: bool


@dataclass(frozen=True, slots=True)
class TurnHead:
    """What stays the same over a turn: the agent, its thread, and the thread's epoch with the
    blocks as they stood at its start. `epoch` None: the thread has none yet.
    """

    agent: Agent
    thread: Thread
    epoch: Epoch | None
    blocks: tuple[HeadBlock, ...]

    @property
    def confidential(self) -> bool:
        """Whether what is said here is between a person and their own agent."""
        return self.agent.owner_kind != "chat" and self.thread.audience == "private"

    @property
    def among_others(self) -> bool:
        """Whether a person's own agent speaks in a group."""
        return self.agent.owner_kind != "chat" and self.thread.audience == "chat"
