"""Claims agents that have work and runs their turns: in order per agent, many agents at once.

Invariant: whatever ends a turn's task, the turn is either finished by its own last commit, or
handed back, or left to its lease's end; so the next claim goes on from what is committed.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import anyio
import structlog
from anyio.abc import TaskGroup

from agentcore.clock import Clock, Micros, seconds
from agentcore.core import AgentCore, TurnControl, TurnEdge
from agentcore.errors import BlockConflict, Fenced, ModelUnavailable, StoreError, stack_of
from agentcore.model import TextDelta
from agentcore.records import (
    OWNER,
    AgentId,
    Claim,
    HandBack,
    NoticeDraft,
    OutboxDraft,
    StepCommit,
    StopReason,
    TurnEnd,
)
from agentcore.store import Store
from agentcore.store.gate import Composer
from bot.commands import CommandRunner
from bot.measures import Measures, PutOff, TurnTally
from bot.platforms.previews import Previews
from bot.platforms.typing_signs import TypingSigns
from bot.waking.hints import Hints
from bot.workers.running_turn import RunningTurn

_log = structlog.get_logger(__name__)

MODEL_WAITING = "model unavailable"
STORE_FAILED = "store"
SOON = 0.005
"""Seconds to pause before looking again for work that is due and could not be had."""
SUSPECT_FROM_ATTEMPT = 3


@dataclass(frozen=True, slots=True)
class DispatchLimits:
    """How much at once, and how long things may take. Times in seconds.

    `look_again` is how often to look for work that no hint told of: often where other processes
    add some, hardly ever where this is the only one.
    """

    turns: int = 512
    lease: float = 20.0
    look_again: float = 0.5
    grace: float = 10.0
    attempts: int = 5
    deaths: int = 10
    retry_first: float = 1.0
    retry_longest: float = 60.0
    suspect_pause: float = 0.25


@dataclass(frozen=True, slots=True)
class Crew:
    """What carries out a claimed turn, what shows that it does, and what keeps its figures."""

    core: AgentCore
    commands: CommandRunner
    composer: Composer
    typing: TypingSigns
    previews: Previews
    measures: Measures


def _is_suspect(claim: Claim) -> bool:
    return claim.attempt >= SUSPECT_FROM_ATTEMPT


class Dispatcher:
    """One per process. `run` until cancelled, or until `stop` has let the turns finish."""

    def __init__(
        self,
        holder: str,
        store: Store,
        crew: Crew,
        hints: Hints,
        clock: Clock,
        limits: DispatchLimits,
    ) -> None:
        self._holder = holder
        self._store = store
        self.crew = crew
        self._hints = hints
        self._clock = clock
        self._limits = limits
        self._running: dict[AgentId, RunningTurn] = {}
        self._agenda = hints.work
        self._stopping = False

    @property
    def busy(self) -> int:
        """Turns that run now."""
        return len(self._running)

    async def run(self, ready: Callable[[], None] = lambda: None) -> None:
        """Work until `stop`, then let what runs finish within the grace period."""
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._keep_leases)
            ready()
            await self._claim_until_stopped(tasks)
            await self._drain()
            tasks.cancel_scope.cancel()

    def stop(self) -> None:
        """Claim nothing more; `run` returns when the last turn is finished or handed back."""
        self._stopping = True
        self._agenda.look()

    async def _claim_until_stopped(self, tasks: TaskGroup) -> None:
        while not self._stopping:
            free = self._limits.turns - len(self._running)
            if free <= 0:
                await self._agenda.rung(at_most=self._limits.look_again)
                continue
            try:
                await self._take_due(tasks, free)
            except StoreError as error:
                _log.error("claim failed", error=str(error))
                self._agenda.look(self._after(self._limits.retry_first))
            await self._agenda.wait(self._clock.now(), at_most=self._limits.look_again)

    async def _take_due(self, tasks: TaskGroup, free: int) -> None:
        """Start on what is due."""
        due = self._agenda.take(self._clock.now())
        if not due:
            return
        claims = await self._store.claim(
            self._holder, limit=free, lease=seconds(self._limits.lease)
        )
        put_off = 0
        for claim in claims:
            if self._must_wait(claim):
                put_off += 1
                pause = put_off * self._limits.suspect_pause
                tasks.start_soon(
                    partial(self._hand_back, claim, pause, claim.trouble, counts=False)
                )
                continue
            tally = TurnTally(claim, self._clock.now())
            running = RunningTurn(claim, TurnControl(cancelled=claim.cancel_requested), tally)
            self._running[claim.agent_id] = running
            self._hints.awake(claim.agent_id)
            self._agenda.begin(claim.agent_id, more=claim.more)
            tasks.start_soon(self._traced, running)
        if len(claims) == free or (due.look and claims):
            self._agenda.look()
        elif (due.look or not due.keys <= {claim.agent_id for claim in claims}) and (
            later := await self._store.next_ready()
        ) is not None:  # somebody may still be typing, for one
            self._agenda.look(max(later, self._after(SOON)))

    def _after(self, pause: float) -> Micros:
        return Micros(self._clock.now() + seconds(pause))

    def _must_wait(self, claim: Claim) -> bool:
        """Whether a turn that may have killed the process must wait for another such.

        All turns that ran at its death have an attempt more, guilty or not. From the third on
        they run one at a time, so that the innocent get through, and only one is on trial.
        """
        return _is_suspect(claim) and any(
            _is_suspect(each.claim) for each in self._running.values()
        )

    async def _traced(self, running: RunningTurn) -> None:
        """Work on a turn; whatever anybody logs meanwhile says for which."""
        claim = running.claim
        with structlog.contextvars.bound_contextvars(
            trace=claim.trace_id,
            agent=claim.agent_id,
            turn=claim.turn_id,
            attempt=claim.attempt,
        ):
            await self._work_on(running)

    async def _work_on(self, running: RunningTurn) -> None:
        claim = running.claim
        put_off: PutOff | None = None
        try:
            with running.scope:
                self._note_end(running, await self._carry_out(running))
            if running.scope.cancelled_caught:
                put_off = "stopped"
                await self._hand_back(claim, 0.0, claim.trouble, counts=False)
        except Fenced:
            put_off = "taken over"
            _log.warning("turn taken over by another worker")
        except ModelUnavailable as error:
            put_off = "model"
            _log.warning("model unavailable", retry_after=error.retry_after)
            await self._wait_for_model(claim, error.retry_after or self._limits.retry_first)
        except BlockConflict as error:  # nothing is wrong with the store
            put_off = "error"
            _log.error("the memory kept changing")
            await self._try_again_later(claim, error)
        except StoreError as error:
            put_off = "store"
            _log.error("store failed", error=str(error))
            await self._wait_for_store(claim)
        except Exception as error:  # noqa: BLE001 (one turn's bug must not stop the others)
            put_off = "error"
            _log.error("turn failed", stack=stack_of(error))
            await self._try_again_later(claim, error)
        finally:
            if put_off is not None:
                self.crew.measures.turn_put_off(put_off)
            if self._running.get(claim.agent_id) is running:
                del self._running[claim.agent_id]
            self._tell(claim)
            self._agenda.end(claim.agent_id)

    def _tell(self, claim: Claim) -> None:
        """Wake whom it concerns that nobody works on this turn any more."""
        for place in (claim.address, claim.turn_id, claim.agent_id):
            self._hints.changed(place)
        self._hints.spoken.note(claim.agent_id)
        if claim.asked is None:  # else nothing is sent
            self._hints.outbox.note(claim.address, self._clock.now())
        if self._hints.wipe_waits or claim.first.kind == "command":  # which may end one
            self._hints.wipe_asked.ring()

    def _note_end(self, running: RunningTurn, end: TurnEnd) -> None:
        now = self._clock.now()
        _log.info("turn ended", **running.tally.line(end, now))
        self.crew.measures.turn_ended(running.tally.figures(end, now))

    async def _carry_out(self, running: RunningTurn) -> TurnEnd:
        claim = running.claim
        if claim.attempt > self._patience(claim):
            return await self._give_up(claim)
        if claim.first.kind == "command":
            end = await self.crew.commands.run(claim)
            if end is not None:
                self._agenda.note(claim.agent_id, self._clock.now())  # it may have left work
                return end

        def emit(piece: TextDelta) -> None:
            running.show(piece, self._clock.now())
            for place in (claim.address, claim.turn_id):
                self._hints.preview(place, piece)

        # What waits for just its answer shows by itself that one is being made, and where.
        awaited = claim.asked is not None or claim.last.answer_via is not None
        shown = None if awaited else claim.address
        async with (
            self.crew.typing.shown(shown),
            self.crew.previews.shown(shown, claim.turn_id) as running.preview,
        ):
            edge = TurnEdge(
                self.crew.composer,
                running.control,
                emit,
                running.stepped,
                lambda: self._hints.changed(claim.turn_id),
            )
            return await self.crew.core.run_turn(claim, edge)

    def _patience(self, claim: Claim) -> int:
        """How many attempts a turn has: more if no error of its own is known, only that the
        process died, for which a turn that runs for long is seldom to blame.
        """
        blameless = claim.trouble in {"", MODEL_WAITING, STORE_FAILED}
        return self._limits.deaths if blameless else self._limits.attempts

    async def _give_up(self, claim: Claim) -> TurnEnd:
        """Set the turn's messages aside with the error, tell their sender, let the agent go on. A
        client of the API reads the error, and asks again itself.
        """
        trouble = claim.trouble or "the process was killed while it worked on this"
        parked = claim.asked is None
        end = TurnEnd(StopReason.ERROR, error=trouble, parked=parked, failure="given_up")
        notices = self._notices(claim, "turn.error")
        door = self._store.for_agent(claim.agent_id, OWNER)
        await door.commit(
            claim, StepCommit(end=end, notices=notices, outbox=self._composed(claim, notices))
        )
        return end

    def _notices(self, claim: Claim, key: str) -> tuple[NoticeDraft, ...]:
        """What the sender of a chat's messages is told; clients of the API look for themselves."""
        told = claim.asked is None
        return (NoticeDraft(claim.address, key, agent_id=claim.agent_id),) if told else ()

    def _composed(self, claim: Claim, notices: Sequence[NoticeDraft]) -> tuple[OutboxDraft, ...]:
        chunks = (self.crew.composer.notice(each, claim.first.language) for each in notices)
        return tuple(itertools.chain.from_iterable(chunks))

    async def _wait_for_model(self, claim: Claim, after: float) -> None:
        """Not the message's fault, so no attempt; its sender is told once."""
        notices: tuple[NoticeDraft, ...] = ()
        if claim.trouble != MODEL_WAITING:
            notices = self._notices(claim, "turn.model_waiting")
        await self._hand_back(claim, after, MODEL_WAITING, counts=False, notices=notices)

    async def _wait_for_store(self, claim: Claim) -> None:
        """Nobody's attempt either. Each try asks the model anew: after the first it isn't hurried."""
        if claim.trouble == STORE_FAILED:
            await self._hand_back(claim, self._limits.retry_longest, STORE_FAILED, counts=False)
            return
        notices = self._notices(claim, "turn.store_waiting")
        again = self._limits.retry_first
        await self._hand_back(claim, again, STORE_FAILED, counts=False, notices=notices)

    async def _try_again_later(self, claim: Claim, error: Exception) -> None:
        after = min(self._limits.retry_longest, self._limits.retry_first * 4 ** (claim.attempt - 1))
        await self._hand_back(claim, after, type(error).__name__, counts=True)

    async def _hand_back(
        self,
        claim: Claim,
        after: float,
        trouble: str,
        *,
        counts: bool,
        notices: tuple[NoticeDraft, ...] = (),
    ) -> None:
        """Let go of an unfinished turn. If even that fails, its lease runs out by itself."""
        how = HandBack(
            ready_at=self._after(after),
            trouble=trouble,
            counts=counts,
            notices=notices,
            outbox=self._composed(claim, notices),
        )
        with anyio.CancelScope(shield=True):
            try:
                await self._store.hand_back(claim, how)
                self._agenda.note(claim.agent_id, how.ready_at)
            except StoreError as error:
                _log.error("hand back failed", error=str(error))
                self._agenda.look(self._after(self._limits.lease))

    async def _keep_leases(self) -> None:
        """Renew what we hold, and learn whom somebody wants stopped."""
        while True:
            await self._hints.stop_asked.wait(at_most=self._limits.lease / 3)
            held = {agent: each.claim.fence for agent, each in self._running.items()}
            if not held:
                continue
            try:
                renewed = await self._store.renew(
                    self._holder, held, lease=seconds(self._limits.lease)
                )
            except StoreError as error:
                _log.error("renewing leases failed", error=str(error))
                continue
            for agent, running in list(self._running.items()):
                if held.get(agent) != running.claim.fence:
                    continue
                if agent not in renewed:  # taken over: no commit of ours would pass the fence
                    running.scope.cancel()
                elif renewed[agent]:
                    running.request_cancel()

    async def _drain(self) -> None:
        with anyio.move_on_after(self._limits.grace):
            while self._running:
                await self._agenda.rung(at_most=self._limits.grace)
        for running in list(self._running.values()):
            running.scope.cancel()
        while self._running:
            await self._agenda.rung(at_most=1.0)
