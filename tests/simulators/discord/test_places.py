"""Guilds, threads and DMs in the Discord simulator: where the bot may do what."""

from __future__ import annotations

from typing import Any

import discord
import pytest

from tests.simulators.discord.asking import refused, there
from tests.simulators.discord_server.channels import Channel
from tests.simulators.discord_server.client import Listener, call
from tests.simulators.discord_server.guilds import Guild
from tests.simulators.discord_server.people import Person
from tests.simulators.discord_server.permissions import P
from tests.simulators.discord_server.server import DiscordServer
from tests.simulators.timeline import SteppedTimeline


@pytest.fixture
def team(server: DiscordServer, ada: Person, bob: Person) -> Guild:
    return server.guild("Team", ada, bob)


@pytest.fixture
def general(team: Guild) -> Channel:
    return team.channel("general")


async def test_each_permission_is_needed_for_what_it_allows(
    client: Listener, server: DiscordServer, team: Guild, general: Channel, ada: Person
) -> None:
    number = ada.writes("hello", channel=general)
    message = await client.hears("message")
    path = f"/channels/{general.id}/messages"

    async def code(method: str, where: str, body: Any = None) -> int:
        said = await call(server, method, where, body)
        return int(said.body["code"]) if isinstance(said.body, dict) else 0

    team.denies_bot(general, P.SEND_MESSAGES)
    assert await code("POST", path, {"content": "x"}) == 50013
    assert await code("POST", f"/channels/{general.id}/typing") == 50013
    team.denies_bot(general, P.EMBED_LINKS)
    assert await code("POST", path, {"embeds": [{"title": "x"}]}) == 50013
    team.denies_bot(general, P.ATTACH_FILES)
    with pytest.raises(discord.Forbidden):
        await message.channel.send(file=discord.File(__file__, "file.py"))
    team.denies_bot(general, P.READ_MESSAGE_HISTORY)
    assert (await call(server, "GET", path)).body == []
    assert await code("GET", f"{path}/{number}") == 50001
    reply = {"content": "x", "message_reference": {"message_id": str(number)}}
    assert await code("POST", path, reply) == 160002
    team.denies_bot(general, P.ADD_REACTIONS)
    await refused(message.add_reaction("👍"), 403, 50013)
    ada.reacts(number, "👍", channel=general)
    await message.add_reaction("👍")
    team.denies_bot(general, P.VIEW_CHANNEL)
    assert await code("POST", path, {"content": "x"}) == 50001
    assert await code("GET", f"/channels/{general.id}") == 50001
    ada.writes("unheard", channel=general)
    team.denies_bot(general)
    ada.writes("heard", channel=general)
    assert (await client.hears("message", 2)).content == "heard"
    permissions = there(client, general).permissions_for(there(client, general).guild.me)
    assert permissions.send_messages


async def test_what_everybody_lost_the_bot_has_by_its_own_role(
    client: Listener, team: Guild, general: Channel
) -> None:
    team.denies_everyone(P.SEND_MESSAGES)
    await refused(there(client, general).send("x"), 403, 50013)
    team.grants_bot(P.SEND_MESSAGES)
    await there(client, general).send("allowed")
    await general.sees("allowed")


async def test_everyone_is_only_called_by_who_may(
    client: Listener, team: Guild, general: Channel, ada: Person, bob: Person
) -> None:
    team.denies_everyone(P.MENTION_EVERYONE)
    await there(client, general).send("@everyone quiet")
    assert (await general.sees("quiet")).notified == frozenset()
    team.grants_bot(P.MENTION_EVERYONE)
    await there(client, general).send("@everyone loud")
    assert (await general.sees("loud")).notified == {ada.id, bob.id}


