"""A service with its REST API on a port of its own, and its turns being taken."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from adapters.web.guard import Guard
from agentcore.model import Model
from bot.app import Replacements
from bot.http.app import create_app
from bot.rest_api import api_route
from tests.apart import apart
from tests.house import PATIENCE, House, house, working
from tests.simulators.loopback import serving


@dataclass(frozen=True, slots=True)
class ApiSite:
    """`url` is for clients that bring their own HTTP, `http` asks it as an administrator does."""

    home: House
    url: str
    http: httpx.AsyncClient

    async def agent(self, **body: Any) -> dict[str, Any]:
        """A new agent, made over the API."""
        made = await self.http.post("/v1/agents", json={"model": "openai/gpt-4o-mini", **body})
        assert made.status_code == 200, made.text
        state: dict[str, Any] = made.json()
        return state


@asynccontextmanager
async def api_site(
    folder: Path,
    *models: Model,
    replacements: Replacements | None = None,
    token: str | None = None,
    **settings: Any,
) -> AsyncIterator[ApiSite]:
    """`models`: scripted ones, best first; the offline model where there are none. It is held by a
    task of its own, so that one may serve all tests of a module.
    """
    if token is not None:
        settings["api_token"] = token

    @asynccontextmanager
    async def opened() -> AsyncIterator[ApiSite]:
        async with (
            house(folder, *models, replacements=replacements, **settings) as home,
            working(home),
            served(home) as site,
        ):
            yield site

    async with apart(opened()) as site:
        yield site


@asynccontextmanager
async def served(home: House) -> AsyncIterator[ApiSite]:
    """The API of a house, on a free port of the loopback address."""
    app = create_app(
        readiness=_ready,
        service=home.parts.gateway,
        door_key="key",
        adapter_routes=[api_route(home.parts)],
    )
    token = home.parts.settings.api_token
    headers = {} if token is None else {"Authorization": f"Bearer {token.get_secret_value()}"}
    async with (
        serving(Guard(app), closing=app.state.closing) as url,
        httpx.AsyncClient(base_url=url, headers=headers, timeout=PATIENCE) as client,
    ):
        yield ApiSite(home, url, client)


async def _ready() -> dict[str, str]:
    return {}
