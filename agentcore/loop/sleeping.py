"""A sleep-time run: one call of a model, between a beginning and an end that are committed.

Nobody ever waits for it. It holds no lease; a message that comes calls it off, and what it had in
mind is then not written: the next quiet period tries again, over the same messages and the new.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal
from zoneinfo import ZoneInfo

import structlog

from agentcore.clock import DAY, Clock, Micros, day_of
from agentcore.errors import (
    BlockConflict,
    BudgetSpent,
    Fenced,
    MalformedAnswer,
    ModelError,
    SummaryOutdated,
)
from agentcore.loop.control import TurnControl
from agentcore.loop.records import step_of
from agentcore.loop.summarising import is_free
from agentcore.loop.tidying import Reading, Tidying, reading_of
from agentcore.loop.window import DEFAULT_WINDOW
from agentcore.memory.tidying import parse_changes
from agentcore.model import Model, ModelAnswer, Usage
from agentcore.records import (
    Address,
    Agent,
    ConsentTerms,
    NoSleep,
    SleepClaim,
    SleepEnd,
    SleepMaterial,
    SleepResult,
    StepOutcome,
    StepRecord,
    StopReason,
    Tidied,
    TurnEnd,
)
from agentcore.store import AgentStore

MOST_TRIES = 5
"""Runs that came to nothing, after which the next one waits for something new to be said."""
LONGEST_PAUSE = DAY
OVERTAKEN = "something changed in the meantime"

SleepOutcome = Literal[
    NoSleep, "done", "nothing new", "interrupted", "outdated", "over budget", "failed"
]
"""`done`: the messages are read, whatever was changed. After all others but "nothing new", the
next quiet period tries again.
"""


@dataclass(frozen=True, slots=True)
class Bedroom:
    """What all runs of a service work with. `model_of` picks the model of an agent's runs; `quiet`
    is the time without a message after which one begins; `window`, in tokens, serves agents
    without one of their own.
    """

    model_of: Callable[[Agent], Model]
    clock: Clock
    zone: ZoneInfo
    quiet: Micros
    terms: ConsentTerms | None = None
    window: int | None = None


@dataclass(frozen=True, slots=True)
class SleepReport:
    """What came of a run, or would come of it. `read` are numbers of messages; `address` is where
    something was said last, None if no run was begun.
    """

    outcome: SleepOutcome
    address: Address | None = None
    read: tuple[int, ...] = ()
    changes: tuple[Tidied, ...] = ()
    refused: int = 0
    step: StepRecord | None = None


@dataclass(frozen=True, slots=True)
class _Thought:
    """What the model has come up with. `trouble` None: it is an answer."""

    tidying: Tidying
    step: StepRecord
    trouble: SleepOutcome | None = None


class Sleeper:
    """Runs for any number of agents; it keeps nothing between them."""

    def __init__(self, room: Bedroom) -> None:
        self._room = room

    async def preview(self, door: AgentStore) -> SleepReport:
        """What a run would change now. It asks the model, and writes nothing.

        Raises:
            NotFound: there is no such agent.
        """
        found = await self._reading(door)
        if isinstance(found, str):
            return SleepReport(found)
        material, reading = found
        thought = await self._think(material, reading, TurnControl())
        return _report(thought.trouble or "done", reading, thought)

    async def run(self, door: AgentStore, control: TurnControl) -> SleepReport:
        """One run, now, whatever is due. `control` calls it off.

        Raises:
            NotFound: there is no such agent.
            StoreError: the store failed; the next run is due after a pause.
        """
        found = await self._reading(door)
        if isinstance(found, str):
            if found != "busy":
                await door.sleep.pass_over()
            return SleepReport(found)
        material, reading = found
        read = tuple(message.seq for message in reading.messages)
        again_at = self._again_at(material.tries)
        claim = await door.sleep.begin(
            material, read, again_at=again_at or Micros(self._room.clock.now() + LONGEST_PAUSE)
        )
        if claim is None:
            return SleepReport("busy")
        with structlog.contextvars.bound_contextvars(trace=claim.trace_id, agent=claim.agent_id):
            thought = await self._think(material, reading, control)
            outcome = await self._finish(door, claim, thought, again_at)
        return replace(_report(outcome, reading, thought), address=claim.address)

    async def _reading(
        self, door: AgentStore
    ) -> tuple[SleepMaterial, Reading] | NoSleep | Literal["nothing new"]:
        room = self._room
        material = await door.sleep.material(room.terms)
        if isinstance(material, str):
            return material
        model = room.model_of(material.agent)
        own = material.agent.context_window or room.window or DEFAULT_WINDOW
        reading = reading_of(
            material,
            window=min(own, model.capabilities.window),
            zone=room.zone,
            now=room.clock.now(),
        )
        return (material, reading) if reading is not None and material.drawers else "nothing new"

    async def _think(
        self, material: SleepMaterial, reading: Reading, control: TurnControl
    ) -> _Thought:
        """Ask the model, and see which of its changes keep the rules."""
        model, started = self._room.model_of(material.agent), self._room.clock.now()
        tidying = Tidying(material, reading.messages)
        trouble: SleepOutcome | None = None
        outcome: StepOutcome = "answered"
        detail, usage = "", Usage(cost=0)
        try:
            answer = await control.interruptible(partial(model.complete, reading.request))
            if answer is None:
                # What a call that was cut off has cost isn't known, unless it costs nothing.
                usage, outcome = Usage(cost=0 if is_free([model]) else None), "failed"
                trouble, detail = "interrupted", "called off"
            else:
                usage = answer.usage
                _make(tidying, answer)
        except BudgetSpent as error:
            trouble, outcome, detail = "over budget", "failed", str(error)
        except MalformedAnswer as error:
            trouble, outcome, detail = "failed", "malformed", str(error)
        except ModelError as error:
            trouble, outcome, detail = "failed", "failed", str(error)
        times = (started, self._room.clock.now())
        step = step_of(1, model.name, outcome, usage, times, detail)
        return _Thought(tidying, step, trouble)

    async def _finish(
        self, door: AgentStore, claim: SleepClaim, thought: _Thought, again_at: Micros | None
    ) -> SleepOutcome:
        """Commit what the run is to change, or the record that it came to nothing."""
        outcome = thought.trouble
        if outcome is None:
            tidying = thought.tidying
            result = SleepResult(tuple(tidying.changes), (thought.step,), tidying.refused)
            try:
                await door.sleep.commit(claim, result)
            except (Fenced, BlockConflict, SummaryOutdated):
                outcome = "outdated"
            else:
                return "done"
        await door.sleep.end(
            claim,
            SleepEnd(
                end=_end_of(outcome, thought.step),
                steps=(thought.step,),
                again_at=again_at if outcome == "failed" else self._later(outcome),
                counts=outcome == "failed",
            ),
        )
        return outcome

    def _later(self, outcome: SleepOutcome) -> Micros:
        """When to try again after what is no fault of the run."""
        now = self._room.clock.now()
        if outcome == "over budget":
            return Micros((day_of(now) + 1) * DAY)
        return Micros(now + self._room.quiet)

    def _again_at(self, tries: int) -> Micros | None:
        """When to try again should this one fail, too; None: not before something new is said."""
        if tries + 1 >= MOST_TRIES:
            return None
        return Micros(self._room.clock.now() + min(self._room.quiet << tries, LONGEST_PAUSE))


def _end_of(outcome: SleepOutcome, step: StepRecord) -> TurnEnd:
    """Why a run came to nothing."""
    match outcome:
        case "failed":
            unreadable = step.outcome == "malformed"
            reason = StopReason.INVALID_LLM_RESPONSE if unreadable else StopReason.LLM_API_ERROR
            return TurnEnd(reason, step.detail)
        case "over budget":
            return TurnEnd(StopReason.INSUFFICIENT_CREDITS, step.detail)
        case _:
            return TurnEnd(StopReason.CANCELLED, step.detail or OVERTAKEN)


def _make(tidying: Tidying, answer: ModelAnswer) -> None:
    """Raises MalformedAnswer."""
    for change in parse_changes(answer.text):
        tidying.make(change)


def _report(outcome: SleepOutcome, reading: Reading, thought: _Thought) -> SleepReport:
    changed = outcome == "done"
    return SleepReport(
        outcome=outcome,
        read=tuple(message.seq for message in reading.messages),
        changes=tuple(thought.tidying.changes) if changed else (),
        refused=thought.tidying.refused,
        step=thought.step,
    )
