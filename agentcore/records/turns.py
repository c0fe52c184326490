"""Turns and steps: what was asked of an agent and how far it got."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from agentcore.clock import Micros
from agentcore.records.asked import AskedTurn
from agentcore.records.ids import Address, AgentId, IdentityId, StepId, ThreadId, TurnId, UserId
from agentcore.records.messages import Part, Unreadable, text_of
from agentcore.records.people import CardChoice


class StopReason(StrEnum):
    """Why a turn ended, in the Letta API's names."""

    END_TURN = "end_turn"
    ERROR = "error"
    LLM_API_ERROR = "llm_api_error"
    INVALID_LLM_RESPONSE = "invalid_llm_response"
    INVALID_TOOL_CALL = "invalid_tool_call"
    MAX_STEPS = "max_steps"
    MAX_TOKENS_EXCEEDED = "max_tokens_exceeded"
    NO_TOOL_CALL = "no_tool_call"
    TOOL_RULE = "tool_rule"
    CANCELLED = "cancelled"
    INSUFFICIENT_CREDITS = "insufficient_credits"
    REQUIRES_APPROVAL = "requires_approval"
    CONTEXT_OVERFLOW = "context_window_overflow_in_system_prompt"


RETRY = "retry"
"""The command that a turn of the model is run for."""
InboxKind = Literal["message", "command", "timer"]
TurnKind = InboxKind | Literal["sleep"]
TurnState = Literal["running", "done", "failed", "cancelled"]


@dataclass(frozen=True, slots=True)
class InboxItem:
    """One accepted thing that waits for its turn, or is being handled in one.

    `seq` counts up per agent in the order of acceptance. `command` is the command's name and
    `text` its argument when `kind` is "command"; `size` is its text in bytes; `answer_via`,
    `unreadable` and `earlier` are as in `Submission`; `asked` is what a client of the API wants of its
    turn, whose id is `run_id`;
    `language`, `time_zone` and `cards` are the sender's, as they stood when the turn was claimed.
    """

    seq: int
    kind: InboxKind
    address: Address
    thread: int
    identity: IdentityId | None
    user: UserId | None
    parts: tuple[Part, ...]
    received_at: Micros
    platform: str
    speaker: str | None = None
    command: str | None = None
    platform_message_id: str | None = None
    answer_via: str | None = None
    unreadable: Unreadable | None = None
    earlier: str | None = None
    otid: str | None = None
    asked: AskedTurn | None = None
    run_id: TurnId | None = None
    size: int = 0
    language: str | None = None
    time_zone: str | None = None
    cards: CardChoice = "on"

    @property
    def text(self) -> str:
        return text_of(self.parts)


@dataclass(frozen=True, slots=True)
class TokenCount:
    """What a provider counted of one request: so many prompts, known again by their digest. No
    word of them is in it.
    """

    model: str
    prompts: int
    digest: str
    prompt_tokens: int
    completion_tokens: int


@dataclass(frozen=True, slots=True)
class Claim:
    """An agent that this worker holds until its lease runs out, and the turn to run for it.

    `fence` proves the hold at every commit. `attempt` counts from 1; `steps` tells how many
    steps an earlier attempt committed. `message_seq` is the agent's newest message. `version`
    is the same as long as nothing changed what the prompt's head is made from. `trouble` says
    why the last attempt was handed back. `trace_id` is the turn's in logs, the same for all attempts. `more`: the
    agent has rows that this turn doesn't take. `counted` is of the agent's last request. `memory`
    is the sum of the versions of all blocks that it holds: another one, and some block was edited.
    `cards` counts the memory cards that it has shown, the last of them at `card_at`.
    """

    agent_id: AgentId
    fence: int
    turn: int
    turn_id: TurnId
    attempt: int
    items: tuple[InboxItem, ...]
    thread: int
    address: Address
    steps: int
    cancel_requested: bool
    message_seq: int
    version: int
    claimed_at: Micros
    trouble: str = ""
    trace_id: str = ""
    more: bool = False
    counted: TokenCount | None = None
    memory: int = 0
    cards: int = 0
    card_at: Micros | None = None

    @property
    def first(self) -> InboxItem:
        return self.items[0]

    @property
    def last(self) -> InboxItem:
        """What the answer is to."""
        return self.items[-1]

    @property
    def asked(self) -> AskedTurn | None:
        """What a client of the API wants of this turn; None in a chat's."""
        return self.first.asked

    @property
    def retries(self) -> bool:
        """Whether it answers what was answered before."""
        return self.first.kind == "command" and self.first.command == RETRY


StepOutcome = Literal[
    "answered", "tools", "empty", "malformed", "failed", "unreachable", "none", "summarised"
]


@dataclass(frozen=True, slots=True)
class StepRecord:
    """One model call and its tools, as it is kept; one that made the running summary, too. `cost` is in millionths of a US dollar,
    None when the price isn't known. `number` counts from 1 within the turn. `first_message`: where
    what was committed with it begins, once it is read back.
    """

    step_id: StepId
    number: int
    model: str
    outcome: StepOutcome
    prompt_tokens: int
    completion_tokens: int
    cached_tokens: int
    cost: int | None
    started_at: Micros
    finished_at: Micros
    detail: str = ""
    first_message: int | None = None


FailureKind = Literal[
    "model_unavailable", "model_refused", "calls_wait", "nothing_waits", "given_up"
]
"""What a turn failed for: no model could be reached, or would take it; it says something while calls
wait for an answer, or answers calls that don't; or every attempt at it failed.
"""


@dataclass(frozen=True, slots=True)
class TurnEnd:
    """The last word on a turn: why it stopped, and what went wrong. `parked`: its inbox rows are
    set aside with the error, for an operator to look at and retry. `failure`: the kind of the error,
    where its client may want to know.
    """

    reason: StopReason
    error: str = ""
    parked: bool = False
    failure: FailureKind | None = None

    @property
    def state(self) -> TurnState:
        match self.reason:
            case StopReason.CANCELLED:
                return "cancelled"
            case StopReason.END_TURN | StopReason.MAX_STEPS | StopReason.REQUIRES_APPROVAL:
                return "done"
            case _:
                return "failed"


@dataclass(frozen=True, slots=True)
class TurnView:
    """A turn as an operator or a client sees it."""

    turn: int
    kind: TurnKind
    turn_id: TurnId
    thread_id: ThreadId
    state: TurnState
    stop_reason: StopReason | None
    attempts: int
    claimed_at: Micros
    finished_at: Micros | None
    error: str


@dataclass(frozen=True, slots=True)
class SetAside:
    """Messages of one turn that was given up: their numbers in the inbox, and when the last of
    them came.
    """

    seqs: tuple[int, ...]
    received_at: Micros
