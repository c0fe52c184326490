"""Users, their identities on platforms, and the actors that the audit knows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from agentcore.clock import Micros
from agentcore.records.ids import AgentId, IdentityId, UserId

AccessState = Literal["admitted", "pending", "blocked", "expected"]
"""Whether somebody may write. "expected": an agent was bound to them, and they haven't come yet; what
they are is decided when they do.
"""
ConsentState = Literal["new", "noticed", "consented", "declined", "paused"]
CardChoice = Literal["on", "off", "always"]
"""Whether somebody is shown what was noted: now and then, never, or each time."""
ActorKind = Literal["owner", "operator", "api", "service"]

API_PLATFORM = "api"
"""The platform of identities that were made over REST."""


InvitationUse = Literal["fresh", "used", "unknown"]
"""What an invitation was good for; one that has run out is unknown."""


@dataclass(frozen=True, slots=True)
class IdentityKey:
    """Who somebody is on one platform: unique, and never a name."""

    platform: str
    account: str
    external_id: str


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks for an agent's content. Reads by an operator or an API token are audited;
    `owner` is the person whose agent it is, or their own turn.
    """

    kind: ActorKind
    name: str = ""

    @property
    def audited(self) -> bool:
        return self.kind in {"operator", "api"}


OWNER = Actor("owner")


@dataclass(frozen=True, slots=True)
class Standing:
    """A person as the service knows them, and the agent that answers them. `template` and `model`
    are the agent's; `model` None means the service's default.
    """

    user_id: UserId
    identity_id: IdentityId
    access: AccessState
    consent: ConsentState
    language: str | None
    time_zone: str | None
    agent_id: AgentId | None
    template: str | None
    model: str | None


@dataclass(frozen=True, slots=True)
class UserView:
    user_id: UserId
    identity_id: IdentityId
    language: str | None
    time_zone: str | None
    access: AccessState
    consent: ConsentState
    cards: CardChoice = "on"


@dataclass(frozen=True, slots=True)
class UsageView:
    """What somebody used in a time. `cost` is in millionths of a US dollar, without the calls
    whose price isn't known: `unpriced` counts those.
    """

    messages: int
    tokens: int
    cost: int
    unpriced: int


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One look at an agent's content by somebody else than its owner."""

    at: Micros
    kind: ActorKind
    name: str
    action: str


@dataclass(frozen=True, slots=True)
class PersonView:
    """A person as an operator sees them: who and since when, never what they said. `names` are
    `platform "name"`; `code` is what they may be let in by; `agents` are theirs, the one that answers
    them last (empty in lists).
    """

    user_id: UserId
    names: tuple[str, ...]
    access: AccessState
    consent: ConsentState
    language: str | None
    created_at: Micros
    last_seen: Micros | None
    code: str | None = None
    agents: tuple[AgentId, ...] = ()
