"""What people see of an answer while it is made, and that it becomes the answer; besides what holds
on every platform (`watched_answers`).
"""

from __future__ import annotations

import anyio
import pytest

from adapters.delivery import (
    Button,
    RateLimited,
)
from adapters.telegram.sending import Sending
from tests.adapters.telegram.sending.post_office import PostOffice, happened, message_id, shows
from tests.simulators.faults import ConnectionCut
from tests.simulators.telegram_server.chats import Chat
from tests.simulators.telegram_server.faults import flood_wait, refusing
from tests.simulators.telegram_server.people import Person
from tests.simulators.telegram_server.refusals import NO_METHOD, Refused, bad_request
from tests.simulators.telegram_server.server import TelegramServer

LONG = "A long story of some words. " * 1_000


# Drafts


async def test_in_a_private_chat_a_draft_grows_until_the_answer_comes(
    office: PostOffice, sending: Sending, ada: Person, server: TelegramServer
) -> None:
    await shows(sending, office, ada.chat, "Hello **wo", "Hello **world** and", turn="t1")
    drafts = server.called("sendMessageDraft")
    assert [each.text for each in ada.chat.drafts] == ["Hello wo", "Hello world and"]
    assert ada.chat.drafts[0].entities[0]["type"] == "bold"
    assert len({each["draft_id"] for each in drafts}) == 1

    await sending.send(office.chunk(office.address(ada.chat), "Hello **world** and all"))

    assert ada.chat.draft is None
    assert [each.text for each in ada.chat.from_bot] == ["Hello world and all"]
    await shows(sending, office, ada.chat, "Next", turn="t2")
    assert server.called("sendMessageDraft")[-1]["draft_id"] != drafts[0]["draft_id"]


async def test_a_draft_stays_in_its_topic(
    office: PostOffice, sending: Sending, ada: Person, server: TelegramServer
) -> None:
    server.bot.topics = True
    topic = ada.opens_topic(ada.chat, "Trip")

    await sending.show_preview(office.address(ada.chat, topic), "Hello", turn="t1")

    assert ada.chat.drafts[-1].topic == topic


async def test_drafts_keep_a_pace_and_show_the_newest_text(
    office: PostOffice, sending: Sending, ada: Person
) -> None:
    address = office.address(ada.chat)
    await sending.show_preview(address, "one", turn="t1")

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(lambda: sending.show_preview(address, "one two", turn="t1"))
        await office.clock.until_asleep()
        assert len(ada.chat.drafts) == 1
        office.time.advance(1)

    assert [each.text for each in ada.chat.drafts] == ["one", "one two"]


async def test_a_server_without_drafts_is_found_out_once_and_answers_are_edited(
    office: PostOffice, sending: Sending, ada: Person, server: TelegramServer
) -> None:
    bob = server.person("Bob")
    bob.starts()
    server.faults.befall("sendMessageDraft", refusing(Refused(*NO_METHOD)))

    await shows(sending, office, ada.chat, "one", "one two", "one two three")
    await shows(sending, office, bob.chat, "one")
    await sending.send(office.chunk(office.address(ada.chat), "All"))

    assert happened(ada.chat) == [
        ("message", "one two"),
        ("edit", "one two three"),
        ("edit", "All"),
    ]
    assert happened(bob.chat) == [("message", "one")]
    assert len(server.called("sendMessageDraft")) == 1


async def test_a_chat_that_refuses_drafts_says_nothing_of_the_others(
    office: PostOffice, sending: Sending, ada: Person, server: TelegramServer
) -> None:
    bob = server.person("Bob")
    bob.starts()
    server.faults.befall("sendMessageDraft", refusing(bad_request("TEXTDRAFT_PEER_INVALID")))

    await shows(sending, office, ada.chat, "one", "one two")
    await shows(sending, office, bob.chat, "one")

    assert happened(ada.chat) == [("message", "one two")]
    assert happened(bob.chat) == [("draft", "one")]


# Messages that become the answer


async def test_in_a_group_a_message_grows_and_becomes_the_answer(
    office: PostOffice, sending: Sending, group: Chat
) -> None:
    await shows(sending, office, group, "Hello **wo", "Hello **world** and")
    sent = await sending.send(
        office.chunk(office.address(group), "Hello *all*", buttons=(Button("Yes", "y:1"),))
    )

    assert happened(group) == [
        ("message", "Hello wo"),
        ("edit", "Hello world and"),
        ("edit", "Hello all"),
    ]
    (shown,) = group.from_bot
    assert shown.message_id == message_id(sent)
    assert shown.buttons == (("Yes",),)
    assert shown.entities[0]["type"] == "italic"


async def test_previews_leave_a_group_room_for_its_answer(
    office: PostOffice, sending: Sending, group: Chat
) -> None:
    for length in range(1, 30):
        office.time.advance(4)
        await sending.show_preview(office.address(group), "x" * length, turn="t1")
    assert len(happened(group)) < 29

    for text in ("one", "two"):
        await sending.send(office.chunk(office.address(group), text))

    assert [each.text for each in group.from_bot] == ["one", "two"]


async def test_a_preview_that_may_have_arrived_is_the_last_before_the_answer(
    office: PostOffice, sending: Sending, group: Chat, server: TelegramServer
) -> None:
    server.faults.befall("sendMessage", ConnectionCut())

    await shows(sending, office, group, "one", "one two")
    await sending.send(office.chunk(office.address(group), "all"))
    await shows(sending, office, group, "next", turn="t2")

    assert happened(group) == [("message", "all"), ("message", "next")]


async def test_a_preview_is_not_shown_where_telegram_wants_silence(
    office: PostOffice, sending: Sending, group: Chat, server: TelegramServer
) -> None:
    server.faults.befall("sendMessage", flood_wait(60))
    with pytest.raises(RateLimited):
        await sending.send(office.chunk(office.address(group)))

    await shows(sending, office, group, "one")

    assert happened(group) == []


@pytest.mark.parametrize("mode", ["edit", "off"])
async def test_an_operator_says_how_answers_are_shown(
    office: PostOffice, ada: Person, mode: str
) -> None:
    async with office.opened("edit" if mode == "edit" else "off") as sending:
        await shows(sending, office, ada.chat, "one")
        await sending.send(office.chunk(office.address(ada.chat), "all"))

    before = [("message", "one"), ("edit", "all")] if mode == "edit" else [("message", "all")]
    assert happened(ada.chat) == before
