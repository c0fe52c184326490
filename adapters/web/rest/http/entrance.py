"""What every request passes before a route sees it: who asks, and what they bring."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from adapters.bodies import TooLarge
from adapters.web.rest.http.errors import told
from adapters.web.rest.http.reading import read_ahead
from adapters.web.rest.http.refusals import Invalid, TooSlow
from adapters.web.rest.seams.callers import Admittance, Caller, Unauthorized
from agentcore.errors import StoreError, TooMany
from agentcore.records import AgentId

OPEN = frozenset({"/v1/health", "/v1/ready", "/openapi.json", "/docs", "/docs/style.css"})
"""Paths that ask for no token."""

MOST_AT_ONCE = 200
"""Requests with tokens of one agent that are answered at the same time, streams among them."""

_OLD_PASSWORD = "x-bare-password"  # noqa: S105 (a header's name)

_RELAYED = frozenset({"forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip"})
"""Headers by which proxies tell on whose behalf they ask."""


class Entrance:
    """ASGI middleware. Paths mean the same with a slash at their end and without. Routes find the
    caller in the request's state, and what is set when the service stops (see `HttpServer`).
    """

    def __init__(self, app: ASGIApp, admittance: Admittance) -> None:
        self._app = app
        self._admittance = admittance
        self._open: Counter[AgentId] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"].rstrip("/")
        state = {"closing": scope["app"].state.closing}
        scope = {**scope, "path": path, "raw_path": path.encode(), "state": state}
        with ExitStack() as until_answered:
            try:
                if path not in OPEN:
                    headers = Headers(scope=scope)
                    relayed = not _RELAYED.isdisjoint(headers.keys())
                    caller = await self._admittance.admit(_shown(headers), relayed=relayed)
                    until_answered.enter_context(self._counted(caller))
                    scope["state"]["caller"] = caller
                receive = await read_ahead(scope, receive)
            except (Unauthorized, TooMany, TooLarge, TooSlow, Invalid, StoreError) as error:
                await told(error)(scope, receive, send)
                return
            await self._app(scope, receive, send)

    @contextmanager
    def _counted(self, caller: Caller) -> Iterator[None]:
        """While a request is answered. An agent's token may be in many hands, an administrator's not.

        Raises:
            TooMany: as many as there may be are being answered for the agent.
        """
        agent_id = caller.agent
        if agent_id is None:
            yield
            return
        if self._open[agent_id] >= MOST_AT_ONCE:
            msg = f"{MOST_AT_ONCE} requests with tokens of this agent are open. End some of them first."
            raise TooMany(msg, retry_after=1.0)
        self._open[agent_id] += 1
        try:
            yield
        finally:
            self._open[agent_id] -= 1
            if not self._open[agent_id]:
                del self._open[agent_id]


def _shown(headers: Headers) -> str | None:
    """The token that a request shows, in either of the ways in which clients do."""
    scheme, _, token = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token.strip():
        return token.strip()
    word, _, password = headers.get(_OLD_PASSWORD, "").partition(" ")
    return password.strip() or None if word.lower() == "password" else None
