"""Memory blocks and the history of their edits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal

from agentcore.clock import Micros
from agentcore.records.ids import AgentId, BlockId, IdentityId
from agentcore.records.messages import Origin


@dataclass(frozen=True, slots=True)
class Block:
    """A labelled text that is always in the agent's view. `limit` counts characters; `version`
    goes up by one with every change of value, label, limit, description or read-only mark.
    `extras` is what clients of the API gave it that is kept for them.
    """

    block_id: BlockId
    owner: AgentId
    label: str
    value: str
    limit: int
    description: str = ""
    read_only: bool = False
    version: int = 1
    metadata: Mapping[str, Any] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    extras: Mapping[str, Any] = field(default_factory=dict)


class EditActor(StrEnum):
    """Who changed a block."""

    TOOL = "tool"
    USER = "user"
    OPERATOR = "operator"
    API = "api"
    SLEEP_TIME = "sleep_time"
    TEMPLATE = "template"
    LINK = "link"
    """It came along with another agent's memory."""


@dataclass(frozen=True, slots=True)
class BlockEdit:
    """A computed edit, waiting to be committed together with its revision.

    It holds only while the block is still at `block.version`; else the commit raises
    `BlockConflict` and the edit is computed again. `undoes` is the version that it takes back.
    `template` is the one that the agent had before, where the edit came with another one.
    `message` is what led to it, where that isn't of the turn that commits it, and `author` then
    whose words those were.
    """

    block: Block
    after: str
    actor: EditActor
    origin: Origin
    tool_call_id: str | None = None
    undoes: int | None = None
    template: str | None = None
    message: int | None = None
    author: IdentityId | None = None


@dataclass(frozen=True, slots=True)
class HeldDraft:
    """An edit of which the person is asked first, since words that aren't theirs led to it: the
    tool and what it was given. `lines` are what it would bring in.
    """

    block_id: BlockId
    tool: str
    arguments: Mapping[str, Any]
    origin: Origin
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HeldEdit:
    """An edit that waits for the person's word, since `turn`. `number` is its own within the agent."""

    number: int
    block_id: BlockId
    tool: str
    arguments: Mapping[str, Any]
    origin: Origin
    message: int
    turn: int
    created_at: Micros


HeldDecision = Literal["kept", "dropped"]


@dataclass(frozen=True, slots=True)
class Revision:
    """One edit as it was committed. `version` is the block's version after it; `message` is the
    `seq` of the message that caused it, where one did. All edits of a sleep-time run have the
    actor SLEEP_TIME and one `turn`, the run's own, by which the whole run can be taken back.
    `agent_id` is whose numbers those two are. `own` False: another agent that holds the block made it.
    """

    block_id: BlockId
    label: str
    version: int
    before: str
    after: str
    actor: EditActor
    origin: Origin
    created_at: Micros
    turn: int | None
    message: int | None
    undoes: int | None
    template: str | None = None
    own: bool = True
    agent_id: AgentId | None = None


@dataclass(frozen=True, slots=True)
class RevisionMark:
    """One edit without its texts. `erased`: those are gone for good."""

    block_id: BlockId
    version: int
    actor: EditActor
    created_at: Micros
    turn: int | None
    undoes: int | None
    template: str | None = None
    erased: bool = False


@dataclass(frozen=True, slots=True)
class ListedLine:
    """What a number of a listing stands for: a line of a block at a version, `at` from 0, by the
    digest of its text.
    """

    block_id: BlockId
    version: int
    at: int
    digest: str


@dataclass(frozen=True, slots=True)
class Listing:
    """The lines that a person was shown, in order: number 1 is the first."""

    lines: tuple[ListedLine, ...]
