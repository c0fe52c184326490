"""What the service measures of itself: the seam, the figures that pass through it, and the null.

The parts say what happened; they know neither who keeps the figures nor in which form
(`bot.metrics` does). Calls return at once and never fail. No figure names a person or an agent.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

from agentcore.clock import SECOND, Micros
from agentcore.model import Usage
from agentcore.records import Claim, InboxKind, StepRecord, TurnEnd

CallOutcome = Literal["answered", "unavailable", "refused", "overflow", "malformed", "cancelled"]
PutOff = Literal["model", "store", "error", "stopped", "taken over"]


@dataclass(frozen=True, slots=True)
class TurnFigures:
    """A turn that ended. `waited` is in seconds, from the acceptance of its first message to its
    last commit.
    """

    kind: InboxKind
    platform: str
    reason: str
    waited: float


@dataclass(frozen=True, slots=True)
class CallFigures:
    """One call of a model, with its retries. Times in seconds; `first_token` is None when nothing
    was streamed; `usage` None when there was no answer.
    """

    model: str
    outcome: CallOutcome
    seconds: float
    first_token: float | None = None
    usage: Usage | None = None


class Measures(Protocol):
    """Told of what happens, where it happens."""

    def turn_ended(self, turn: TurnFigures) -> None: ...

    def turn_put_off(self, why: PutOff) -> None:
        """A turn was let go of before its end; it is tried again."""
        ...

    def model_called(self, call: CallFigures) -> None: ...

    def chunk_sent(self, platform: str, outcome: str, *, again: bool) -> None:
        """One try at sending a chunk. `outcome` as in `OutboxResult.state`; `again`: an earlier
        try may have arrived.
        """
        ...


class NoMeasures:
    """Keeps nothing: for commands that end soon."""

    def turn_ended(self, turn: TurnFigures) -> None:
        pass

    def turn_put_off(self, why: PutOff) -> None:
        pass

    def model_called(self, call: CallFigures) -> None:
        pass

    def chunk_sent(self, platform: str, outcome: str, *, again: bool) -> None:
        pass


class TurnTally:
    """What one attempt at a turn has used so far, and the line that the log has of it."""

    def __init__(self, claim: Claim, started: Micros) -> None:
        self._claim = claim
        self._started = started
        self._first_piece: Micros | None = None
        self._steps: list[StepRecord] = []

    def stepped(self, step: StepRecord) -> None:
        self._steps.append(step)

    def shown(self, now: Micros) -> None:
        """A piece of the answer was shown."""
        if self._first_piece is None:
            self._first_piece = now

    def figures(self, end: TurnEnd, now: Micros) -> TurnFigures:
        first = self._claim.first
        return TurnFigures(
            first.kind, first.platform, end.reason.value, (now - first.received_at) / SECOND
        )

    def line(self, end: TurnEnd, now: Micros) -> dict[str, object]:
        """Ids, counts and reasons; never a word of anybody's."""
        first = self._claim.first
        costs = [step.cost for step in self._steps]
        known = [cost for cost in costs if cost is not None]
        return {
            "platform": first.platform,
            "kind": first.kind,
            "messages": len(self._claim.items),
            "reason": end.reason.value,
            "error": end.error,
            "parked": end.parked,
            "steps": len(self._steps),
            "models": list(dict.fromkeys(step.model for step in self._steps)),
            "prompt_tokens": sum(step.prompt_tokens for step in self._steps),
            "completion_tokens": sum(step.completion_tokens for step in self._steps),
            "cached_tokens": sum(step.cached_tokens for step in self._steps),
            "cost_usd": sum(known) / 1_000_000,
            "unpriced_steps": len(costs) - len(known),
            "first_token_ms": self._since_start(self._first_piece),
            "run_ms": self._since_start(now),
            "total_ms": (now - first.received_at) // 1_000,
        }

    def _since_start(self, at: Micros | None) -> int | None:
        return None if at is None else (at - self._started) // 1_000
