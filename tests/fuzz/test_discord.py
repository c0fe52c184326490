"""Discord's events, damaged in any way, on their way from its gateway into the database."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import discord
import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from adapters.base import Inbound, Receipt, Service
from adapters.discord.interactions import Interactions
from adapters.testing import FakeForms, FakeService, fake_context
from tests.adapters.damage import damaged
from tests.adapters.discord.bot_at_work import BotAtWork
from tests.adapters.discord.surface.desk import QUICK
from tests.apart import apart
from tests.fuzz.amounts import examples
from tests.fuzz.discord_events import sound_events
from tests.fuzz.material import ANYTHING
from tests.house import house
from tests.simulators.discord_server.people import Person
from tests.simulators.discord_server.server import DiscordServer

SOUND = sound_events(DiscordServer(limits=None))
BODIES = [each["d"] for each in SOUND]
NAMES = [each["t"] for each in SOUND]
OTHERS = ["READY", "RESUMED", "GUILD_DELETE", "CHANNEL_CREATE", "CHANNEL_DELETE", "THREAD_CREATE"]
OTHERS += ["THREAD_LIST_SYNC", "GUILD_ROLE_UPDATE", "GUILD_MEMBER_UPDATE", "MESSAGE_DELETE_BULK"]

_words = itertools.count()


class Stored(FakeService):
    """Keeps what a real service has taken in."""

    def __init__(self, service: Service) -> None:
        super().__init__()
        self._real = service
        self.unstored: list[str] = []

    async def accept(self, inbound: Inbound) -> Receipt:
        try:
            await self._real.accept(inbound)
        except Exception as error:
            self.unstored.append(f"{inbound}: {error!r}")
            raise
        return await super().accept(inbound)


@dataclass
class Bot(BotAtWork):
    """Answers interactions too."""

    interactions_taken: Interactions | None = field(default=None)

    async def _interact(self, interaction: discord.Interaction) -> None:
        if self.interactions_taken is None:
            context = fake_context(self.service, forms=FakeForms())
            self.interactions_taken = Interactions(context, self.addresses, self.order, QUICK)
        await self.interactions_taken.take(interaction)


@dataclass(frozen=True, slots=True)
class Town:
    """A Discord, and the bot before a real service."""

    server: DiscordServer
    bot: Bot
    service: Stored
    cleo: Person
    """Whom the bot knows, so that it finds what it missed of her."""

    async def hears_on(self, event: str, body: Any) -> None:
        """After an event, whatever it was, what somebody writes comes through."""
        self.server.gateway.send_malformed(event, body)
        text = f"word {next(_words)}"
        self.cleo.writes(text)
        await self.service.until(lambda: text in self.bot.texts(self.cleo)[-2:])
        assert self.service.unstored == []


@asynccontextmanager
async def _town(folder: Path) -> AsyncIterator[Town]:
    async with DiscordServer(limits=None) as server, house(folder) as home:
        service = Stored(home.parts.gateway)
        bot = Bot(server, message_content=True, service=service)
        async with bot.running():
            cleo = server.person("Cleo")
            cleo.writes("Hello")
            await bot.received(1)
            yield Town(server, bot, service, cleo)


@pytest.fixture(scope="module")
async def town(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Town]:
    with capture_logs():
        async with apart(_town(tmp_path_factory.mktemp("discord"))) as opened:
            yield opened


@examples(30)
@given(damaged(SOUND, ANYTHING))
async def test_after_a_damaged_event_others_are_heard(town: Town, event: dict[str, Any]) -> None:
    name = event.get("t")
    await town.hears_on(name if isinstance(name, str) else "MESSAGE_CREATE", event.get("d"))


@examples(20)
@given(st.sampled_from([*NAMES, *OTHERS]), ANYTHING | st.sampled_from(BODIES))
async def test_after_any_event_others_are_heard(town: Town, name: str, body: Any) -> None:
    await town.hears_on(name, body)


@examples(10)
@given(damaged([each["d"] for each in SOUND if each["t"] == "INTERACTION_CREATE"], ANYTHING))
async def test_after_a_damaged_press_others_are_heard(town: Town, body: dict[str, Any]) -> None:
    await town.hears_on("INTERACTION_CREATE", body)
