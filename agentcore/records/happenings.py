"""What happens to an agent, for whoever follows it from outside: what is committed, and up to where it
is known.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from agentcore.clock import Micros
from agentcore.records.ids import AgentId, BlockId, ThreadId, TurnId
from agentcore.records.memory import Revision
from agentcore.records.messages import Message
from agentcore.records.requests import RunView

HappeningKind = Literal["message.created", "block.edited", "run.ended"]
KINDS: tuple[HappeningKind, ...] = ("message.created", "block.edited", "run.ended")


@dataclass(frozen=True, slots=True)
class HappeningPlace:
    """Up to where somebody knows what happened to an agent: the newest message and the newest turn
    that they know, by number, and of each block the version.
    """

    message: int = 0
    turn: int = 0
    blocks: Mapping[BlockId, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that happened. `place`: whoever knows this knows that much. `thread` and `turn` are
    where a message was said.
    """

    kind: HappeningKind
    at: Micros
    what: Message | Revision | RunView
    place: HappeningPlace
    thread: ThreadId | None = None
    turn: TurnId | None = None


@dataclass(frozen=True, slots=True)
class Happenings:
    """What happened next, and the place after all that was looked at."""

    items: tuple[Happening, ...]
    place: HappeningPlace


@dataclass(frozen=True, slots=True)
class Webhook:
    """An address that is told what happens to an agent. `failing_since`: since when nothing has got
    through; a webhook that is `disabled_at` some moment is told nothing any more, and `reason` says why.
    """

    webhook_id: str
    agent_id: AgentId
    url: str
    kinds: tuple[HappeningKind, ...]
    created_at: Micros
    failing_since: Micros | None = None
    tries: int = 0
    next_at: Micros | None = None
    status: int | None = None
    error: str | None = None
    disabled_at: Micros | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class DueWebhook:
    """A webhook that has something to be told, for whoever holds it now."""

    webhook: Webhook
    secret: str
    place: HappeningPlace


@dataclass(frozen=True, slots=True)
class DueCallback:
    """A turn that is over, whose client wants to be called back."""

    agent_id: AgentId
    turn_id: TurnId
    url: str
    tries: int
    ended_at: Micros


@dataclass(frozen=True, slots=True)
class Undelivered:
    """A try that failed. `again_at` None: it isn't tried any more, and `reason` says why."""

    error: str
    status: int | None = None
    again_at: Micros | None = None
    reason: str | None = None
