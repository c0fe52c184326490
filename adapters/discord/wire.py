"""The wire below the library: every request of one client, its own repeats too.

Discord lets a bot make fifty requests a second over all, besides each route's limit. The library
goes on until it is refused, and whoever is refused too often is shut out; so here requests wait for
their turn before they leave. Answers to interactions don't count there.
"""

from __future__ import annotations

from collections import deque
from types import SimpleNamespace

import aiohttp
import anyio
import yarl
from discord.http import Route

from adapters.discord.caution import Caution
from adapters.push.timing import HostTime, Time

MOST = 48
SECONDS = 1.0
_FREE = ("/webhooks/", "/interactions/")
_LOOK_AGAIN = 0.1


class Wire:
    """Counts what leaves, and hears what comes back: `caution` is told each status, and whom a
    refused limit is of. May be shared by several clients of one bot.

    Discord may count a request at any moment until its answer, so it counts here until a while
    after that.
    """

    def __init__(self, time: Time | None = None) -> None:
        self._time = time or HostTime()
        self.caution = Caution(self._time.now)
        self._turn = anyio.Lock()
        self._under_way = 0
        self._ended: deque[float] = deque()

    def trace(self) -> aiohttp.TraceConfig:
        """To be given to the library's client, which calls it for each request."""
        config = aiohttp.TraceConfig()
        config.on_request_start.append(self._begins)
        config.on_request_end.append(self._ends)
        config.on_request_exception.append(self._breaks)
        return config

    def has_room(self, keep: int) -> bool:
        """Whether a request may leave now and `keep` more could."""
        return self._wait(keep) == 0 and not self._turn.locked()

    async def room(self, keep: int, patience: float) -> bool:
        """Wait for that room, up to `patience` seconds; whether there is."""
        give_up = self._time.now() + patience
        while not self.has_room(keep):
            if self._time.now() >= give_up:
                return False
            await self._time.sleep(_LOOK_AGAIN)
        return True

    def _wait(self, keep: int = 0) -> float:
        """Seconds at least until one more fits; 0 for now."""
        since = self._time.now() - SECONDS
        while self._ended and self._ended[0] <= since:
            self._ended.popleft()
        over = self._under_way + len(self._ended) + keep + 1 - MOST
        if over <= 0:
            return 0.0
        return self._ended[over - 1] - since if over <= len(self._ended) else SECONDS

    async def _begins(
        self,
        _session: aiohttp.ClientSession,
        context: SimpleNamespace,
        asked: aiohttp.TraceRequestStartParams,
    ) -> None:
        free = any(part in asked.url.path for part in _FREE)
        context.counts = _is_for_the_api(asked.url) and not free
        if not context.counts:
            return
        async with self._turn:  # in the order in which they came
            while (wait := self._wait()) > 0:
                await self._time.sleep(wait)
            self._under_way += 1

    async def _ends(
        self,
        _session: aiohttp.ClientSession,
        context: SimpleNamespace,
        told: aiohttp.TraceRequestEndParams,
    ) -> None:
        self._count(context)
        if _is_for_the_api(told.url):
            scope = told.response.headers.get("X-RateLimit-Scope")
            self.caution.answered(told.response.status, scope)

    async def _breaks(
        self,
        _session: aiohttp.ClientSession,
        context: SimpleNamespace,
        _told: aiohttp.TraceRequestExceptionParams,
    ) -> None:
        self._count(context)

    def _count(self, context: SimpleNamespace) -> None:
        if context.counts:
            self._under_way -= 1
            self._ended.append(self._time.now())


def _is_for_the_api(url: yarl.URL) -> bool:
    """Not for a file, or for the gateway."""
    return str(url).startswith(Route.BASE)
