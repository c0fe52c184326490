"""The HTTP side of a process that plays a part in a benchmark: where it is asked what came of it."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import BaseRoute, Route

from bot.http.server import bind

Answer = Mapping[str, Any]


def told(path: str, what: Callable[[], Answer | Awaitable[Answer]]) -> Route:
    """A path under which something is told as JSON."""

    async def answer(_: Request) -> JSONResponse:
        found = what()
        return JSONResponse(dict(await found if inspect.isawaitable(found) else found))

    return Route(path, answer)


async def listen(*routes: BaseRoute) -> None:
    """Answer until this is cancelled; says on stdout where."""
    sock = bind("127.0.0.1", 0)
    sock.listen()  # before the line: whoever reads it may call at once
    sys.stdout.write(f"listening on http://127.0.0.1:{sock.getsockname()[1]}\n")
    sys.stdout.flush()
    config = uvicorn.Config(
        Starlette(routes=routes),
        log_config=None,
        lifespan="off",
        ws="none",
        timeout_graceful_shutdown=1,
    )
    await uvicorn.Server(config).serve(sockets=[sock])
