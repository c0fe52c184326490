"""Runs an ASGI application on a port of its own, for as long as a block lasts."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

from bot.http.server import HttpServer, bind, running


@asynccontextmanager
async def serving(
    app: Any, port: int = 0, *, closing: asyncio.Event | None = None
) -> AsyncGenerator[str, None]:
    """The application's base URL. Port 0 is any; `closing` is set at the end."""
    closing = closing or getattr(getattr(app, "state", None), "closing", None)
    async with running(HttpServer(app, bind("127.0.0.1", port), closing=closing)) as server:
        yield server.url


def unused_port() -> int:
    """A port that nothing listens on."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port
