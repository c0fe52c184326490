"""Commands whose connection ends, and what is written later by who has only used commands."""

from __future__ import annotations

from collections.abc import AsyncGenerator

import pytest

from adapters.discord.answers import Answers
from tests.adapters.discord.bot_at_work import BotAtWork
from tests.simulators.discord_server.client import call
from tests.simulators.discord_server.people import Person
from tests.simulators.discord_server.server import DiscordServer


@pytest.fixture
async def server() -> AsyncGenerator[DiscordServer, None]:
    """In the time of the host, by which is judged what is too old."""
    async with DiscordServer(limits=None) as server:
        yield server


async def test_whoever_used_a_command_is_heard_after_the_bot_was_away(
    server: DiscordServer, ada: Person, bob: Person
) -> None:
    bot = BotAtWork(server)
    command = {"name": "memory", "description": "what is kept", "contexts": [1]}
    await call(server, "PUT", f"/applications/{server.bot.id}/commands", [command])
    async with bot.running():
        bob.writes("hello")
        await bot.received(1)
        ada.uses("/memory")
        await bot.service.until(lambda: len(bot.interactions) == 1)
    ada.writes("and then?")
    async with bot.running():
        heard = await bot.received(2)

    assert heard[-1].parts[0].text == "and then?"
    assert heard[-1].address == bot.addresses.of_person(ada.id)


async def test_a_command_is_answered_though_the_connection_that_told_of_it_has_ended(
    server: DiscordServer, ada: Person
) -> None:
    bot = BotAtWork(server)
    command = {"name": "memory", "description": "what is kept", "contexts": [1]}
    await call(server, "PUT", f"/applications/{server.bot.id}/commands", [command])
    async with bot.running():
        ada.uses("/memory")
        await bot.service.until(lambda: len(bot.interactions) == 1)
        connections = len(server.gateway.sent(2))
        server.gateway.send_malformed()
        await server.gateway.until_sent(2, connections + 1)
        answers = Answers(bot.interactions[0])
        await answers.say("Nothing is kept. " * 150)
        assert answers.noticed == "yes"
    assert len([each for each in ada.shown() if each.ephemeral]) == 2
