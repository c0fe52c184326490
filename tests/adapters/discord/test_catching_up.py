"""What was said while nobody listened is taken in later, in order and once."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.adapters.discord.bot_at_work import HISTORY, BotAtWork, asked_of
from tests.simulators.discord_server.faults import refusing, server_error
from tests.simulators.discord_server.people import Person
from tests.simulators.discord_server.permissions import Permission
from tests.simulators.discord_server.refusals import MISSING_ACCESS, Refused
from tests.simulators.discord_server.server import DiscordServer
from tests.simulators.faults import ConnectionCut, Held


async def test_what_was_said_while_the_service_was_down_is_taken_in(
    server: DiscordServer, bot: BotAtWork, ada: Person
) -> None:
    team = server.guild("Team", ada)
    general, thread = team.channel("general"), ada.opens_thread(team.channel("more"), "a thread")
    await bot.has_listened_to(ada)
    ada.writes("two")
    ada.writes("three")
    ada.writes("<@bot> four", channel=general)
    ada.writes("among us", channel=general)
    ada.writes("<@bot> five", channel=thread)
    async with bot.running():
        ada.writes("six")
        ada.writes("<@bot> seven", channel=general)
        await bot.received(7)

    assert bot.texts(ada) == ["one", "two", "three", "six"]
    assert bot.service.texts(bot.address(general.id)) == ["four", "seven"]
    assert thread.parent is not None
    assert bot.service.texts(bot.address(thread.parent.id, thread.id)) == ["five"]


async def test_what_comes_meanwhile_waits_behind_it(
    server: DiscordServer, bot: BotAtWork, ada: Person
) -> None:
    general = server.guild("Team", ada).channel("general")
    await bot.has_listened_to(ada)
    ada.writes("two")
    ada.writes("<@bot> two", channel=general)
    held = [Held(), Held()]
    server.faults.befall(HISTORY, *held)
    async with bot.running():
        for each in held:
            await each.came.wait()
        ada.writes("three")
        ada.writes("<@bot> three", channel=general)
        grace = server.person("Grace")
        grace.writes("hi")
        await bot.received(2)
        for each in held:
            each.go.set()
        await bot.received(6)

    assert bot.texts(ada) == ["one", "two", "three"]
    assert bot.service.texts(bot.address(general.id)) == ["two", "three"]


async def test_a_service_that_starts_for_the_first_time_takes_up_nothing(
    server: DiscordServer, bot: BotAtWork, ada: Person
) -> None:
    general = server.guild("Team", ada).channel("general")
    ada.writes("<@bot> long ago", channel=general)
    ada.writes("long ago")
    async with bot.running():
        ada.writes("now")
        await bot.received(1)

    assert bot.texts(ada) == ["now"]
    assert server.called(HISTORY) == []


async def test_what_comes_after_a_first_start_is_found_though_nobody_had_written_before(
    server: DiscordServer, bot: BotAtWork, ada: Person
) -> None:
    general = server.guild("Team", ada).channel("general")
    bot.pace = replace(bot.pace, keep=600.0)
    async with bot.running():
        await bot.service.until(lambda: bot.state.watermark > 0)
    ada.writes("<@bot> anybody there?", channel=general)
    async with bot.running():
        await bot.received(1)
    assert bot.service.texts(bot.address(general.id)) == ["anybody there?"]


async def test_only_so_much_is_taken_up_the_newest(
    server: DiscordServer, bot: BotAtWork, ada: Person
) -> None:
    await bot.has_listened_to(ada)
    for number in range(230):
        ada.writes(str(number))
    bot.pace = replace(bot.pace, most_behind=25)
    async with bot.running():
        await bot.received(26)
    assert bot.texts(ada)[1:] == [str(number) for number in range(205, 230)]
    assert len(server.called(HISTORY)) == 3


async def test_what_is_too_old_is_passed_over(bot: BotAtWork, ada: Person) -> None:
    await bot.has_listened_to(ada)
    ada.writes("old")
    bot.pace = replace(bot.pace, oldest=-60.0)
    async with bot.running():
        ada.writes("new")
        await bot.received(2)
    assert bot.texts(ada) == ["one", "new"]


async def test_where_the_bot_may_not_read_is_skipped(
    server: DiscordServer, bot: BotAtWork, ada: Person
) -> None:
    team = server.guild("Team", ada)
    general, hidden, shut = (team.channel(name) for name in ("general", "hidden", "shut"))
    await bot.has_listened_to(ada)
    team.denies_bot(hidden, Permission.VIEW_CHANNEL)
    team.denies_bot(shut, Permission.READ_MESSAGE_HISTORY)
    for channel in (hidden, shut, general):
        ada.writes("<@bot> two", channel=channel)
    ada.writes("two")
    server.faults.befall(HISTORY, refusing(Refused(*MISSING_ACCESS)))
    async with bot.running():
        await bot.received(2)
    assert len(server.called(HISTORY)) == 2


async def test_a_history_that_fails_is_asked_for_again(
    server: DiscordServer, bot: BotAtWork, ada: Person
) -> None:
    await bot.has_listened_to(ada)
    ada.writes("two")
    server.faults.befall(HISTORY, server_error(503), ConnectionCut(), server_error(503))
    async with bot.running():
        await bot.received(2)
    ada.writes("three")
    server.faults.befall(HISTORY, *[server_error(503)] * 5)
    async with bot.running():
        ada.writes("four")
        await bot.received(3)
    async with bot.running():
        await bot.received(4)
    assert sorted(bot.texts(ada)) == ["four", "one", "three", "two"], "late is better than never"


async def test_a_servers_history_that_could_not_be_read_is_asked_for_again(
    server: DiscordServer, bot: BotAtWork, ada: Person
) -> None:
    general = server.guild("Team", ada).channel("general")
    await bot.has_listened_to(ada)
    number = ada.writes("<@bot> two", channel=general)
    server.faults.befall(HISTORY, *[server_error(503)] * 7, of=general.id)
    async with bot.running():
        await bot.received(2)
        await bot.service.until(lambda: bot.state.watermark >= number)


async def test_a_servers_history_that_could_not_be_read_is_read_in_the_next_session(
    server: DiscordServer, bot: BotAtWork, ada: Person
) -> None:
    bot.pace = replace(bot.pace, longest_pause=600.0)
    general = server.guild("Team", ada).channel("general")
    await bot.has_listened_to(ada)
    ada.writes("<@bot> two", channel=general)
    server.faults.befall(HISTORY, *[server_error(503)] * 5, of=general.id)
    async with bot.running():
        await server.bell.until(lambda: len(asked_of(server, general)) == 5)
        number = ada.writes("<@bot> three", channel=general)
        await bot.received(2)
        for sessions in (3, 4):
            server.gateway.invalid_session(resumable=False)
            await server.gateway.until_sent(2, sessions)
        await bot.received(3)
        await bot.service.until(lambda: bot.state.watermark >= number)
    assert bot.service.texts(bot.address(general.id)) == ["three", "two"]


@pytest.mark.parametrize("status", [401, 403])
async def test_a_refusal_that_is_not_about_the_channel_is_no_empty_history(
    server: DiscordServer, bot: BotAtWork, ada: Person, status: int
) -> None:
    """A token that is to be set anew, or an address that is let in nowhere for a while."""
    await bot.has_listened_to(ada)
    ada.writes("two")
    server.faults.befall(HISTORY, *[refusing(Refused(status, 0, "no"))] * 7)
    async with bot.running():
        await bot.received(2)
    assert bot.texts(ada) == ["one", "two"]


async def test_what_comes_a_little_late_is_not_taken_for_known(bot: BotAtWork, ada: Person) -> None:
    bot.pace = replace(bot.pace, slack=30.0)
    bob = bot.server.person("Bob")
    async with bot.running():
        ada.writes("one")
        await bot.received(1)
        number = bob.writes("younger")
        await bot.received(2)
    ada._says({"content": "late", "id": str(number - 1)}, None)
    async with bot.running():
        await bot.received(3)
    assert bot.texts(ada) == ["one", "late"]


async def test_a_malformed_message_in_a_history_is_passed_over_alone(
    bot: BotAtWork, ada: Person
) -> None:
    await bot.has_listened_to(ada)
    ada.dm.records[ada.writes("broken")].message["author"] = {"id": "nobody"}
    ada.writes("two")
    async with bot.running():
        await bot.received(2)
    assert bot.texts(ada) == ["one", "two"]


async def test_a_server_that_was_down_is_caught_up_when_it_is_back(
    server: DiscordServer, bot: BotAtWork, ada: Person
) -> None:
    team = server.guild("Team", ada)
    general = team.channel("general")
    await bot.has_listened_to(ada)
    ada.writes("<@bot> two", channel=general)
    team.goes_away()
    async with bot.running():
        ada.writes("two")
        await bot.received(2)
        team.comes_back()
        await bot.received(3)
        team.goes_away()
        ada.writes("<@bot> three", channel=general)
        number = ada.writes("three")
        await bot.received(4)
        await bot.service.until(lambda: bot.state.watermark >= number)
        server.gateway.invalid_session(resumable=False)
        await server.gateway.until_sent(2, 3)
        ada.writes("four")
        await bot.received(5)
        team.comes_back()
        ada.writes("<@bot> four", channel=general)
        await bot.received(7)
    assert bot.service.texts(bot.address(general.id)) == ["two", "three", "four"]


async def test_what_could_not_be_stored_before_the_end_comes_again(
    server: DiscordServer, bot: BotAtWork, ada: Person
) -> None:
    grace = server.person("Grace")
    async with bot.running():
        number = ada.writes("one")
        await bot.service.until(lambda: bot.state.watermark == number)
        bot.service.close_gate(bot.addresses.of_person(ada.id))
        number = ada.writes("two")
        await bot.service.until(lambda: len(bot.service.attempts) == 2)
        grace.writes("younger")
        await bot.service.until(lambda: bot.state.watermark == number - 1)
    bot.service.open_gate(bot.addresses.of_person(ada.id))
    async with bot.running():
        await bot.received(3)
    assert bot.texts(ada) == ["one", "two"]


async def test_several_connections_each_catch_up(server: DiscordServer, ada: Person) -> None:
    bot = BotAtWork(server, sharded=True)
    general = server.guild("Team", ada).channel("general")
    await bot.has_listened_to(ada)
    ada.writes("two")
    ada.writes("<@bot> two", channel=general)
    async with bot.running():
        await bot.received(3)
        server.gateway.invalid_session(resumable=False)
        ada.writes("three")
        ada.writes("<@bot> three", channel=general)
        await bot.received(5)
    assert bot.texts(ada) == ["one", "two", "three"]
    assert bot.service.texts(bot.address(general.id)) == ["two", "three"]


async def test_what_was_caught_up_with_is_not_read_again(
    server: DiscordServer, bot: BotAtWork, ada: Person
) -> None:
    general = server.guild("Team", ada).channel("general")
    await bot.has_listened_to(ada)
    number = ada.writes("<@bot> two", channel=general)
    async with bot.running():
        await bot.received(2)
        await bot.service.until(lambda: bot.state.watermark >= number)


async def test_who_has_a_say_still_has_it_in_a_command_that_was_missed(
    server: DiscordServer, bot: BotAtWork, ada: Person
) -> None:
    bob, carl = server.person("Bob"), server.person("Carl")
    team = server.guild("Team", ada, bob, carl)
    team.role("Crew", bob, permissions=Permission.MANAGE_CHANNELS)
    general = team.channel("general")
    await bot.has_listened_to(ada)
    for each in (bob, carl):
        each.writes("<@bot> /listen on", channel=general)
        each.writes("<@bot> hello", channel=general)
    async with bot.running():
        heard = (await bot.received(5))[1:]
    assert [(each.sender.display_name, each.sender.admin) for each in heard] == [
        ("Bob", True),
        ("Bob", False),
        ("Carl", False),
        ("Carl", False),
    ]
    assert len(server.called("GET /guilds/{}/members/{}")) == 2
