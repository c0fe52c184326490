"""Agents as clients of the API ask for them, change them, look for them and see them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from agentcore.clock import Micros
from agentcore.records.agents import Agent
from agentcore.records.delivery import AgentSeed
from agentcore.records.ids import AgentId, BlockId, IdentityId, MessageId
from agentcore.records.memory import Block
from agentcore.records.messages import NewMessage
from agentcore.records.people import IdentityKey
from agentcore.records.turns import StopReason
from agentcore.records.unset import UNSET, Unset


@dataclass(frozen=True, slots=True)
class AgentDraft:
    """A new agent: what it is made from, blocks that there are already and that it is to hold
    behind its own, whom it is to answer, and what no template says. `messages` are what its thread
    for the API begins with.
    """

    seed: AgentSeed
    block_ids: tuple[BlockId, ...] = ()
    identities: tuple[IdentityId, ...] = ()
    tags: tuple[str, ...] = ()
    description: str | None = None
    time_zone: str | None = None
    hidden: bool = False
    metadata: Mapping[str, Any] = field(default_factory=dict)
    extras: Mapping[str, Any] = field(default_factory=dict)
    messages: tuple[NewMessage, ...] = ()


@dataclass(frozen=True, slots=True)
class AgentPatch:
    """What becomes of an agent. Blocks, tags, tools and identities are replaced as a whole; of
    `extras` only what is named, and None takes it away.
    """

    name: str | Unset = UNSET
    system: str | Unset = UNSET
    model: str | Unset | None = UNSET
    context_window: int | Unset | None = UNSET
    tools: tuple[str, ...] | Unset = UNSET
    block_ids: tuple[BlockId, ...] | Unset = UNSET
    identities: tuple[IdentityId, ...] | Unset = UNSET
    tags: tuple[str, ...] | Unset = UNSET
    description: str | Unset | None = UNSET
    time_zone: str | Unset | None = UNSET
    hidden: bool | Unset = UNSET
    metadata: Mapping[str, Any] | Unset = UNSET
    extras: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AgentQuery:
    """Which agents to list. `before` and `after`: only those before or after that one, in the order
    of the list. `text` stands somewhere in the name. `only`: no others than this one. `block`: those
    that hold it. `identity`, `keys`: those that answer their people. `ended`: those whose last run
    did so; `extras`: those that keep these.
    """

    limit: int = 50
    before: AgentId | None = None
    after: AgentId | None = None
    ascending: bool = False
    by: Literal["created_at", "updated_at", "last_run_completion"] = "created_at"
    name: str | None = None
    text: str | None = None
    tags: tuple[str, ...] = ()
    all_tags: bool = False
    identity: IdentityId | None = None
    keys: tuple[IdentityKey, ...] = ()
    block: BlockId | None = None
    ended: StopReason | None = None
    extras: Mapping[str, str] = field(default_factory=dict)
    only: AgentId | None = None
    with_hidden: bool = False


@dataclass(frozen=True, slots=True)
class LastRun:
    """The turn that an agent has finished last."""

    reason: StopReason | None
    claimed_at: Micros
    finished_at: Micros


@dataclass(frozen=True, slots=True)
class AgentView:
    """An agent with what belongs to it. `identities` are those of the people whom it answers;
    `messages` what its thread for the API has in view, where that was asked for; `last` is None for
    one that has finished no turn yet.
    """

    agent: Agent
    blocks: tuple[Block, ...]
    tags: tuple[str, ...] = ()
    identities: tuple[IdentityId, ...] = ()
    messages: tuple[MessageId, ...] | None = None
    last: LastRun | None = None
