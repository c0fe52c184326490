"""Who an agent answers, as clients of the API name them: people on chat platforms, and keys of the
clients' own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from agentcore.clock import Micros
from agentcore.records.ids import AgentId, IdentityId
from agentcore.records.people import IdentityKey

IdentityType = Literal["user", "org", "other"]


@dataclass(frozen=True, slots=True)
class IdentityProperty:
    """Something that a client keeps with an identity; `value` is plain JSON of the type."""

    key: str
    value: Any
    type: Literal["string", "number", "boolean", "json"]


@dataclass(frozen=True, slots=True)
class IdentityView:
    """An identity, and the agents that are its person's, the one that answers last."""

    identity_id: IdentityId
    key: IdentityKey
    name: str
    identity_type: IdentityType
    properties: tuple[IdentityProperty, ...]
    agents: tuple[AgentId, ...]
    created_at: Micros


@dataclass(frozen=True, slots=True)
class NewIdentity:
    """An identity to be made. `agents` are attached in their order: the last answers."""

    key: IdentityKey
    name: str
    identity_type: IdentityType = "user"
    properties: tuple[IdentityProperty, ...] | None = None
    agents: tuple[AgentId, ...] = ()


@dataclass(frozen=True, slots=True)
class IdentityChange:
    """What changes of an identity; None: it stays. `properties` are added to those that are there,
    or take the place of those of the same keys, unless `replace`: then they are all there are.
    `agents` are attached besides those that are.
    """

    key: IdentityKey | None = None
    name: str | None = None
    identity_type: IdentityType | None = None
    properties: tuple[IdentityProperty, ...] | None = None
    agents: tuple[AgentId, ...] = ()
    replace: bool = False


@dataclass(frozen=True, slots=True)
class IdentityQuery:
    """Which identities to list. `before` and `after` count in the direction of the order."""

    key: IdentityKey | None = None
    name: str | None = None
    identity_type: IdentityType | None = None
    agent_id: AgentId | None = None
    limit: int = 50
    before: IdentityId | None = None
    after: IdentityId | None = None
    ascending: bool = False


IdentitiesByAgent = Mapping[AgentId, tuple[IdentityView, ...]]
