"""What a client of the API asks of an agent, and what became of it. A turn is what the Letta API calls
a run.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from agentcore.clock import Micros
from agentcore.records.ids import AgentId, IdentityId, ThreadId, TurnId
from agentcore.records.messages import Message, Part
from agentcore.records.turns import StepRecord, StopReason, TurnKind


@dataclass(frozen=True, slots=True)
class GivenMessage:
    """A message as a client hands it over. Those of the roles "system" and "assistant" go into the
    history as they are; what is answered is all of them.
    """

    role: Literal["user", "system", "assistant"]
    parts: tuple[Part, ...]
    otid: str | None = None
    name: str | None = None
    sender: IdentityId | None = None


@dataclass(frozen=True, slots=True)
class CallDecision:
    """Whether a call that waits for a word may be made; `reason` is for the model to read."""

    call_id: str
    approve: bool
    reason: str = ""
    type: Literal["decision"] = "decision"


@dataclass(frozen=True, slots=True)
class ClientReturn:
    """What a call has come to that the client carried out itself."""

    call_id: str
    text: str
    status: Literal["success", "error"] = "success"
    type: Literal["return"] = "return"


CallAnswer = CallDecision | ClientReturn


@dataclass(frozen=True, slots=True)
class ClientTool:
    """A tool that the client carries out: a turn that calls it ends with `requires_approval`, and
    the client's next request brings the return. `parameters` is a JSON Schema object.
    """

    name: str
    description: str
    parameters: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class TurnOptions:
    """How one turn differs from the agent's others. None: it doesn't."""

    max_steps: int | None = None
    model: str | None = None
    system: str | None = None
    client_tools: tuple[ClientTool, ...] = ()


@dataclass(frozen=True, slots=True)
class TurnRequest:
    """One turn that is asked for: messages, or answers to calls that wait for them, never none of
    both. `thread` None: the agent's thread for the API. `key` names the request for good, `digest`
    its body: a second one of the same key, or one that is `retried` with the digest of one of the
    last ten minutes, gets the turn of the first.
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
    metadata: Mapping[str, Any] = field(default_factory=dict)


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
    metadata: Mapping[str, Any] = field(default_factory=dict)
    steps: tuple[StepRecord, ...] = ()

    @property
    def over(self) -> bool:
        return self.state in {"done", "failed", "cancelled"}


@dataclass(frozen=True, slots=True)
class RunQuery:
    """Which turns to list, newest first. `before` and `after`: only those older or newer than that one."""

    agent_id: AgentId | None = None
    states: frozenset[RunState] = frozenset()
    background: bool | None = None
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
