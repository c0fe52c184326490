"""A post office over a Discord server whose time stands still, and who is there."""

from __future__ import annotations

from collections.abc import AsyncGenerator

import pytest

from adapters.discord.sending import Sending
from tests.adapters.discord.sending.post_office import PostOffice
from tests.simulators.discord_server.channels import Channel
from tests.simulators.discord_server.guilds import Guild
from tests.simulators.discord_server.people import Person
from tests.simulators.discord_server.server import DiscordServer
from tests.simulators.timeline import SteppedTimeline


@pytest.fixture
async def server(time: SteppedTimeline) -> AsyncGenerator[DiscordServer, None]:
    async with DiscordServer(timeline=time, limits=None) as server:
        yield server


@pytest.fixture
def office(server: DiscordServer, time: SteppedTimeline) -> PostOffice:
    return PostOffice(server, time)


@pytest.fixture
async def sending(office: PostOffice) -> AsyncGenerator[Sending, None]:
    async with office.opened() as sending:
        yield sending


@pytest.fixture
def ada(server: DiscordServer) -> Person:
    """On one server with the bot."""
    ada = server.person("Ada")
    server.guild("Us", ada)
    return ada


@pytest.fixture
def guild(server: DiscordServer, ada: Person) -> Guild:
    (guild,) = (each for each in server.world.guilds.values() if ada.id in each.members)
    return guild


@pytest.fixture
def general(guild: Guild) -> Channel:
    return guild.channel("general")
