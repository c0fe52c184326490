from __future__ import annotations

from collections.abc import AsyncGenerator

import pytest

from tests.adapters.discord.bot_at_work import BotAtWork
from tests.simulators.discord_server.people import Person
from tests.simulators.discord_server.server import DiscordServer


@pytest.fixture
async def server() -> AsyncGenerator[DiscordServer, None]:
    async with DiscordServer(limits=None) as server:
        yield server


@pytest.fixture
def bot(server: DiscordServer) -> BotAtWork:
    return BotAtWork(server)


@pytest.fixture
def ada(server: DiscordServer) -> Person:
    return server.person("Ada")
