"""Sleep-time: whose memory is due to be put in order, a few at a time, one after the other.

It looks for due agents by an index, and sleeps in between. Whatever else an agent is wanted for
comes first: a message calls its run off.
"""

from __future__ import annotations

from collections.abc import Callable

import anyio
import structlog

from agentcore.clock import Clock
from agentcore.core import Sleeper, SleepReport, TurnControl
from agentcore.errors import StoreError, stack_of
from agentcore.model import Model, ModelCatalog
from agentcore.records import Actor, Agent, AgentId
from agentcore.store import Store
from bot.waking.agenda import until
from bot.waking.hints import Hints
from config.settings import Settings

_log = structlog.get_logger(__name__)

SERVICE = Actor("service", "sleep-time")
AT_ONCE = 2
AFTER_TROUBLE = 5.0
"""Seconds until the next look when the store has failed."""


def model_for(models: ModelCatalog, settings: Settings) -> Callable[[Agent], Model]:
    """Which model puts an agent's memory in order: its own if one was chosen for it, for then its
    words go to that one alone; else the one that the service has for this. No fallbacks: it can
    wait.
    """

    def chosen(agent: Agent) -> Model:
        own = agent.model if agent.model in settings.allowed_models else None
        return models.ladder(own or settings.sleep_model)[0]

    return chosen


class SleepTime:
    """One per service. `run` until cancelled, or until `stop` has let the runs end."""

    def __init__(
        self, store: Store, sleeper: Sleeper, hints: Hints, clock: Clock, *, on: bool
    ) -> None:
        self._store = store
        self._sleeper = sleeper
        self._hints = hints
        self._clock = clock
        self._on = on
        self._stopping = False
        self._trouble = False
        self._running: set[TurnControl] = set()

    async def run(self) -> None:
        """Runs as they fall due. Returns at once where they are switched off."""
        while self._on and not self._stopping:
            try:
                await self.run_due()
                wait = await self._until_due()
            except StoreError as error:
                _log.error("sleep-time failed", error=str(error))
                wait = AFTER_TROUBLE
            if not self._stopping:
                await self._hints.sleep_asked.wait(at_most=wait)

    def stop(self) -> None:
        """Call off what runs, and begin no more."""
        self._stopping = True
        for control in self._running:
            control.request_cancel()
        self._hints.sleep_asked.ring()

    async def run_due(self) -> int:
        """Those that are due now, to their ends. Returns how many."""
        due = await self._store.sleep_times.due(limit=AT_ONCE)
        async with anyio.create_task_group() as tasks:
            for agent_id in due:
                tasks.start_soon(self._guarded, agent_id)
        return len(due)

    async def run_now(self, agent_id: AgentId, actor: Actor = SERVICE) -> SleepReport:
        """A run for one agent, due or not.

        Raises:
            NotFound, StoreError: see `Sleeper.run`.
        """
        control = TurnControl(cancelled=self._stopping)
        self._running.add(control)
        try:
            with self._hints.asleep(agent_id, control.request_cancel):
                door = self._store.for_agent(agent_id, actor)
                report = await self._sleeper.run(door, control)
        finally:
            self._running.discard(control)
        if report.changes and report.address is not None:
            self._hints.changed(report.address)
        _log.info("sleep-time", agent=agent_id, **figures_of(report))
        return report

    async def preview(self, agent_id: AgentId, actor: Actor) -> SleepReport:
        """See `Sleeper.preview`."""
        return await self._sleeper.preview(self._store.for_agent(agent_id, actor))

    async def _guarded(self, agent_id: AgentId) -> None:
        """One agent's trouble must not keep the others waiting; nor may it be tried at once again."""
        try:
            await self._run_or_pass_over(agent_id)
        except StoreError as error:
            self._trouble = True
            _log.error("sleep-time failed", agent=agent_id, error=str(error))

    async def _run_or_pass_over(self, agent_id: AgentId) -> None:
        """A run; after a bug, there is none until something new is said. Raises StoreError."""
        try:
            await self.run_now(agent_id)
        except StoreError:
            raise
        except Exception as error:  # noqa: BLE001
            _log.error("sleep-time failed", agent=agent_id, stack=stack_of(error))
            await self._store.for_agent(agent_id, SERVICE).sleep.pass_over()

    async def _until_due(self) -> float:
        if self._trouble:
            self._trouble = False
            return AFTER_TROUBLE
        return until(await self._store.sleep_times.next_due(), self._clock.now())


def figures_of(report: SleepReport) -> dict[str, object]:
    """Ids, counts and reasons; never a word of anybody's."""
    step = report.step
    return {
        "outcome": report.outcome,
        "read": len(report.read),
        "changes": len(report.changes),
        "refused": report.refused,
        "model": None if step is None else step.model,
        "prompt_tokens": 0 if step is None else step.prompt_tokens,
        "completion_tokens": 0 if step is None else step.completion_tokens,
        "cost_usd": None if step is None or step.cost is None else step.cost / 1_000_000,
    }
