"""What was written in private while nobody listened, by whoever it was."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.adapters.discord.bot_at_work import HISTORY, BotAtWork
from tests.simulators.discord_server.faults import server_error
from tests.simulators.discord_server.people import Person
from tests.simulators.discord_server.server import DiscordServer
from tests.simulators.faults import Held


async def test_whoever_wrote_last_is_caught_up_with_first(
    server: DiscordServer, bot: BotAtWork, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.discord.acquaintances.AGAIN", 0.0)
    people = [ada, *(server.person(str(number)) for number in range(5))]
    async with bot.running():
        for each in (*people, ada):
            each.writes("one")
        await bot.received(7)
    for each in people:
        each.writes("two")
    async with bot.running():
        await bot.received(13)
    asked = [int(each.ids[0]) for each in server.called(HISTORY)]
    assert set(asked[:4]) == {each.dm.id for each in (ada, *people[3:])}, "four at once"


async def test_nobody_who_ever_wrote_is_lost_and_nobody_waits_for_others(
    server: DiscordServer, bot: BotAtWork, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.discord.visits.MOST_LATEST", 2)
    people = [ada, *(server.person(str(number)) for number in range(6))]
    async with bot.running():
        for each in people:
            each.writes("one")
        await bot.received(7)
    for each in people:
        each.writes("two")
    bot.pace = replace(bot.pace, between_visits=600.0)
    async with bot.running():
        await bot.received(7 + 3)
        assert {int(each.ids[0]) for each in server.called(HISTORY)[:2]} == {
            each.dm.id for each in people[-2:]
        }
        behind = bot.state.watermark
        left = [each for each in people if bot.texts(each) == ["one"]]
        for each in left:
            each.writes("three")
        await bot.received(7 + 3 + 4 * 2)
        await bot.service.until(lambda: bot.state.watermark > behind)
    for each in people:
        assert bot.texts(each) == ["one", "two", "three"][: 3 if each in left else 2]


async def test_a_private_history_that_could_not_be_read_is_asked_for_again_and_holds_nobody_up(
    server: DiscordServer, bot: BotAtWork, ada: Person
) -> None:
    await bot.has_listened_to(ada)
    ada.writes("two")
    held = Held()
    server.faults.befall(HISTORY, *[server_error(503)] * 5, held)
    async with bot.running():
        await held.came.wait()
        server.person("Grace").writes("hi")
        await bot.received(2)
        held.go.set()
        await bot.received(3)
        number = ada.writes("three")
        await bot.service.until(lambda: bot.state.watermark >= number)
    assert bot.texts(ada) == ["one", "two", "three"]


async def test_who_was_being_asked_after_when_the_service_ended_is_asked_after_again(
    server: DiscordServer, bot: BotAtWork, ada: Person
) -> None:
    await bot.has_listened_to(ada)
    ada.writes("two")
    held = Held()
    server.faults.befall(HISTORY, held)
    async with bot.running():
        await held.came.wait()
        server.person("Grace").writes("younger")
        await bot.received(2)
    held.go.set()
    async with bot.running():
        await bot.service.until(lambda: "two" in bot.texts(ada))


async def test_who_only_pressed_something_is_heard_later(bot: BotAtWork, ada: Person) -> None:
    grace = bot.server.person("Grace")
    await bot.has_listened_to(ada)
    async with bot.running():
        number = await bot.says(ada.dm, "press me")
        record = ada.dm.records[number]
        grace.dm.records[number] = record
        grace.presses_id("a:token", grace.dm, number)
        await bot.service.until(lambda: len(bot.interactions) == 1)
    grace.writes("now in words")
    async with bot.running():
        await bot.received(2)
    assert bot.texts(grace) == ["now in words"]


async def test_whose_channel_it_is_is_kept_before_the_first_message_is_taken_in(
    bot: BotAtWork, ada: Person
) -> None:
    async with bot.running():
        bot.service.close_gate(bot.addresses.of_person(ada.id))
        ada.writes("one")
        await bot.service.until(lambda: len(bot.service.attempts) == 1)
        assert await bot.state.chats() == [(bot.addresses.of_person(ada.id), str(ada.dm.id))]
        bot.service.open_gate(bot.addresses.of_person(ada.id))
        await bot.received(1)
    assert bot.met.pop(ada.id) == ada.dm.id
    async with bot.running():
        assert bot.met == {ada.id: ada.dm.id}
