"""Whether the server is there, and can serve: open to everybody, as clients expect."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import APIRouter
from starlette.responses import Response

from adapters.web.rest.http.answers import answer
from adapters.web.rest.seams.backend import Backend

LETTA_VERSION = "0.16.8"
"""The version of the API that is spoken."""


def router(backend: Backend) -> APIRouter:
    routes = APIRouter(prefix="/v1", tags=["health"])

    @routes.get("/health")
    async def health() -> Response:
        """The server is there."""
        return answer(_health())

    @routes.get("/ready")
    async def ready() -> Response:
        """The server reaches its database; else 503."""
        await backend.store.next_ready()
        return answer(_health())

    return routes


def _health() -> Mapping[str, str]:
    return {"version": LETTA_VERSION, "status": "ok"}
