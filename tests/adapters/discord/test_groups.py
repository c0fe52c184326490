"""Where people also talk to each other: what of it is said to the bot, and where it belongs."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from adapters.base import InboundPart
from tests.adapters.discord.bot_at_work import BotAtWork
from tests.simulators.discord_server.channels import Channel, Kind
from tests.simulators.discord_server.guilds import Guild
from tests.simulators.discord_server.people import Attachment, Person
from tests.simulators.discord_server.permissions import Permission
from tests.simulators.discord_server.server import DiscordServer


@dataclass
class Team:
    """A server with three people; Ada owns it."""

    ada: Person
    bob: Person
    carl: Person
    guild: Guild
    general: Channel


@pytest.fixture
def team(server: DiscordServer) -> Team:
    ada, bob, carl = (server.person(name) for name in ("Ada", "Bob", "Carl"))
    guild = server.guild("Team", ada, bob, carl)
    return Team(ada, bob, carl, guild, guild.channel("general"))


async def test_what_mentions_or_answers_the_bot_is_addressed_and_nothing_else(
    server: DiscordServer, bot: BotAtWork, team: Team
) -> None:
    bot.message_content = True
    role = team.guild.role("Crew", team.bob)
    async with bot.running():
        ours = await bot.says(team.general, "Mine.")
        for text in (
            "<@bot>",
            "among us",
            f"{team.bob.mention} what do you say?",
            "@everyone listen",
            f"<@&{role.id}> and <@&{team.guild.bot_role.id}>",
            "/stop",
            "`<@bot>` is how it is written",
            f"{team.bob.mention} ask <@bot>",
            f"<@bot>: <@!{server.bot.id}> , and me?",
        ):
            team.ada.writes(text, channel=team.general)
        team.bob.writes("what is yours?", channel=team.general, reply_to=ours)
        team.bob.writes("quietly", channel=team.general, reply_to=ours, pings=False)
        inbounds = await bot.received(11)

    said = [each.parts[-1].text for each in inbounds]
    assert said[:2] == ["@familiar", "among us"]
    assert said[4] == "@Crew and @Familiar"
    assert said[7:] == ["@Bob ask @familiar", "and me?", "what is yours?", "quietly"]
    addressed = [text for text, each in zip(said, inbounds, strict=True) if each.addressed]
    assert addressed == ["@familiar", *said[7:]]
    assert inbounds[9].parts[0] == InboundPart("[In answer to your words]\n> Mine.")
    assert {each.address for each in inbounds} == {bot.address(team.general.id)}
    assert {each.audience for each in inbounds} == {"chat"}


async def test_without_the_right_to_contents_only_what_mentions_the_bot_comes(
    bot: BotAtWork, team: Team
) -> None:
    async with bot.running():
        ours = await bot.says(team.general, "Mine.")
        hidden = team.bob.writes("among us", channel=team.general)
        team.bob.attaches(Attachment("photo.png"), channel=team.general)
        team.bob.writes("quietly", channel=team.general, reply_to=ours, pings=False)
        team.bob.edits(hidden, "still among us", channel=team.general)
        team.bob.writes("what is yours?", channel=team.general, reply_to=ours)
        team.bob.writes("<@bot> and this?", channel=team.general, reply_to=hidden)
        answer, mention = await bot.received(2)

    assert answer.parts[-1].text == "what is yours?"
    assert mention.parts == (InboundPart("and this?"),)


async def test_public_threads_are_topics_and_private_ones_are_chats(
    bot: BotAtWork, team: Team
) -> None:
    forum = team.guild.forum("questions")
    thread = team.ada.opens_thread(team.general, "old")
    async with bot.running():
        post = team.ada.opens_post(forum, "How?", "<@bot> how?")
        private = team.ada.opens_thread(team.general, "secret", private=True)
        team.ada.adds_bot(private)
        of = team.ada.writes("a start", channel=team.general)
        of_message = team.ada.opens_thread(team.general, "of it", of=of)
        for place in (thread, private, of_message):
            team.ada.writes("<@bot> here?", channel=place)
        inbounds = await bot.received(4)

    assert {each.address for each in inbounds} == {
        bot.address(forum.id, post.id),
        bot.address(team.general.id, thread.id),
        bot.address(private.id),
        bot.address(team.general.id, of),
    }


async def test_a_thread_that_no_session_told_of_is_asked_for(bot: BotAtWork, team: Team) -> None:
    async with bot.running():
        thread = team.guild.world.new_thread(
            team.general, "unheard of", team.ada.id, kind=Kind.THREAD
        )
        team.bob.writes("<@bot> here?", channel=thread)
        team.bob.writes("<@bot> and here?", channel=thread)
        inbounds = await bot.received(2)

    assert [each.parts[0].text for each in inbounds] == ["here?", "and here?"]
    assert {each.address for each in inbounds} == {bot.address(team.general.id, thread.id)}


async def test_who_has_a_say_is_known_by_their_roles(bot: BotAtWork, team: Team) -> None:
    team.guild.role("Keepers", team.bob, permissions=Permission.MANAGE_CHANNELS)
    team.guild.role("Crew", team.carl)
    team.carl.is_called("Carlo", team.guild)
    async with bot.running():
        for each in (team.ada, team.bob, team.carl):
            each.writes("<@bot> /listen on", channel=team.general)
        inbounds = await bot.received(3)

    assert [each.sender.admin for each in inbounds] == [True, True, False]
    assert inbounds[2].sender.display_name == "Carlo"
    assert inbounds[2].parts == (InboundPart("/listen on"),)


async def test_files_that_people_send_to_each_other_are_not_fetched(
    bot: BotAtWork, team: Team
) -> None:
    bot.message_content = True
    file = Attachment("notes.txt", b"secret")
    async with bot.running():
        team.bob.attaches(file, text="look", channel=team.general)
        team.bob.attaches(file, text="<@bot> look", channel=team.general)
        among, ours = await bot.received(2)

    assert among.parts[1] == InboundPart('[File "notes.txt", not read]', "document")
    assert ours.parts[1].text.endswith("secret")
