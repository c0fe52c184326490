"""Shows an answer while it is made on platforms that can, for as long as its turn runs.

Invariant: nothing is being shown while anything of the turn is committed, so no preview comes
after the answer that it was of.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import anyio
import structlog

from adapters.abilities import ShowsPreviews
from adapters.addresses import ChatAddress
from adapters.base import Adapter
from agentcore.records import Address
from bot.platforms.beside import beside

_log = structlog.get_logger(__name__)


class Preview:
    """A turn's answer in the making, that nobody is shown."""

    def add(self, text: str, *, begins: bool) -> None:
        """The next piece; with `begins`, what came before is void."""

    def pause(self) -> None:
        """What there is so far is to be committed: show nothing before a new answer begins."""


class Previews:
    """Over the adapters of this service, by name."""

    def __init__(self, adapters: Mapping[str, Adapter]) -> None:
        self._adapters = adapters

    @asynccontextmanager
    async def shown(self, address: Address | None, turn: str) -> AsyncIterator[Preview]:
        """Show what is added, from the beginning of the block to its end; with None, nowhere."""
        where = None if address is None else ChatAddress.parse(address)
        adapter = None if where is None else self._adapters.get(where.source)
        if where is None or not isinstance(adapter, ShowsPreviews):
            yield Preview()
            return
        preview = _Shown(adapter, where, turn)
        async with beside(preview.keep_showing):
            yield preview


class _Shown(Preview):
    """One that is shown: always the newest text, one call at a time. Takes pieces at once."""

    def __init__(self, adapter: ShowsPreviews, address: ChatAddress, turn: str) -> None:
        self._adapter = adapter
        self._address = address
        self._turn = turn
        self._text = ""
        self._news = anyio.Event()
        self._call = anyio.CancelScope()

    def add(self, text: str, *, begins: bool) -> None:
        self._text = text if begins else self._text + text
        self._news.set()

    def pause(self) -> None:
        self._text = ""
        self._call.cancel()

    async def keep_showing(self) -> None:
        """Until cancelled."""
        while True:
            await self._news.wait()
            self._news = anyio.Event()
            if self._text.strip():
                with anyio.CancelScope() as self._call:
                    await self._show(self._text)

    async def _show(self, text: str) -> None:
        try:
            await self._adapter.show_preview(self._address, text, turn=self._turn)
        except Exception as error:  # noqa: BLE001 (a preview that isn't shown is no failure)
            _log.debug("preview not shown", error=type(error).__name__)
