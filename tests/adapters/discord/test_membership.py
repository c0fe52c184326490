"""What happens to the bot's place in servers, and to their channels."""

from __future__ import annotations

from adapters.events import ChatEvent
from tests.adapters.discord.bot_at_work import BotAtWork
from tests.simulators.discord_server.guilds import Guild
from tests.simulators.discord_server.people import Person
from tests.simulators.discord_server.permissions import Permission
from tests.simulators.discord_server.server import DiscordServer


def with_news(guild: Guild) -> int:
    """It has a channel for such news as that a bot has come; its id."""
    guild.system_channel_id = guild.channel("news").id
    guild.preferred_locale = "de"
    return guild.system_channel_id


async def test_a_server_that_takes_the_bot_in_is_greeted_where_news_go(
    server: DiscordServer, bot: BotAtWork, ada: Person
) -> None:
    old = server.guild("Old", ada)
    with_news(old)
    async with bot.running():
        ada.writes("one")
        await bot.received(1)
    async with bot.running():
        new, shut = (server.guild(name, ada, bot=False) for name in ("New", "Shut"))
        channel = with_news(new)
        shut.denies_bot(shut.channels[with_news(shut)], Permission.SEND_MESSAGES)
        for each in (server.guild("Without", ada, bot=False), shut, new):
            each.adds_bot()
        await bot.noted()
        server.gateway.invalid_session(resumable=False)
        await server.gateway.until_sent(2, 2)
        ada.writes("two")
        await bot.received(2)

    (event,) = bot.events.noted
    assert event.update_id.startswith(f"joined:{new.id}:")
    assert event.address == bot.address(channel)
    assert (event.kind, event.language, event.hears_all) == ("joined", "de", False)


async def test_a_server_that_took_the_bot_in_while_it_was_away_is_greeted(
    server: DiscordServer, bot: BotAtWork, ada: Person
) -> None:
    bot.message_content = True
    async with bot.running():
        ada.writes("one")
        await bot.received(1)
    team = server.guild("Team", ada, bot=False)
    channel = with_news(team)
    team.adds_bot()
    for _ in range(2):
        async with bot.running():
            await bot.noted()

    (event,) = bot.events.noted
    assert (event.address, event.hears_all) == (bot.address(channel), True)


async def test_where_the_bot_is_shut_out_nothing_can_be_reached(
    server: DiscordServer, bot: BotAtWork, ada: Person
) -> None:
    team = server.guild("Team", ada)
    general, forum = team.channel("general"), team.forum("questions")
    private = ada.opens_thread(general, "secret", private=True)
    ada.adds_bot(private)
    ada.opens_thread(general, "public")
    async with bot.running():
        team.removes_bot()
        await bot.noted(3)

    assert {(each.kind, each.address) for each in bot.events.noted} == {
        ("unreachable", bot.address(each.id)) for each in (general, forum, private)
    }
    assert len({each.update_id for each in bot.events.noted}) == 3


async def test_a_channel_that_is_deleted_is_out_of_reach_and_its_private_threads_are(
    server: DiscordServer, bot: BotAtWork, ada: Person
) -> None:
    team = server.guild("Team", ada)
    general, other = team.channel("general"), team.channel("other")
    ada.adds_bot(within := ada.opens_thread(general, "within", private=True))
    ada.adds_bot(private := ada.opens_thread(other, "secret", private=True))
    public = ada.opens_thread(other, "public")
    async with bot.running():
        for each in (general, public, private):
            team.deletes_channel(each)
        await bot.noted(3)

    assert sorted(bot.events.noted, key=str) == sorted(
        (
            ChatEvent(f"gone:{each.id}", bot.address(each.id), "unreachable")
            for each in (general, within, private)
        ),
        key=str,
    )
