"""`/metrics`: the service's figures, for whoever may see them.

They name no person, but tell how much a service is used and what it costs. So they are for this
machine (a loopback host, asked for by a loopback name: DNS rebinding), or for whoever has the
operator's token.
"""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from adapters.web.guard import LOOPBACK, host_name


@dataclass(frozen=True, slots=True)
class Scraping:
    """How the figures are got, and from whom they are kept. `token`: the operator's, if there is
    one. `loopback`: whether only this machine can reach the service.
    """

    figures: Callable[[], Awaitable[bytes]]
    content_type: str
    loopback: bool
    token: str | None = field(default=None, repr=False)


def metrics_route(scraping: Scraping) -> Route:
    async def metrics(request: Request) -> Response:
        _admit(request, scraping)
        return Response(await scraping.figures(), media_type=scraping.content_type)

    return Route("/metrics", metrics)


def _admit(request: Request, scraping: Scraping) -> None:
    given = request.headers.get("authorization")
    if given is not None:
        kind, _, token = given.partition(" ")
        expected = scraping.token or ""
        same = secrets.compare_digest(token.strip().encode("latin-1"), expected.encode())
        if not expected or kind.lower() != "bearer" or not same:
            raise HTTPException(401, "this isn't the token FAMILIAR_API_TOKEN", _CHALLENGE)
        return
    if not scraping.loopback:
        raise HTTPException(
            401, "send the header Authorization: Bearer FAMILIAR_API_TOKEN", _CHALLENGE
        )
    if host_name(request.headers.get("host", "")) not in LOOPBACK:
        raise HTTPException(403, "without a token, ask by this machine's loopback address")


_CHALLENGE = {"WWW-Authenticate": "Bearer"}
