"""One person on Telegram, Discord and the web page at once: three agents at first, then one."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import anyio
import httpx

from adapters.testing.signals import Changes
from tests.end_to_end import test_discord, test_telegram
from tests.end_to_end.home import Home, Serving, served
from tests.simulators.discord_server.people import Person as DiscordPerson
from tests.simulators.discord_server.server import DiscordServer
from tests.simulators.telegram_server.people import Person as TelegramPerson
from tests.simulators.telegram_server.server import TelegramServer

PATIENCE = 60.0
CODE = re.compile(r"/link ([A-Z0-9]{4}-?[A-Z0-9]{4})")


@dataclass
class WebPerson:
    """A browser that has the page open."""

    client: httpx.AsyncClient
    events: list[dict[str, Any]] = field(default_factory=list)
    changes: Changes = field(default_factory=Changes)

    async def follow(self) -> None:
        async with self.client.stream("GET", "/chat/events", timeout=None) as stream:
            async for line in stream.aiter_lines():
                if line.startswith("data: "):
                    self.events.append(json.loads(line.removeprefix("data: ")))
                    self.changes.tell()

    async def ask(self, text: str, wanted: str) -> str:
        """Write, and wait for something new that isn't ours and holds what is wanted."""
        before = len(self.events)
        body = {"text": text, "client_id": uuid.uuid4().hex}
        answer = (await self.client.post("/chat/messages", json=body)).json()
        if answer["outcome"] == "answered":
            return str(answer["text"])

        def said() -> list[str]:
            new = (each for each in self.events[before:] if "id" in each)
            final = (each["text"] for each in new if each.get("role") != "user")
            return [text for text in final if wanted in text]

        with anyio.fail_after(PATIENCE):
            await self.changes.until(lambda: bool(said()))
        return said()[0]


@asynccontextmanager
async def at_the_page(service: Serving) -> AsyncGenerator[WebPerson, None]:
    async with (
        httpx.AsyncClient(base_url=service.url, trust_env=False, timeout=PATIENCE) as client,
        anyio.create_task_group() as tasks,
    ):
        (await client.get("/")).raise_for_status()
        person = WebPerson(client)
        tasks.start_soon(person.follow)
        yield person
        tasks.cancel_scope.cancel()


@dataclass(frozen=True)
class Ada:
    """The same person on two chat platforms."""

    telegram: TelegramPerson
    discord: DiscordPerson

    async def asks_on_telegram(self, text: str, wanted: str = "") -> str:
        return (await test_telegram.ask(self.telegram, text, wanted)).text

    async def asks_on_discord(self, text: str, wanted: str = "") -> str:
        return (await test_discord.ask(self.discord, text, wanted)).text


async def test_three_identities_become_one_person_and_part_again(home: Home) -> None:
    async with TelegramServer() as telegram, DiscordServer() as discord:
        settings = test_telegram.settings_for(telegram, "polling")
        place = Home(home.folder, settings | test_discord.settings_for(discord))
        ada = Ada(telegram.person("Ada"), discord.person("Ada"))
        async with served(place) as service, at_the_page(service) as page:
            await discord.gateway.until_connected(within=PATIENCE)
            await ada.asks_on_telegram("My name is Ada and I live in Lisbon.", "Ada")
            await ada.asks_on_discord("I like green tea.", "green tea")
            await page.ask("I work as a nurse.", "nurse")
            assert "Lisbon" not in await ada.asks_on_discord("Where do I live?")
            assert "green tea" not in await page.ask("What do I like?", "")

            code = CODE.search(await ada.asks_on_telegram("/link", "/link "))
            assert code is not None
            preview = await ada.asks_on_discord(f"/link {code[1]}", "Lisbon")
            assert "green tea" in preview
            await ada.asks_on_discord("/link yes", "/unlink")
            assert "Lisbon" in await ada.asks_on_discord("Where do I live?", "Lisbon")
            assert "green tea" in await ada.asks_on_telegram("What do I like?", "green tea")
            assert "green tea" not in await page.ask("What do I like?", "")

            code = CODE.search(await page.ask("/link", "/link "))
            assert code is not None
            preview = await ada.asks_on_telegram(f"/link {code[1]}", "nurse")
            assert "Lisbon" in preview
            await ada.asks_on_telegram("/link yes", "/unlink")
            assert "Lisbon" in await page.ask("Where do I live?", "Lisbon")
            assert "green tea" in await page.ask("What do I like?", "green tea")
            assert "nurse" in await ada.asks_on_discord("What is my job?", "nurse")
