"""What runs by the clock: timers that are due, conversations to be wiped, rows that the
retention rules let go, what was forgotten and is to be erased, erasures that weren't finished,
and messages to be indexed anew.
"""

from __future__ import annotations

from collections.abc import Callable

import anyio
import structlog

from agentcore.clock import MINUTE, Clock, Micros
from agentcore.errors import StoreError
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
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._fire_timers)
            tasks.start_soon(self._wipe)
            tasks.start_soon(self._purge)
            tasks.start_soon(self._erase_forgotten)
            tasks.start_soon(self._finish_erasures)
            tasks.start_soon(self._reindex)
            ready()

    async def _fire_timers(self) -> None:
        while True:
            wait = LOOK_AGAIN
            try:
                if await self._store.fire_timers(limit=BATCH):
                    self._hints.work.look()
                wait = until(await self._store.next_timer(), self._clock.now())
            except StoreError as error:
                _log.error("timers failed", error=str(error))
            await anyio.sleep(wait)

    async def _wipe(self) -> None:
        """As soon as a conversation that is to be wiped is over, and nothing waits in it."""
        while True:
            wait = LOOK_AGAIN
            try:
                now, due = self._clock.now(), await self._store.next_wipe()
                self._hints.wipe_waits = due is not None and due <= now
                if due is not None and due <= now:
                    for address in await self._store.wipe_ephemeral(self._composer):
                        self._hints.told_at(address, now)
                else:
                    wait = until(due, now)
            except StoreError as error:
                _log.error("wiping failed", error=str(error))
            await self._hints.wipe_asked.wait(at_most=wait)

    async def _erase_forgotten(self) -> None:
        """As soon as it can't be taken back any more."""
        while True:
            wait = LOOK_AGAIN
            try:
                if erased := await self._store.forgettings.erase_due():
                    _log.info("what was forgotten is erased", forgettings=erased)
                wait = until(await self._store.forgettings.next_due(), self._clock.now())
            except StoreError as error:
                _log.error("what was forgotten waits to be erased", error=str(error))
            await anyio.sleep(wait)

    async def _purge(self) -> None:
        while True:
            try:
                removed = await self._store.purge()
                if removed:
                    _log.info("purged", rows=removed)
            except StoreError as error:
                _log.error("purging failed", error=str(error))
            await anyio.sleep(PURGE_EVERY)

    async def _finish_erasures(self) -> None:
        """At a start, all that are unfinished: nobody else is at them."""
        before = self._clock.now()
        while True:
            try:
                await self._deletions.finish_all(before=before)
                if deleted := await self._store.erasures.finish_agents(before=self._clock.now()):
                    _log.info("deleted agents are gone from the files", agents=deleted)
            except StoreError as error:
                _log.error("an erasure waits to be finished", error=str(error))
            await anyio.sleep(LOOK_AGAIN)
            before = Micros(self._clock.now() - ABANDONED)

    async def _reindex(self) -> None:
        """After an upgrade that changed what messages are found by, or when the operator asks."""
        while True:
            try:
                begun = False
                while not await self._store.search_index.reindex():
                    begun = True
                    await anyio.sleep(BREATH)
                if begun:
                    _log.info("all messages are indexed anew")
            except StoreError as error:
                _log.error("indexing failed", error=str(error))
            await anyio.sleep(LOOK_AGAIN)