async def test_threads_are_opened_used_archived_and_woken(
    client: Listener, general: Channel, ada: Person, bob: Person
) -> None:
    thread = ada.opens_thread(general, "Plans")
    ada.writes("in here", channel=thread)
    assert (await client.hears("thread_create")).name == "Plans"
    heard = await client.hears("message", 2)
    assert (heard.channel.id, heard.channel.parent.id) == (thread.id, general.id)
    assert client.all_of("message")[0].type is discord.MessageType.thread_created
    await heard.channel.send("here too")
    await thread.sees("here too")
    ada.archives(thread)
    await client.hears("thread_update")
    await refused(heard.add_reaction("👍"), 400, 50083)
    await heard.channel.send("awake")
    assert thread.thread is not None
    assert not thread.thread.archived
    ada.archives(thread)
    bob.writes("awake again", channel=thread)
    again = await client.hears("message", 5)
    assert isinstance(again.channel, discord.Thread)
    assert not again.channel.archived
    ada.archives(thread, locked=True)
    await refused(heard.channel.send("x"), 400, 160005)
    with pytest.raises(ValueError, match="locked"):
        bob.writes("x", channel=thread)


async def test_the_bot_opens_threads_of_its_own(
    client: Listener, team: Guild, general: Channel, ada: Person, bob: Person
) -> None:
    number = ada.writes("a long story", channel=general)
    message = await client.hears("message")
    thread = await message.create_thread(name="Story")
    assert thread.id == number
    await refused(message.create_thread(name="Again"), 400, 160004)
    await refused(there(client, general).create_thread(name="x" * 101), 400, 50035)
    await thread.add_user(discord.Object(bob.id))
    assert {each.id for each in await thread.fetch_members()} == {team.world.bot.id, bob.id}
    private = await there(client, general).create_thread(name="Quiet")
    assert private.is_private()
    await private.edit(archived=True)
    assert [each.name for each in await there(client, general).guild.active_threads()] == ["Story"]
    await private.edit(archived=False)
    await private.leave()
    team.denies_everyone(P.SEND_MESSAGES_IN_THREADS)
    await refused(thread.send("x"), 403, 50013)
    team.denies_everyone(P.CREATE_PUBLIC_THREADS)
    await refused(client.all_of("message")[0].create_thread(name="x"), 403, 50013)


async def test_forums_take_threads_and_no_messages(
    client: Listener, team: Guild, ada: Person
) -> None:
    forum = team.forum("ideas")
    post = ada.opens_post(forum, "Tea", "the first post")
    heard = await client.hears("message")
    assert (heard.id, heard.content) == (post.id, "the first post")
    assert isinstance(heard.channel.parent, discord.ForumChannel)
    await heard.reply("noted")
    await post.sees("noted")
    await refused(client.get_partial_messageable(forum.id).send("x"), 400, 50008)


async def test_slow_mode_holds_the_bot_too(
    client: Listener, server: DiscordServer, general: Channel, time: SteppedTimeline, team: Guild
) -> None:
    general.slow_mode = 10
    path = f"/channels/{general.id}/messages"
    assert (await call(server, "POST", path, {"content": "x"})).status == 200
    time.advance(4)
    slow = await call(server, "POST", path, {"content": "x"})
    assert (slow.status, slow.body["code"], slow.body["retry_after"]) == (429, 20016, 6.0)
    assert slow.headers["Via"]
    team.grants_bot(P.MANAGE_MESSAGES)
    assert (await call(server, "POST", path, {"content": "x"})).status == 200
    assert client.is_ready()


async def test_dms_reach_only_whom_they_may(
    client: Listener, server: DiscordServer, team: Guild, ada: Person, bob: Person
) -> None:
    stranger = server.person("Carl")
    user = await client.fetch_user(ada.id)
    await user.send("hello")
    assert (await ada.sees("hello")).notified == {ada.id}
    ada.closes_dms()
    await refused(user.send("x"), 403, 50007)
    ada.opens_dms()
    ada.blocks_bot()
    await refused(user.send("x"), 403, 50007)
    await refused((await client.fetch_user(stranger.id)).send("x"), 403, 50007)
    await refused(client.fetch_user(1), 404, 10013)
    path = "/users/@me/channels"
    assert (await call(server, "POST", path, {"recipient_id": "1"})).body["code"] == 50033
    bob.leaves(team)
    await refused((await client.fetch_user(bob.id)).send("x"), 403, 50007)
    bob.writes("I wrote first")
    await (await client.hears("message", 2)).channel.send("then I may answer")
    await bob.sees("then I may answer")
    message = client.all_of("message")[1]
    with pytest.raises(discord.Forbidden):
        await message.delete()


