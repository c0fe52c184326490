"""The Discord simulator's gateway, as discord.py lives on it: sessions, replays and what breaks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

import discord
import pytest

from tests.simulators.discord_server.accounts import Bot
from tests.simulators.discord_server.client import Listener, connected, pointed_at
from tests.simulators.discord_server.intents import Intent
from tests.simulators.discord_server.server import DiscordServer
from tests.simulators.timeline import SteppedTimeline


@pytest.fixture
async def client(server: DiscordServer) -> AsyncGenerator[Listener, None]:
    async with connected(server) as client:
        yield client


def texts(client: Listener) -> list[str]:
    return [each.content for each in client.all_of("message")]


async def test_guilds_come_after_ready_and_may_come_late(server: DiscordServer) -> None:
    ada, bob = server.person("Ada"), server.person("Bob")
    team = server.guild("Team", ada, bob)
    general = team.channel("general")
    team.role("Crew", bob)
    server.gateway.holds_guilds()
    async with connected(server) as client:
        guild = client.get_guild(team.id)
        assert guild is not None
        assert guild.unavailable
        server.gateway.releases_guilds()
        assert await client.hears("guild_available") == guild
        assert client.get_channel(general.id) is not None
        assert [role.name for role in guild.roles] == ["@everyone", "Familiar", "Crew"]
        assert guild.me.id == server.bot.id
        other = server.guild("Other", bob)
        assert (await client.hears("guild_join")).id == other.id
        other.removes_bot()
        assert (await client.hears("guild_remove")).id == other.id
        team.goes_away()
        assert (await client.hears("guild_unavailable")).id == team.id
        ada.writes("unheard", channel=general)
        team.comes_back()
        await client.hears("guild_available", 2)
        ada.writes("heard", channel=general)
        await client.hears("message")
        assert texts(client) == ["heard"]


async def test_contents_come_only_with_the_intent_or_where_the_bot_is_meant(
    server: DiscordServer,
) -> None:
    ada, bob = server.person("Ada"), server.person("Bob")
    general = server.guild("Team", ada, bob).channel("general")
    intents = discord.Intents(guilds=True, guild_messages=True, dm_messages=True)
    async with connected(server, intents=intents) as client:
        first = ada.writes("among us", channel=general)
        bob.writes("and what of <@bot>?", channel=general, reply_to=first)
        ada.writes("a secret")
        await client.get_partial_messageable(general.id).send("mine")
        ada.reacts(first, "👍", channel=general)
        ada.types(channel=general)
        bob.writes("the end", channel=general)
        await client.hears("message", 5)
        assert texts(client) == ["", f"and what of <@{server.bot.id}>?", "a secret", "mine", ""]
        answered = client.all_of("message")[1].reference.resolved
        assert answered.content == "", "what is answered needs the right for itself"
        assert not client.all_of("raw_reaction_add")
        assert not client.all_of("raw_typing")


async def test_calls_give_no_contents_to_an_application_without_the_right(
    time: SteppedTimeline,
) -> None:
    bot = Bot(privileged=Intent(0))
    async with DiscordServer(bot=bot, timeline=time, limits=None) as server:
        ada = server.person("Ada")
        general = server.guild("Team", ada).channel("general")
        number = ada.writes("among us", channel=general)
        intents = discord.Intents(guilds=True, dm_messages=True)
        async with connected(server, intents=intents) as client:
            read = await client.get_partial_messageable(general.id).fetch_message(number)
            assert read.content == ""


async def test_a_resumed_session_hears_what_it_missed_and_only_that(
    server: DiscordServer, client: Listener
) -> None:
    ada = server.person("Ada")
    ada.writes("one")
    await client.hears("message")
    server.gateway.cut()
    ada.writes("two")
    ada.writes("three")
    await client.hears("resumed")
    assert texts(client) == ["one", "two", "three"]

    server.gateway.reconnect_asked()
    await client.hears("resumed", 2)
    server.gateway.invalid_session(resumable=True)
    await client.hears("resumed", 3)
    server.gateway.close(4000)
    ada.writes("four")
    await client.hears("resumed", 4)
    assert texts(client) == ["one", "two", "three", "four"]
    server.gateway.replays_more(3)
    server.gateway.cut()
    await client.hears("message", 5)
    assert texts(client)[-1] == "four", "what was heard before may come again"
    assert len(server.gateway.sent(2)) == 1
    assert len(client.all_of("ready")) == 1


async def test_the_same_event_may_come_twice(server: DiscordServer, client: Listener) -> None:
    server.person("Ada").writes("one")
    server.gateway.repeat_last_event()
    await client.hears("message", 2)
    first, second = client.all_of("message")
    assert first.id == second.id


async def test_what_a_lost_session_missed_is_told_by_the_history_alone(
    server: DiscordServer, client: Listener, time: SteppedTimeline
) -> None:
    ada = server.person("Ada")
    ada.writes("one")
    await client.hears("message")
    server.gateway.invalid_session(resumable=False)
    ada.writes("two")
    await client.hears("ready", 2)
    assert texts(client) == ["one"]

    with pointed_at(server):
        server.gateway.cut()
        await server.until_left()
        time.advance(91)
        ada.writes("three")
        await client.hears("ready", 3)
    assert texts(client) == ["one"]
    first = client.all_of("message")[0]
    history = [each.content async for each in first.channel.history(after=first)]
    assert history == ["two", "three"]


async def test_a_session_that_the_server_forgot_begins_anew(
    server: DiscordServer, client: Listener
) -> None:
    server.gateway.forgets_sessions()
    server.gateway.cut()
    await client.hears("ready", 2)
    assert [each["op"] for each in server.gateway.received if each["op"] != 1] == [2, 6, 2]


async def test_unanswered_heartbeats_make_the_client_resume(time: SteppedTimeline) -> None:
    async with (
        DiscordServer(timeline=time, limits=None, heartbeat=0.05) as server,
        connected(server, heartbeat_timeout=0.2) as client,
    ):
        await server.gateway.until_sent(1, 3)
        server.gateway.lose_acks()
        await client.hears("disconnect")
        server.gateway.lose_acks(lost=False)
        await client.hears("resumed")
        assert server.gateway.sent(6)


@pytest.mark.parametrize("code", [4004, 4010, 4011, 4012, 4013, 4014])
async def test_some_closings_are_final(server: DiscordServer, code: int) -> None:
    with pointed_at(server):
        async with Listener(server) as client, asyncio.TaskGroup() as tasks:
            running = tasks.create_task(_ended(client, server))
            await client.hears("ready")
            server.gateway.close(code)
            error = await running
    if code == 4014:
        assert isinstance(error, discord.PrivilegedIntentsRequired)
    else:
        assert isinstance(error, discord.ConnectionClosed)
        assert error.code == code


async def _ended(client: Listener, server: DiscordServer) -> BaseException:
    with pytest.raises((discord.ConnectionClosed, discord.PrivilegedIntentsRequired)) as caught:
        await client.start(server.token)
    return caught.value


async def test_intents_that_were_not_granted_are_refused(time: SteppedTimeline) -> None:
    bot = Bot(privileged=Intent(0))
    async with DiscordServer(bot=bot, timeline=time, limits=None) as server:
        with pointed_at(server):
            async with Listener(server) as client:
                assert isinstance(await _ended(client, server), discord.PrivilegedIntentsRequired)


async def test_a_wrong_token_is_refused(server: DiscordServer) -> None:
    with pointed_at(server):
        async with Listener(server) as client:
            with pytest.raises(discord.LoginFailure):
                await client.start("wrong")


async def test_one_malformed_event_ends_the_client(server: DiscordServer) -> None:
    with pointed_at(server):
        async with Listener(server) as client, asyncio.TaskGroup() as tasks:
            running = tasks.create_task(_broken(client, server))
            await client.hears("ready")
            server.gateway.send_malformed()
            assert isinstance(await running, KeyError)


async def _broken(client: Listener, server: DiscordServer) -> BaseException:
    with pytest.raises(KeyError) as caught:
        await client.start(server.token)
    return caught.value


async def test_members_are_told_when_asked_for(server: DiscordServer, client: Listener) -> None:
    ada, bob = server.person("Ada"), server.person("Bob")
    team = server.guild("Team", ada, bob)
    guild = await client.hears("guild_join")
    assert guild.get_member(bob.id) is None
    assert [each.id for each in await guild.query_members(user_ids=[bob.id, 7])] == [bob.id]
    assert [each.id for each in await guild.query_members("ad")] == [ada.id]
    await guild.chunk()
    assert {each.id for each in guild.members} == {ada.id, bob.id, server.bot.id}
    await client.change_presence(activity=discord.Game("chess"))
    await server.gateway.until_sent(3)
    bob.is_called("Bobby", team)
    await client.hears("member_update")
    bob.leaves(team)
    assert (await client.hears("member_remove")).nick == "Bobby"


async def test_shards_hear_of_their_own_guilds_and_the_first_of_dms(
    server: DiscordServer, time: SteppedTimeline
) -> None:
    ada = server.person("Ada")
    guilds = []
    for number in range(2):
        time.advance(0.001)
        guilds.append(server.guild(f"Team {number}", ada))
    numbers = [(each.id >> 22) % 2 for each in guilds]
    async with (
        connected(server, shard_id=numbers[0], shard_count=2) as one,
        connected(server, shard_id=numbers[1], shard_count=2) as other,
    ):
        assert [each.id for each in one.guilds] == [guilds[0].id]
        assert [each.id for each in other.guilds] == [guilds[1].id]
        ada.writes("for the first shard")
        for each in guilds:
            ada.writes("among us", channel=each.channel("general"))
        first, second = (one, other) if numbers[0] == 0 else (other, one)
        await first.hears("message", 2)
        await second.hears("message")
        assert texts(first) == ["for the first shard", "among us"]
        assert texts(second) == ["among us"]


async def test_the_server_may_ask_for_a_heartbeat(server: DiscordServer, client: Listener) -> None:
    assert client.is_ready()
    count = len(server.gateway.sent(1))
    server.gateway.asks_for_heartbeat()
    await server.gateway.until_sent(1, count + 1)


async def test_a_client_of_many_shards_asks_where_to_go(server: DiscordServer) -> None:
    class Sharded(discord.AutoShardedClient):
        async def on_shard_ready(self, _number: int) -> None:
            there.set()

    there = asyncio.Event()
    with pointed_at(server):
        intents = discord.Intents.none()
        async with (
            Sharded(intents=intents, guild_ready_timeout=0.01) as client,
            asyncio.TaskGroup() as tasks,
        ):
            running = tasks.create_task(client.start(server.token))
            await there.wait()
            assert client.shard_count == 1
            assert len(server.called("GET /gateway/bot")) == 1
            await client.close()
            running.cancel()


async def test_typing_of_people_is_told(server: DiscordServer, client: Listener) -> None:
    ada = server.person("Ada")
    general = server.guild("Team", ada).channel("general")
    ada.types(channel=general)
    ada.types()
    await client.hears("raw_typing", 2)
    assert [each.user_id for each in client.all_of("raw_typing")] == [ada.id, ada.id]
