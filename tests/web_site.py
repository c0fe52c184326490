"""The web chat of a service in this process, behind a real port."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from adapters.web.guard import Guard
from agentcore.model import Model
from bot.http.app import create_app
from bot.web_chat import own_hosts, web_chat
from tests.house import PATIENCE, House, house, working
from tests.simulators.loopback import serving


@dataclass(frozen=True, slots=True)
class Site:
    """Where the page is, and the house behind it."""

    url: str
    home: House

    def browser(self, **headers: str) -> httpx.AsyncClient:
        """Somebody's browser, with a jar of cookies of its own."""
        return httpx.AsyncClient(base_url=self.url, headers=headers, timeout=PATIENCE)


@asynccontextmanager
async def site_of(folder: Path, *models: Model, **settings: Any) -> AsyncIterator[Site]:
    """A service at work, with these models, behind its port."""
    async with house(folder, *models, **settings) as home, working(home):
        app = create_app(
            readiness=_ready,
            service=home.parts.gateway,
            door_key="key",
            adapter_routes=web_chat(home.parts).routes(),
        )
        guarded = Guard(app, own_hosts(home.parts.settings))
        async with serving(guarded, closing=app.state.closing) as url:
            yield Site(url, home)


async def _ready() -> dict[str, str]:
    return {}
