"""What a turn adds in one transaction, and how it is handed back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from agentcore.clock import Micros
from agentcore.records.agents import Epoch
from agentcore.records.delivery import AgentChange, NoticeDraft, OutboxDraft
from agentcore.records.memory import Block, BlockEdit, HeldDecision, HeldDraft
from agentcore.records.messages import NewMessage
from agentcore.records.passages import PassageDraft
from agentcore.records.turns import StepRecord, TokenCount, TurnEnd


@dataclass(frozen=True, slots=True)
class ExternalCall:
    """A call of a tool with effects outside, recorded before it starts. If its end never is, its
    outcome is unknown.
    """

    call_id: str
    name: str
    idempotency_key: str
    idempotent: bool
    finished: bool


@dataclass(frozen=True, slots=True)
class StepCommit:
    """Everything that one transaction adds for a turn. `end` set: the turn is over, its lease is
    let go and its inbox rows are done. `take_up` are parked inbox rows that wait again once
    the turn is over. `ends_thread`: the thread is one that is wiped, and it is over. `indexed` False:
    the messages leave no trace in the search. `held` are edits that wait for the person's word,
    `decided` what became of such, by number.
    `summaries` are the calls that made the epoch's summary, `summarised` the messages that it
    was made from. `counted` is the provider's count of the last request. `card_at`: when a memory
    card was made, if one is among the notices. `blocks` are new ones, attached behind the agent's
    own before the edits are made.
    """

    messages: tuple[NewMessage, ...] = ()
    edits: tuple[BlockEdit, ...] = ()
    epoch: Epoch | None = None
    agent: AgentChange | None = None
    step: StepRecord | None = None
    calls: tuple[ExternalCall, ...] = ()
    end: TurnEnd | None = None
    outbox: tuple[OutboxDraft, ...] = ()
    notices: tuple[NoticeDraft, ...] = ()
    take_up: tuple[int, ...] = ()
    ends_thread: bool = False
    indexed: bool = True
    held: tuple[HeldDraft, ...] = ()
    decided: Mapping[int, HeldDecision] = field(default_factory=dict)
    summaries: tuple[StepRecord, ...] = ()
    summarised: tuple[int, ...] = ()
    counted: TokenCount | None = None
    passages: tuple[PassageDraft, ...] = ()
    card_at: Micros | None = None
    blocks: tuple[Block, ...] = ()


@dataclass(frozen=True, slots=True)
class HandBack:
    """How an unfinished turn is let go of: when to try again, and what its sender is told.

    `counts` False: this was no attempt. The turn's next claim carries `trouble`.
    """

    ready_at: Micros
    trouble: str
    counts: bool
    notices: tuple[NoticeDraft, ...] = ()
    outbox: tuple[OutboxDraft, ...] = ()
