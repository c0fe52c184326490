"""Who may ask, and what a browser may do with the answer.

Every request must be addressed to a name of ours: a page elsewhere could let its own name point
here (DNS rebinding). Every request that changes something must come from a page of ours.
"""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOOPBACK = frozenset({"127.0.0.1", "localhost", "[::1]"})
PROBES = frozenset({"/healthz", "/readyz", "/metrics"})
"""Asked by machines that know only our number; they tell nothing that is anybody's."""

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
"""On every answer that has no value of its own for them."""

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def policy(nonce: str) -> str:
    """The content security policy of a page whose own script and style tags carry the nonce."""
    return (
        "default-src 'self'; "
        f"script-src 'self' 'nonce-{nonce}'; "
        f"style-src 'self' 'nonce-{nonce}'; "
        "img-src 'self' data:; connect-src 'self'; object-src 'none'; base-uri 'none'; "
        "form-action 'self'; frame-ancestors 'none'"
    )


class Guard:
    """ASGI middleware. `hosts`: the names we answer to, besides this machine's own."""

    def __init__(self, app: ASGIApp, hosts: Iterable[str] = ()) -> None:
        self._app = app
        self._hosts = LOOPBACK | {host.lower() for host in hosts}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def hardened(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        refusal = self._refusal(scope)
        app = self._app if refusal is None else JSONResponse({"detail": refusal}, 403)
        await app(scope, receive, hardened)

    def _refusal(self, scope: Scope) -> str | None:
        """Why the request isn't for us to answer."""
        if scope["path"] in PROBES:
            return None
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        if host_name(host) not in self._hosts:
            return "This address isn't one of this service's: add it with FAMILIAR_PUBLIC_URL."
        if scope["method"] in SAFE_METHODS:
            return None
        origin = headers.get("origin")
        if origin is not None and urlsplit(origin).netloc.lower() != host.lower():
            return "Pages from elsewhere may not change anything here."
        if headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
            return "Pages from elsewhere may not change anything here."
        return None


def host_name(host: str) -> str:
    """A Host header without its port, in lower case."""
    name, colon, port = host.rpartition(":")
    return (name if colon and port.isdecimal() else host).lower()
