"""How the bot reaches Discord over REST."""

from __future__ import annotations

import logging
from dataclasses import replace

import anyio
import discord
import pytest
from discord.gateway import DiscordWebSocket
from discord.http import Route

from adapters.base import PlatformRefuses
from adapters.discord.connection import connected
from adapters.discord.settings import DiscordSettings
from adapters.discord.wire import Wire
from adapters.push.health import Health
from tests.adapters.discord.pace import QUICK
from tests.house import PATIENCE
from tests.simulators.discord_server.faults import banned, rate_limited, refusing, server_error
from tests.simulators.discord_server.refusals import MISSING_ACCESS, Refused
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
    with anyio.fail_after(PATIENCE):
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


async def test_whoever_stops_waiting_out_a_limit_over_all_holds_nobody_up(
    server: DiscordServer, settings: DiscordSettings
) -> None:
    channel = server.guild("Team", server.person("Ada")).channel("general").id
    server.faults.befall("GET /channels/{}", rate_limited(29, "global"))
    async with connected(settings, Health(0.0)) as client:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(client.http.get_channel, channel)
            await server.until_called("GET /channels/{}")
            await anyio.wait_all_tasks_blocked()
            tasks.cancel_scope.cancel()
        with anyio.fail_after(20):
            await client.http.get_channel(channel)


async def test_what_is_refused_is_counted_whoever_calls(
    server: DiscordServer, settings: DiscordSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.discord.caution.MOST", 3)
    route, wire = "GET /channels/{}", Wire()
    channel = server.guild("Team", server.person("Ada")).channel("general").id
    async with (
        connected(settings, Health(0.0), wire=wire) as one,
        connected(settings, Health(0.0), wire=wire) as other,
    ):
        server.faults.befall(route, rate_limited(0.01, "shared"), rate_limited(0.01))
        await one.http.get_channel(channel)
        for client in (one, other):
            server.faults.befall(route, refusing(Refused(*MISSING_ACCESS)))
            with pytest.raises(discord.Forbidden):
                await client.http.get_channel(channel)
        called = len(server.called(route))
        with pytest.raises(discord.RateLimited):
            await other.http.get_channel(channel)
    assert (called, len(server.called(route)), bool(wire.caution.trouble)) == (5, 5, True)
