"""A Discord server whose time stands still, a guild with two people, and a client that listens."""

from __future__ import annotations

from collections.abc import AsyncGenerator

import pytest

from tests.simulators.discord_server.channels import Channel
from tests.simulators.discord_server.client import Listener, connected
from tests.simulators.discord_server.people import Person
from tests.simulators.discord_server.server import DiscordServer
from tests.simulators.timeline import SteppedTimeline


@pytest.fixture
async def server(time: SteppedTimeline) -> AsyncGenerator[DiscordServer, None]:
    async with DiscordServer(timeline=time, limits=None) as server:
        yield server


@pytest.fixture
def ada(server: DiscordServer) -> Person:
    return server.person("Ada")


@pytest.fixture
def bob(server: DiscordServer) -> Person:
    return server.person("Bob")


@pytest.fixture
def general(server: DiscordServer, ada: Person, bob: Person) -> Channel:
    return server.guild("Team", ada, bob).channel("general")


@pytest.fixture
async def client(server: DiscordServer, general: Channel) -> AsyncGenerator[Listener, None]:
    async with connected(server) as client:
        assert client.get_channel(general.id) is not None
        yield client