async def test_guilds_and_channels_are_left_and_gone(
    client: Listener, server: DiscordServer, team: Guild, general: Channel, bob: Person
) -> None:
    guild = client.get_guild(team.id)
    assert guild is not None
    assert (await guild.fetch_member(bob.id)).name == "bob"
    await refused(guild.fetch_member(7), 404, 10013)
    assert [each.id async for each in client.fetch_guilds()] == [team.id]
    await guild.me.edit(nick="Sage")
    await client.hears("member_update")
    channel = there(client, general)
    await refused(channel.delete(), 403, 50013)
    team.deletes_channel(general)
    await client.hears("guild_channel_delete")
    await refused(channel.send("x"), 404, 10003)
    other = team.channel("other")
    await guild.leave()
    await client.hears("guild_remove")
    await refused(client.get_partial_messageable(other.id).send("x"), 403, 50001)
    gone = await call(server, "GET", f"/guilds/{team.id}")
    assert (gone.status, gone.body) == (404, {"message": "Unknown Guild", "code": 10004})


async def test_messages_of_other_bots_and_of_the_system_are_told_as_such(
    client: Listener, server: DiscordServer, team: Guild, general: Channel, ada: Person
) -> None:
    robot = server.person("Robot", bot=True)
    robot.joins(team)
    robot.writes("beep", channel=general)
    assert (await client.hears("message")).author.bot
    ada.is_called("Countess", team)
    ada.writes("hello", channel=general)
    assert (await client.hears("message", 2)).author.display_name == "Countess"


async def test_private_threads_are_seen_by_their_members_alone(
    client: Listener, server: DiscordServer, general: Channel, ada: Person, bob: Person
) -> None:
    thread = ada.opens_thread(general, "Quiet", private=True)
    ada.writes("unheard", channel=thread)
    with pytest.raises(ValueError, match="Bob isn't in #Quiet"):
        bob.writes("x", channel=thread)
    assert (await call(server, "GET", f"/channels/{thread.id}")).body["code"] == 50001
    ada.adds_bot(thread)
    assert (await client.hears("thread_join")).id == thread.id
    ada.writes("heard", channel=thread)
    assert (await client.hears("message")).content == "heard"


async def test_what_is_there_can_be_looked_up(
    client: Listener, server: DiscordServer, team: Guild, general: Channel, ada: Person
) -> None:
    guild = await client.fetch_guild(team.id)
    assert [each.name for each in await guild.fetch_roles()] == ["@everyone", "Familiar"]
    assert (await guild.fetch_role(team.id)).name == "@everyone"
    assert [each.name for each in await guild.fetch_channels()] == ["general"]
    assert {each.name async for each in guild.fetch_members(limit=2)} == {"familiar", "ada"}
    thread = ada.opens_thread(general, "Old")
    ada.archives(thread)
    archived = there(client, general).archived_threads()
    assert [each.name async for each in archived] == ["Old"]
    assert isinstance(await client.fetch_channel(thread.id), discord.Thread)
    info = await client.application_info()
    assert info.flags.gateway_message_content_limited
    assert (await info.edit(description="Remembers")).description == "Remembers"
    assert (await call(server, "GET", "/gateway")).body == {"url": server.gateway_url}
    odd = await call(server, "GET", "/channels/general")
    assert odd.body["errors"]["channel_id"]["_errors"][0]["code"] == "NUMBER_TYPE_COERCE"


async def test_whoever_manages_channels_changes_and_deletes_them(
    client: Listener, team: Guild, general: Channel, ada: Person
) -> None:
    team.grants_bot(P.MANAGE_CHANNELS, P.MANAGE_THREADS)
    await there(client, general).edit(name="lobby", topic="talk", slowmode_delay=5)
    assert (general.name, general.topic, general.slow_mode) == ("lobby", "talk", 5)
    thread = ada.opens_thread(general, "Plans")
    heard = await client.hears("thread_create")
    await heard.edit(locked=True, archived=True)
    assert thread.thread is not None
    assert thread.thread.locked
    await refused(heard.edit(name="x"), 400, 50083)
    await there(client, general).delete()
    await client.hears("guild_channel_delete")
    assert not team.channels
