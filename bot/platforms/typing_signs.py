"""Shows on platforms that can that an answer is being written, for as long as its turn runs."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import partial

import anyio
import structlog

from adapters.abilities import ShowsTyping
from adapters.addresses import ChatAddress
from adapters.base import Adapter
from agentcore.records import Address
from bot.platforms.beside import beside

_log = structlog.get_logger(__name__)


class TypingSigns:
    """Over the adapters of this service, by name."""

    def __init__(self, adapters: Mapping[str, Adapter]) -> None:
        self._adapters = adapters

    @asynccontextmanager
    async def shown(self, address: Address | None) -> AsyncIterator[None]:
        """Show it from the beginning of the block to its end; with None, nowhere."""
        where = None if address is None else ChatAddress.parse(address)
        adapter = None if where is None else self._adapters.get(where.source)
        if where is None or not isinstance(adapter, ShowsTyping):
            yield
            return
        async with beside(partial(_keep_showing, adapter, where)):
            yield


async def _keep_showing(adapter: ShowsTyping, address: ChatAddress) -> None:
    while True:
        next_at = anyio.current_time() + adapter.typing_interval
        try:
            await adapter.show_typing(address)
        except Exception as error:  # noqa: BLE001 (a sign that isn't shown is no failure)
            _log.debug("typing not shown", error=type(error).__name__)
        await anyio.sleep_until(next_at)
