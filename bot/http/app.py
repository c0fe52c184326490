"""Which routes the service's one port has, and the two that say how it fares."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence

import anyio
import structlog
from fastapi import FastAPI
from fastapi.responses import JSONResponse
from starlette.routing import BaseRoute

from adapters.base import Service
from bot.http.door import Command, Door

Readiness = Callable[[], Awaitable[Mapping[str, str]]]
"""Asks each part whether it can serve; the answers by name, "ok" or what is wrong."""

READINESS_PATIENCE = 5.0
"""Seconds after which a check that hangs counts as failed."""

_log = structlog.get_logger(__name__)


def create_app(
    *,
    readiness: Readiness,
    service: Service,
    door_key: str,
    adapter_routes: Sequence[object] = (),
    door_commands: Mapping[str, Command] | None = None,
    ping_every: float = 15.0,
) -> FastAPI:
    """The application. `app.state.closing` is for `HttpServer`: it ends the feeds.

    Args:
        readiness: see `Readiness`; whatever it raises counts as not ready.
        service: what the door gives access to.
        door_key: what a client of the door must send.
        adapter_routes: Starlette routes of the adapters.
        door_commands: what the command line may have done, by name.
        ping_every: seconds between signs of life in a quiet feed.

    Raises:
        ValueError: the key is empty, or a route isn't Starlette's.
    """
    closing = asyncio.Event()
    # No pages that describe the API, and none of their scripts, which come from elsewhere.
    app = FastAPI(title="Familiar", docs_url=None, redoc_url=None, openapi_url=None)
    app.state.closing = closing
    _add_health(app, readiness)
    door = Door(service, door_key, door_commands or {}, closing, ping_every)
    app.include_router(door.router())
    for route in adapter_routes:
        if not isinstance(route, BaseRoute):
            msg = f"an adapter's route must be a Starlette route, not {type(route).__name__}"
            raise ValueError(msg)  # noqa: TRY004 - part of the documented value errors
        app.router.routes.append(route)
    return app


def _add_health(app: FastAPI, readiness: Readiness) -> None:
    @app.get("/healthz")
    async def healthz() -> JSONResponse:
        return JSONResponse({"status": "ok"})

    @app.get("/readyz")
    async def readyz() -> JSONResponse:
        checks = await _checked(readiness)
        ready = all(finding == "ok" for finding in checks.values())
        body = {"status": "ok" if ready else "not ready", "checks": checks}
        return JSONResponse(body, status_code=200 if ready else 503)


async def _checked(readiness: Readiness) -> dict[str, str]:
    try:
        with anyio.fail_after(READINESS_PATIENCE):
            return dict(await readiness())
    except TimeoutError:
        return {"readiness": f"no answer within {READINESS_PATIENCE:g} seconds"}
    except Exception as error:  # noqa: BLE001 - a check that fails is an answer too
        _log.warning("readiness_failed", error=type(error).__name__)
        return {"readiness": f"the check failed: {type(error).__name__}"}
