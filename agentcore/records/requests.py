"""What a client of the API asks of an agent, and what became of it. A turn is what the Letta API calls
a run.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from agentcore.clock import Micros
from agentcore.records.asked import AskedTurn, CallAnswer, GivenMessage, TurnOptions
from agentcore.records.ids import AgentId, ThreadId, TurnId
from agentcore.records.messages import Message
from agentcore.records.people import Actor
from agentcore.records.turns import FailureKind, StepRecord, StopReason, TurnKind


@dataclass(frozen=True)
class TurnRequest:
    """One turn that is asked for: messages, or answers to calls that wait for them, never none of
    both. `thread` None: the agent's thread for the API. `key` names the request for good, `digest`
    its body: a second one of the same key, or one that is `retried` with the digest of one of the
    last ten minutes, gets the turn of the first. `by` is who asks, which a person's agent remembers.
    """

    agent_id: AgentId
    messages: tuple[GivenMessage, ...] = ()
    answers: tuple[CallAnswer, ...] = ()
    options: TurnOptions = field(default_factory=TurnOptions)
    thread: ThreadId | None = None
    key: str | None = None
    digest: str | None = None
    retried: bool = False
    background: bool = False
    callback_url: str | None = None
    by: Actor | None = None

    @cached_property
    def asked(self) -> AskedTurn:
        """What its turn is to see of it."""
        return AskedTurn(
            self.messages, self.answers, self.options, self.background, self.callback_url
        )


@dataclass(frozen=True, slots=True)
class Requested:
    """A request that is in the queue for good. `joined`: it is another's turn that answers it."""

    turn_id: TurnId
    agent_id: AgentId
    joined: bool = False


RunState = Literal["created", "running", "done", "failed", "cancelled"]


@dataclass(frozen=True, slots=True)
class RunView:
    """A turn as its client sees it; "created" while it waits in the queue. Times in microseconds.
    `steps` are its model calls so far.
    """

    turn_id: TurnId
    agent_id: AgentId
    thread_id: ThreadId
    kind: TurnKind
    state: RunState
    stop_reason: StopReason | None
    error: str
    created_at: Micros
    claimed_at: Micros | None
    finished_at: Micros | None
    background: bool = False
    callback_url: str | None = None
    steps: tuple[StepRecord, ...] = ()
    failure: FailureKind | None = None

    @property
    def over(self) -> bool:
        return self.state in {"done", "failed", "cancelled"}


@dataclass(frozen=True, slots=True)
class RunQuery:
    """Which turns to list, newest first. `before` and `after`: only those older or newer than that one."""

    agent_id: AgentId | None = None
    states: frozenset[RunState] = frozenset()
    background: bool | None = None
    stop_reason: StopReason | None = None
    thread: ThreadId | None = None
    limit: int = 50
    before: TurnId | None = None
    after: TurnId | None = None
    ascending: bool = False


@dataclass(frozen=True, slots=True)
class RunProgress:
    """What is committed of a turn: how it stands, and its messages after those that were seen,
    the request's own ones not among them.
    """

    run: RunView
    messages: tuple[Message, ...]
