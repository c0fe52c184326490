"""In groups: what is said to the bot, who has a say, and what becomes of its place there."""

from __future__ import annotations

import pytest

from adapters.base import Inbound
from adapters.conformance import chunk
from adapters.events import ChatEvent
from tests.adapters.telegram.bot_at_work import BotAtWork
from tests.simulators.telegram_server.chats import Chat
from tests.simulators.telegram_server.people import Attachment, Person
from tests.simulators.telegram_server.server import TelegramServer


@pytest.fixture
def ada(server: TelegramServer) -> Person:
    return server.person("Ada")


@pytest.fixture
def bob(server: TelegramServer) -> Person:
    return server.person("Bob")


@pytest.fixture
def club(server: TelegramServer, ada: Person, bob: Person) -> Chat:
    """A group where the bot hears everything."""
    server.bot.privacy = False
    return server.group("Club", ada, bob, supergroup=True)


async def received(bot: BotAtWork, count: int) -> list[Inbound]:
    async with bot.running():
        await bot.accepted(count)
        await bot.server.until_confirmed()
    return bot.service.accepted


LINES = (
    ("what a day", "what a day", False),
    ("@familiar_test_bot what a day?", "what a day?", True),
    ("@Familiar_Test_Bot, what a day?", "what a day?", True),
    ("Familiar, what a day?", "what a day?", True),
    ("familiar: what a day?", "what a day?", True),
    ("Familiar is slow today", "Familiar is slow today", False),
    ("ask @familiar_test_bot then", "ask @familiar_test_bot then", True),
    ("@familiar_test_bot", "@familiar_test_bot", True),
    ("@another_test_bot hi", "@another_test_bot hi", False),
    ("/memory 3", "/memory 3", True),
    ("/memory@familiar_test_bot 3", "/memory 3", True),
    ("/MEMORY@FAMILIAR_test_bot", "/MEMORY", True),
    ("/memory@another_test_bot", "/memory@another_test_bot", False),
    ("@familiar_test_bot /memory 3", "/memory 3", True),
    ("mail me@familiar_test_bot.org", "mail me@familiar_test_bot.org", False),
)
"""What is written, what is heard of it, and whether it is for the bot."""


async def test_what_is_for_the_bot_is_told_apart_and_its_name_taken_off(
    bot: BotAtWork, ada: Person, club: Chat
) -> None:
    for written, _, _ in LINES:
        ada.writes(written, chat=club)

    inbounds = await received(bot, len(LINES))

    assert [
        (written, "".join(part.text for part in inbound.parts), inbound.addressed)
        for (written, _, _), inbound in zip(LINES, inbounds, strict=True)
    ] == list(LINES)
    assert {(each.audience, each.address) for each in inbounds} == {("chat", bot.address(club.id))}


async def test_an_answer_to_the_bots_words_is_for_the_bot_and_one_to_others_is_not(
    bot: BotAtWork, ada: Person, bob: Person, club: Chat
) -> None:
    async with bot.running() as adapter:
        await adapter.send(chunk(bot.address(club.id), "Shall I?"))
        ours = club.from_bot[0].message_id
        bobs = bob.writes("I'd say no", chat=club)
        ada.writes("yes", chat=club, reply_to=ours)
        ada.writes("why?", chat=club, reply_to=bobs)
        await bot.accepted(3)

    _, answer, other = bot.service.accepted
    assert (answer.addressed, other.addressed) == (True, False)
    assert answer.parts[0].text == "[In answer to your words]\n> Shall I?"
    assert [part.origin for part in other.parts] == ["other_person", "owner"]


async def test_a_file_in_a_group_is_fetched_only_if_it_is_for_the_bot(
    server: TelegramServer, bot: BotAtWork, ada: Person, club: Chat
) -> None:
    plan = Attachment("document", b"We leave at eight.", "plan.txt")
    ada.sends(plan, caption="for you all", chat=club)
    ada.sends(plan, caption="@familiar_test_bot what does it say?", chat=club)

    for_all, for_us = await received(bot, 2)

    assert [part.text for part in for_all.parts] == ["for you all", '[File "plan.txt", not read]']
    assert for_us.parts[1].text == '[File "plan.txt"]\nWe leave at eight.'
    assert len(server.called("getFile")) == 1


