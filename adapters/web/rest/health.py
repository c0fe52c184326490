"""Whether the server is there: open to everybody, as clients expect."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from adapters.web.rest.answers import answer
from adapters.web.rest.backend import Backend

LETTA_VERSION = "0.16.8"
"""The version of the API that is spoken."""


def router(_backend: Backend) -> APIRouter:
    routes = APIRouter(tags=["health"])

    @routes.get("/health")
    async def health() -> Response:
        return answer({"version": LETTA_VERSION, "status": "ok"})

    return routes
