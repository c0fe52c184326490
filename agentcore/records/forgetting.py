"""Forgetting: what a person names, what of it they tick, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass

from agentcore.clock import Micros
from agentcore.records.ids import AgentId
from agentcore.records.memory import BlockEdit, ListedLine


@dataclass(frozen=True, slots=True)
class ExchangeRef:
    """A turn with all that was said in it, by one of its messages; where no turn is on record,
    that message alone. `agent_id` is whose numbers these are.
    """

    message: int
    turn: int | None
    agent_id: AgentId


@dataclass(frozen=True, slots=True)
class Exchange:
    """An exchange, and when it was."""

    ref: ExchangeRef
    at: Micros


@dataclass(frozen=True, slots=True)
class PassageRef:
    """A passage of the archive, by its number within the agent."""

    seq: int
    agent_id: AgentId


ForgetRef = ListedLine | ExchangeRef | PassageRef
"""Something that can be forgotten. Holds no words."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What a person was shown, in order. `number` counts up for each agent and person."""

    number: int
    refs: tuple[ForgetRef, ...]


@dataclass(frozen=True, slots=True)
class Forgetting:
    """What is to be forgotten: the edits that take lines out of blocks, exchanges, and passages.
    `note` is what the agent is told; it never quotes any of it.
    """

    edits: tuple[BlockEdit, ...]
    exchanges: tuple[ExchangeRef, ...]
    passages: tuple[PassageRef, ...]
    note: str


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What was forgotten, or came back. Until `until` it can be taken back, by its `number`."""

    number: int
    edits: int
    exchanges: int
    passages: int
    until: Micros
