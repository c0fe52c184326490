"""Server-sent events: an answer that goes on until its reader leaves or the server closes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import anyio
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

Emit = Callable[[bytes], Awaitable[None]]
"""Sends one whole event. Waits while the reader is slow."""
PING = b": ping\n\n"
"""A comment, which readers pass over."""


class EventStream(Response):
    """What `produce` emits, with a sign of life every so often when nothing else is sent.

    Ends when `produce` returns; `produce` is cancelled when the reader leaves or `closing` is set.
    """

    media_type = "text/event-stream"

    def __init__(
        self,
        produce: Callable[[Emit], Awaitable[None]],
        closing: asyncio.Event,
        ping_every: float = 15.0,
        ping: Callable[[], bytes] = lambda: PING,
    ) -> None:
        super().__init__(headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})
        del self.headers["content-length"]
        self._produce = produce
        self._closing = closing
        self._ping_every = ping_every
        self._sign_of_life = ping

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        turn = anyio.Lock()

        async def emit(block: bytes) -> None:
            async with turn:
                await send({"type": "http.response.body", "body": block, "more_body": True})

        async with anyio.create_task_group() as group:

            async def end_with(wait: Callable[[], Awaitable[object]]) -> None:
                await wait()
                group.cancel_scope.cancel()

            group.start_soon(end_with, lambda: _disconnected(receive))
            group.start_soon(end_with, self._closing.wait)
            group.start_soon(end_with, lambda: self._produce(emit))
            group.start_soon(self._ping, emit)
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _ping(self, emit: Emit) -> None:
        while True:
            await anyio.sleep(self._ping_every)
            await emit(self._sign_of_life())


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
