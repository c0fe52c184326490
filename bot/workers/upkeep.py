"""What runs by the clock: timers that are due, conversations to be wiped, rows that the
retention rules let go, what was forgotten and is to be erased, erasures that weren't finished,
and messages to be indexed anew.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial

import anyio
import structlog

from agentcore.clock import MINUTE, Clock, Micros
from agentcore.errors import StoreError, stack_of
from agentcore.store import Store
from agentcore.store.gate import Composer
from bot.people.deletions import Deletions
from bot.waking.agenda import LOOK_AGAIN, until
from bot.waking.hints import Hints

_log = structlog.get_logger(__name__)

PURGE_EVERY = 3_600.0
ABANDONED = 5 * MINUTE
"""After so long, whoever began an erasure doesn't finish it any more."""
BATCH = 100
BREATH = 0.05
"""Seconds between two pieces of a re-index: whoever talks meanwhile isn't kept waiting."""


class Upkeep:
    """One per service."""

    def __init__(
        self, store: Store, composer: Composer, hints: Hints, clock: Clock, deletions: Deletions
    ) -> None:
        self._store = store
        self._deletions = deletions
        self._composer = composer
        self._hints = hints
        self._clock = clock

    async def run(self, ready: Callable[[], None] = lambda: None) -> None:
        """Until cancelled."""
        finishing = partial(self._finish_erasures, self._clock.now())
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._keep, self._fire_timers, "timers failed")
            tasks.start_soon(self._keep, self._wipe, "wiping failed", self._wipe_asked)
            tasks.start_soon(self._keep, self._purge, "purging failed")
            tasks.start_soon(self._keep, self._erase_forgotten, "forgotten words wait to be erased")
            tasks.start_soon(self._keep, finishing, "an erasure waits to be finished")
            tasks.start_soon(self._keep, self._reindex, "indexing failed")
            ready()

    async def _keep(
        self,
        job: Callable[[], Awaitable[float]],
        trouble: str,
        pause: Callable[[float], Awaitable[object]] = anyio.sleep,
    ) -> None:
        """Do a job again and again, each time after as many seconds as it returned. One that fails
        is tried again soon: not even a bug in it may stop the others, or the service.
        """
        while True:
            wait = LOOK_AGAIN
            try:
                wait = await job()
            except StoreError as error:
                _log.error(trouble, error=str(error))
            except Exception as error:  # noqa: BLE001
                _log.error(trouble, stack=stack_of(error))
            await pause(wait)

    async def _fire_timers(self) -> float:
        if await self._store.fire_timers(limit=BATCH):
            self._hints.work.look()
        return until(await self._store.next_timer(), self._clock.now())

    async def _wipe(self) -> float:
        """As soon as a conversation that is to be wiped is over, and nothing waits in it."""
        now, due = self._clock.now(), await self._store.next_wipe()
        self._hints.wipe_waits = due is not None and due <= now
        if not self._hints.wipe_waits:
            return until(due, now)
        for address in await self._store.wipe_ephemeral(self._composer):
            self._hints.told_at(address, now)
        return LOOK_AGAIN

    async def _wipe_asked(self, at_most: float) -> None:
        await self._hints.wipe_asked.wait(at_most=at_most)

    async def _erase_forgotten(self) -> float:
        """As soon as it can't be taken back any more."""
        if erased := await self._store.forgettings.erase_due():
            _log.info("what was forgotten is erased", forgettings=erased)
        return until(await self._store.forgettings.next_due(), self._clock.now())

    async def _purge(self) -> float:
        if removed := await self._store.purge():
            _log.info("purged", rows=removed)
        return PURGE_EVERY

    async def _finish_erasures(self, started: Micros) -> float:
        """Those begun before this start, which nobody else is at, and those that were abandoned."""
        now = self._clock.now()
        await self._deletions.finish_all(before=max(started, Micros(now - ABANDONED)))
        if deleted := await self._store.erasures.finish_agents(before=now):
            _log.info("deleted agents are gone from the files", agents=deleted)
        return LOOK_AGAIN

    async def _reindex(self) -> float:
        """After an upgrade that changed what messages are found by, or when the operator asks."""
        begun = False
        while not await self._store.search_index.reindex():
            begun = True
            await anyio.sleep(BREATH)
        if begun:
            _log.info("all messages are indexed anew")
        return LOOK_AGAIN
