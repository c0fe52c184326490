"""The web chat as an adapter: a pull platform with routes."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import anyio
from starlette.routing import Route

from adapters.base import Capabilities, Service
from adapters.delivery import MessageRejected, Outbound, Piece, Sent
from adapters.surroundings import Surroundings
from adapters.web.page import Page
from adapters.web.routes import WebRoutes
from adapters.web.visitors import NAME, Visitors

MAX_TEXT = 64_000


class WebAdapter:
    """`Adapter` with `HasRoutes`. Its clients follow the service's feed; nothing is sent."""

    def __init__(self, service: Service, surroundings: Surroundings, visitors: Visitors) -> None:
        self._routes = WebRoutes(service, surroundings, visitors, Page(surroundings))

    @property
    def name(self) -> str:
        return NAME

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities(delivery="pull", max_text=MAX_TEXT)

    def routes(self) -> Sequence[Route]:
        return self._routes.routes()

    async def run(self, ready: Callable[[], None]) -> None:
        ready()
        await anyio.sleep_forever()

    def compose(self, text: str, *, plain: bool = False) -> Sequence[Piece]:
        return [Piece(text)] if text.strip() else []

    async def send(self, chunk: Outbound) -> Sent:
        msg = "the web page reads the feed: nothing is sent to it"
        raise MessageRejected(msg)
