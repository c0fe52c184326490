"""A Discord server whose time stands still, a team with a channel, and a bot."""

from __future__ import annotations

from collections.abc import AsyncGenerator

import pytest

from tests.adapters.discord.surface.desk import Bot
from tests.simulators.discord_server.channels import Channel
from tests.simulators.discord_server.people import Person
from tests.simulators.discord_server.server import DiscordServer
from tests.simulators.timeline import SteppedTimeline


@pytest.fixture
async def server(time: SteppedTimeline) -> AsyncGenerator[DiscordServer, None]:
    async with DiscordServer(timeline=time, limits=None) as server:
        yield server


@pytest.fixture
def bot(server: DiscordServer) -> Bot:
    return Bot(server)


@pytest.fixture
def bob(server: DiscordServer) -> Person:
    return server.person("Bob", locale="de")


@pytest.fixture
def general(server: DiscordServer, ada: Person, bob: Person) -> Channel:
    """Of a team that is Ada's."""
    return server.guild("Team", ada, bob).channel("general")
