"""The real client, talking to the server as it would to Discord."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
import discord
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route

from adapters.discord.connection import note_sockets, taken_leave_of
from tests.simulators.discord_server.server import DiscordServer


@contextmanager
def pointed_at(server: DiscordServer) -> Generator[None, None, None]:
    """Within, discord.py takes this server for Discord; nothing else of it is changed."""
    base, gateway = Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY
    Route.BASE = server.api_url
    DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(server.gateway_url)
    try:
        yield
    finally:
        Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = base, gateway


class Listener(discord.Client):
    """A client that notes what it hears, in order, and doesn't wait five seconds to begin anew."""

    def __init__(self, server: DiscordServer, **options: Any) -> None:
        intents = options.pop("intents", None) or discord.Intents.all()
        options = {"guild_ready_timeout": 0.02, "chunk_guilds_at_startup": False} | options
        super().__init__(intents=intents, **options)
        self.server = server
        self.heard: list[tuple[str, tuple[Any, ...]]] = []

    def dispatch(self, event: str, /, *args: Any, **kwargs: Any) -> None:
        self.heard.append((event, args))
        self.server.bell.ring()
        super().dispatch(event, *args, **kwargs)

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """The next session may begin at once."""

    def all_of(self, event: str) -> list[Any]:
        """What came with every such event, the first of it."""
        return [args[0] if args else None for name, args in self.heard if name == event]

    async def hears(self, event: str, count: int = 1, *, within: float = 5.0) -> Any:
        """Wait for the so-manyth such event; what came with it."""
        await self.server.bell.until(lambda: len(self.all_of(event)) >= count, within=within)
        return self.all_of(event)[count - 1]


@asynccontextmanager
async def connected(
    server: DiscordServer, *, ready: bool = True, **options: Any
) -> AsyncGenerator[Listener, None]:
    """A client that is connected, and ready unless told otherwise."""
    with pointed_at(server):
        async with Listener(server, **options) as client, asyncio.TaskGroup() as tasks:
            note_sockets(client)
            running = tasks.create_task(client.start(server.token))
            try:
                if ready:
                    await client.hears("ready")
                yield client
            finally:
                await taken_leave_of(client)
                running.cancel()


@dataclass(frozen=True, slots=True)
class Said:
    """An answer as it came: JSON where it is some, else text."""

    status: int
    body: Any
    headers: dict[str, str]


async def call(
    server: DiscordServer, method: str, path: str, body: Any = None, *, token: str = ""
) -> Said:
    """One call without the library, which would wait and try again."""
    headers = {"Authorization": f"Bot {token or server.token}"}
    data = body if isinstance(body, str | None) else json.dumps(body)
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.request(method, server.api_url + path, data=data) as answer,
    ):
        text = await answer.text()
        told = answer.headers.get("Content-Type") == "application/json"
        return Said(answer.status, json.loads(text) if told else text, dict(answer.headers))
