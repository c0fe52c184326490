"""Connections whose requests begin in good time. The web server waits without an end for the rest of
a request's head; whoever opens many connections and sends a letter now and then would have them all.
"""

from __future__ import annotations

import asyncio

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

PATIENCE = 30.0
"""Seconds for a request's head, from its first byte; those of a new connection begin with it."""


class PromptHeads(H11Protocol):
    """Ends a connection when a request's head isn't whole in time."""

    _due: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._expect()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.conn.their_state is h11.IDLE:
            self._expect()
        else:
            self._no_longer()

    def connection_lost(self, exc: Exception | None) -> None:
        self._no_longer()
        super().connection_lost(exc)

    def _expect(self) -> None:
        if self._due is None:
            self._due = self.loop.call_later(PATIENCE, self.transport.close)

    def _no_longer(self) -> None:
        if self._due is not None:
            self._due.cancel()
            self._due = None
