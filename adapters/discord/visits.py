"""Private chats, each of which is asked after a session's beginning for what was missed in it.

There may be very many, and each takes a call. Those who wrote last come first, and all others
after them at a pace that leaves room for answers. Nobody waits for others: whoever writes
meanwhile is asked after at once, before what they write now is taken in. Until everybody was asked
after, the watermark stays where it was.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass, field

import anyio
import structlog
from anyio.abc import TaskGroup

from adapters.discord.acquaintances import Acquaintances
from adapters.discord.addresses import Addresses
from adapters.discord.catching_up import Gap, History, Unanswered
from adapters.discord.order import Order
from adapters.discord.pace import Pace
from adapters.discord.watermark import Watermark

MOST_LATEST = 300
"""So many who wrote last come first."""
_AT_ONCE = 4

_log = structlog.get_logger(__name__)


@dataclass(kw_only=True, eq=False)
class Visits:
    """For as long as receiving runs."""

    tasks: TaskGroup
    order: Order
    history: History
    watermark: Watermark
    acquaintances: Acquaintances
    addresses: Addresses
    pace: Pace
    _waiting: OrderedDict[int, Gap] = field(default_factory=OrderedDict)
    _failed: dict[int, Gap] = field(default_factory=dict)
    _latest: frozenset[int] = frozenset()
    _under_way: int = 0
    _round: int = 0
    _slots: anyio.Semaphore = field(default_factory=lambda: anyio.Semaphore(_AT_ONCE))
    _gap: int | None = None
    """What holds the watermark."""
    _newest: int = 0

    def begin(self, after: int) -> None:
        """A session begins: in every private chat something may have been missed after this id, or
        even before, where an earlier session has left off.
        """
        earlier, self._gap = self._gap, self.watermark.hold()
        if earlier is not None:
            self.watermark.release(earlier)
        waited = {**self._waiting, **self._failed}
        people = list(self.acquaintances)
        latest, others = people[:MOST_LATEST], people[MOST_LATEST:]
        others.sort(key=lambda each: each[0] not in waited)
        self._waiting.clear()
        self._failed.clear()
        for channel, person in (*latest, *others):
            since = min(after, waited[channel].after) if channel in waited else after
            address = self.addresses.of_person(person)
            self._waiting[channel] = Gap(address, channel, None, since)
        self._latest = frozenset(channel for channel, _ in latest)
        self._round += 1
        self.tasks.start_soon(self._visit_all, self._round)
        self._look()

    def hurry(self, channel_id: int) -> None:
        """What comes from there now is to wait for what was missed there, and for nothing else."""
        gap = self._waiting.pop(channel_id, None) or self._failed.pop(channel_id, None)
        if gap is not None:
            self._start(gap, nullcontext())

    async def _visit_all(self, number: int) -> None:
        while True:
            await self._slots.acquire()
            if not self._waiting or number != self._round:
                self._slots.release()
                return
            channel, gap = self._waiting.popitem(last=False)
            self._start(gap, self._slot())
            if channel not in self._latest:
                await anyio.sleep(self.pace.between_visits)

    @asynccontextmanager
    async def _slot(self) -> AsyncGenerator[None, None]:
        """One that was taken already, until it is left."""
        try:
            yield
        finally:
            self._slots.release()

    def _start(self, gap: Gap, turn: AbstractAsyncContextManager[None]) -> None:
        self._under_way += 1
        self.tasks.start_soon(self._visit, gap, turn)

    async def _visit(self, gap: Gap, turn: AbstractAsyncContextManager[None]) -> None:
        """What fails is tried again after a while, in which what comes from there doesn't wait."""
        async with self.order.of(gap.address):
            try:
                newest = await self.history.take_in(gap, turn)
            except Unanswered:
                _log.warning("what was missed can't be read", channel=gap.channel_id)
                self._waiting.pop(gap.channel_id, None)
                self._failed[gap.channel_id] = gap
            else:
                self._newest = max(self._newest, newest)
        self._under_way -= 1
        self._look()
        if gap.channel_id in self._failed:
            await anyio.sleep(self.pace.longest_pause)
            self.hurry(gap.channel_id)

    def _look(self) -> None:
        if self._gap is not None and not (self._waiting or self._failed or self._under_way):
            self.watermark.release(self._gap)
            self.watermark.reached(self._newest)
            self._gap = None
