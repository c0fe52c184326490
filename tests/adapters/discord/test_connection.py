"""How the bot reaches Discord over REST."""

from __future__ import annotations

import logging
from dataclasses import replace

import anyio
import pytest
from discord.gateway import DiscordWebSocket
from discord.http import Route

from adapters.base import PlatformRefuses
from adapters.discord.connection import connected
from adapters.discord.settings import DiscordSettings
from adapters.push.health import Health
from tests.adapters.discord.pace import QUICK
from tests.simulators.discord_server.faults import banned, server_error
from tests.simulators.discord_server.server import DiscordServer
from tests.simulators.faults import ConnectionCut


@pytest.fixture
def settings(server: DiscordServer) -> DiscordSettings:
    return DiscordSettings(server.token, server.api_url, server.gateway_url)


async def test_the_bot_is_logged_in_and_never_seen_at_the_gateway(
    server: DiscordServer, settings: DiscordSettings
) -> None:
    before = Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY
    health = Health(0.0)
    async with connected(settings, health) as client:
        assert client.user is not None
        assert str(client.user.id) == settings.bot_id
        general = server.guild("Team", server.person("Ada")).channel("general")
        await client.get_partial_messageable(general.id).send("Hello @everyone")
        assert (await general.sees("Hello")).notified == frozenset()
    assert server.gateway.connections == []
    assert health.told() == "ok"
    assert before == (Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY)


async def test_the_library_logs_nothing_as_its_lines_hold_tokens(
    settings: DiscordSettings,
) -> None:
    theirs = logging.getLogger("discord.http")
    async with connected(settings, Health(0.0)):
        assert not theirs.isEnabledFor(logging.CRITICAL)
    assert theirs.isEnabledFor(logging.CRITICAL)


async def test_discord_is_asked_again_until_it_answers(
    server: DiscordServer, settings: DiscordSettings
) -> None:
    health = Health(0.0)
    server.faults.befall("GET /users/@me", server_error(503), banned(), ConnectionCut())
    server.faults.befall("GET /oauth2/applications/@me", server_error(503))
    async with connected(settings, health, QUICK) as client:
        assert client.application_id == server.bot.id
    assert health.told() == "ok"


async def test_while_discord_is_away_health_says_so(
    server: DiscordServer, settings: DiscordSettings
) -> None:
    health = Health(0.0)
    server.faults.befall("GET /users/@me", *[server_error(503)] * 5_000)
    with anyio.move_on_after(5):
        async with anyio.create_task_group() as tasks:

            async def runs() -> None:
                async with connected(settings, health, QUICK):
                    pytest.fail("nobody is there")

            tasks.start_soon(runs)
            await server.until_called("GET /users/@me", 3)
            assert health.told() == "Discord can't be reached: DiscordServerError"
            tasks.cancel_scope.cancel()


async def test_a_token_that_is_refused_is_the_operators_to_mend(settings: DiscordSettings) -> None:
    wrong = replace(settings, token="MTEwMDAwMDAwMDAwMDAwMDAwMQ.Gwrong." + "x" * 30)
    with pytest.raises(PlatformRefuses, match="DISCORD_BOT_TOKEN") as caught:
        async with connected(wrong, Health(0.0)):
            pytest.fail("it was let in")
    assert "Gwrong" not in str(caught.value)
