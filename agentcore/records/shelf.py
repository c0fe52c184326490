"""Memory blocks as clients of the API change them and look for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from agentcore.records.ids import AgentId, BlockId, IdentityId
from agentcore.records.people import IdentityKey
from agentcore.records.unset import UNSET, Unset


@dataclass(frozen=True, slots=True)
class BlockPatch:
    """What becomes of a block. Of `extras` only what is named, and None takes it away."""

    value: str | Unset = UNSET
    label: str | Unset = UNSET
    limit: int | Unset = UNSET
    description: str | Unset = UNSET
    read_only: bool | Unset = UNSET
    metadata: Mapping[str, Any] | Unset = UNSET
    tags: tuple[str, ...] | Unset = UNSET
    extras: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class BlockQuery:
    """Which blocks to list, by creation. `in_*`: what stands somewhere in it. `agents`, `more_than`
    and `fewer_than` count the agents that hold it. `held_by`: that agent's alone; `identity` and
    `keys`: of agents that answer their people. `extras`: those that keep these.
    """

    limit: int = 50
    before: BlockId | None = None
    after: BlockId | None = None
    ascending: bool = False
    label: str | None = None
    name: str | None = None
    in_label: str | None = None
    in_value: str | None = None
    in_description: str | None = None
    tags: tuple[str, ...] = ()
    all_tags: bool = False
    templates_only: bool = False
    extras: Mapping[str, str] = field(default_factory=dict)
    agents: tuple[int, ...] = ()
    more_than: int | None = None
    fewer_than: int | None = None
    identity: IdentityId | None = None
    keys: tuple[IdentityKey, ...] = ()
    held_by: AgentId | None = None
