"""What every request passes before a route sees it: who asks, and how much may be sent."""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from adapters.bodies import TooLarge
from adapters.web.rest.callers import Admittance, Unauthorized
from adapters.web.rest.errors import told
from agentcore.errors import TooMany

MAX_BODY = 16 * 1024 * 1024
"""Bytes of one request."""

OPEN = frozenset({"/v1/health", "/v1/ready"})
"""Paths that ask for no token."""

_OLD_PASSWORD = "x-bare-password"  # noqa: S105 (a header's name)


class Entrance:
    """ASGI middleware. Paths mean the same with a slash at their end and without."""

    def __init__(self, app: ASGIApp, admittance: Admittance) -> None:
        self._app = app
        self._admittance = admittance

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"].rstrip("/")
        scope = {**scope, "path": path, "raw_path": path.encode(), "state": {}}
        headers = Headers(scope=scope)
        try:
            if path not in OPEN:
                scope["state"]["caller"] = await self._admittance.admit(_shown(headers))
            _require_fitting(headers)
        except (Unauthorized, TooMany, TooLarge) as error:
            await told(error)(scope, receive, send)
            return
        await self._app(scope, _counted(receive), send)


def _shown(headers: Headers) -> str | None:
    """The token that a request shows, in either of the ways in which clients do."""
    scheme, _, token = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token.strip():
        return token.strip()
    word, _, password = headers.get(_OLD_PASSWORD, "").partition(" ")
    return password.strip() or None if word.lower() == "password" else None


def _require_fitting(headers: Headers) -> None:
    declared = headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > MAX_BODY:
        raise TooLarge


def _counted(receive: Receive) -> Receive:
    """The body, until there is too much of it."""
    size = 0

    async def counted() -> Message:
        nonlocal size
        message = await receive()
        size += len(message.get("body", b""))
        if size > MAX_BODY:
            raise TooLarge
        return message

    return counted
