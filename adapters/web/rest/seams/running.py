"""Turns as the API follows them; the service carries it out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

from agentcore.records import (
    AgentId,
    Message,
    MessageId,
    Requested,
    RunState,
    RunView,
    StepRecord,
    TurnId,
    TurnRequest,
)


@dataclass(frozen=True, slots=True)
class RunMessages:
    """Messages of a turn that are committed, oldest first, and the steps so far, which tell by
    their first messages which made which.
    """

    messages: tuple[Message, ...]
    steps: tuple[StepRecord, ...] = ()


@dataclass(frozen=True, slots=True)
class RunPiece:
    """A piece of an answer in the making: a preview, which may never be committed. `begins`: it is
    the first of an answer, and earlier pieces are void. `message`: the id that the answer will have.
    """

    text: str
    begins: bool = False
    message: MessageId | None = None


@dataclass(frozen=True, slots=True)
class RunEnded:
    """The last commit of a turn is made."""

    run: RunView


RunEvent = RunMessages | RunPiece | RunEnded


class RunEvents(Protocol):
    """What happens in one turn, until its `RunEnded`."""

    def __aiter__(self) -> RunEvents: ...

    async def __anext__(self) -> RunEvent: ...


class RunDesk(Protocol):
    """Where turns are asked for and followed."""

    async def submit(self, request: TurnRequest) -> Requested:
        """See `Requests.submit`; whoever takes turns is woken."""
        ...

    def follow(
        self, turn_id: TurnId, *, after: int = 0, pieces: bool = False
    ) -> AbstractAsyncContextManager[RunEvents]:
        """What happens from now on, beginning with what is committed already above the message
        number `after`. Whoever stops following doesn't stop the turn. `pieces`: previews as well.

        Raises:
            NotFound: there is no such turn.
        """
        ...

    async def cancel(
        self, agent_id: AgentId, turns: Sequence[TurnId] | None = None
    ) -> Mapping[TurnId, RunState]:
        """See `Requests.cancel`; what runs is told at once."""
        ...