async def test_whoever_gives_a_command_in_a_group_may_have_a_say_there(
    server: TelegramServer, bot: BotAtWork, ada: Person, bob: Person, club: Chat
) -> None:
    for person in (ada, bob, ada):
        person.writes("/listen on", chat=club)
    bob.writes("/help")

    inbounds = await received(bot, 4)

    says = {each.sender.external_id: each.sender.admin for each in inbounds}
    assert says == {str(ada.id): True, str(bob.id): False}
    assert len(server.called("getChatMember")) == 2, "who has a say is known for a while"


async def test_a_topic_is_a_place_of_its_own_and_the_general_one_is_the_chat(
    server: TelegramServer, bot: BotAtWork, ada: Person
) -> None:
    server.bot.privacy = False
    forum = server.group("Forum", ada, forum=True)
    plans = ada.opens_topic(forum, "Plans")
    ada.writes("in plans", chat=forum, topic=plans)
    first = ada.writes("in general", chat=forum)
    ada.writes("an answer", chat=forum, reply_to=first)

    inbounds = await received(bot, 3)

    assert [each.address for each in inbounds] == [
        bot.address(forum.id, plans),
        bot.address(forum.id),
        bot.address(forum.id),
    ]
    assert not any(each.addressed for each in inbounds)


async def test_topics_in_private_chats_are_told_apart(server: TelegramServer) -> None:
    server.bot.topics = True
    bot, ada = BotAtWork(server), server.person("Ada")
    trips = ada.opens_topic(ada.chat, "Trips")
    ada.writes("hello", topic=trips)

    (inbound,) = await received(bot, 1)

    assert (inbound.address, inbound.audience) == (bot.address(ada.id, trips), "private")


async def noted(bot: BotAtWork, count: int) -> list[ChatEvent]:
    async with bot.running():
        await bot.server.bell.until(lambda: not bot.server.world.updates.pending)
    assert len(bot.events.noted) == count
    return bot.events.noted


async def test_whoever_blocks_the_bot_is_out_of_reach_until_they_come_back(
    bot: BotAtWork, ada: Person
) -> None:
    ada.starts()
    ada.blocks_bot()
    ada.starts()

    out, back = await noted(bot, 2)

    assert (out.kind, out.address) == ("unreachable", bot.address(ada.id))
    assert (back.kind, back.language) == ("reachable", "en")
    assert len(bot.service.accepted) == 2


@pytest.mark.parametrize(("privacy", "admin"), [(True, False), (False, False), (True, True)])
async def test_the_bot_is_taken_into_a_group_and_put_out(
    ada: Person, server: TelegramServer, *, privacy: bool, admin: bool
) -> None:
    server.bot.privacy = privacy
    bot = BotAtWork(server)
    group = server.group("Club", ada, bot="left")
    if admin:
        ada.makes_bot_admin(group)
    else:
        ada.adds_bot(group)
    ada.removes_bot(group)

    joined, out = await noted(bot, 2)

    assert (joined.kind, joined.address, joined.language) == ("joined", bot.address(group.id), "en")
    assert joined.hears_all is (admin or not privacy)
    assert joined.hears_as_admin
    assert (out.kind, out.address) == ("unreachable", bot.address(group.id))


async def test_a_bot_that_may_not_write_in_a_group_is_out_of_reach_there(
    server: TelegramServer, bot: BotAtWork, ada: Person
) -> None:
    group = server.group("Club", ada, supergroup=True)
    ada.silences_bot(group)
    ada.lets_bot_speak(group)

    out, back = await noted(bot, 2)

    assert (out.kind, back.kind) == ("unreachable", "reachable")


async def test_other_rights_in_a_group_are_no_event(
    server: TelegramServer, bot: BotAtWork, ada: Person
) -> None:
    ada.makes_bot_admin(server.group("Club", ada))

    await noted(bot, 0)


async def test_a_group_that_becomes_a_supergroup_moves_once(
    bot: BotAtWork, ada: Person, server: TelegramServer
) -> None:
    server.bot.privacy = False
    group = server.group("Club", ada)
    new = ada.upgrades(group)
    ada.writes("still here", chat=new)

    (moved,) = await noted(bot, 1)

    assert (moved.kind, moved.address, moved.moved_to) == (
        "moved",
        bot.address(group.id),
        bot.address(new.id),
    )
    assert bot.service.texts(bot.address(new.id)) == ["still here"]


async def test_an_event_that_could_not_be_noted_comes_again(bot: BotAtWork, ada: Person) -> None:
    bot.events.fail(OSError("disk full"))
    ada.blocks_bot()

    (out,) = await noted(bot, 1)

    assert out.kind == "unreachable"
