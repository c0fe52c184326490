"""What people see of an answer while it is made, and that it becomes the answer."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import replace

import anyio
import pytest

from adapters.delivery import (
    Button,
    ChatUnreachable,
    DeliveryError,
    MessageRejected,
    OutcomeUnknown,
    RateLimited,
)
from adapters.telegram.sending import Sending
from adapters.testing.service import MemoryState
from tests.adapters.telegram.post_office import PostOffice, message_id
from tests.simulators.telegram_server.chats import Chat
from tests.simulators.telegram_server.faults import (
    ConnectionCut,
    Held,
    flood_wait,
    refusing,
)
from tests.simulators.telegram_server.people import Person
from tests.simulators.telegram_server.refusals import NO_METHOD, Refused, bad_request, forbidden
from tests.simulators.telegram_server.server import TelegramServer
from tests.simulators.telegram_server.timeline import SteppedTimeline

LONG = "A long story of some words. " * 1_000


@pytest.fixture
def time() -> SteppedTimeline:
    return SteppedTimeline()


@pytest.fixture
async def server(time: SteppedTimeline) -> AsyncGenerator[TelegramServer, None]:
    async with TelegramServer(timeline=time) as server:
        yield server


@pytest.fixture
def office(server: TelegramServer, time: SteppedTimeline) -> PostOffice:
    return PostOffice(server, time)


@pytest.fixture
async def sending(office: PostOffice) -> AsyncGenerator[Sending, None]:
    async with office.opened() as sending:
        yield sending


@pytest.fixture
def ada(server: TelegramServer) -> Person:
    ada = server.person("Ada")
    ada.starts()
    return ada


@pytest.fixture
def group(server: TelegramServer, ada: Person) -> Chat:
    return server.group("Us", ada)


async def shows(
    sending: Sending, office: PostOffice, chat: Chat, *texts: str, turn: str = "t1"
) -> None:
    """Previews, each after a while."""
    for text in texts:
        office.time.advance(5)
        await sending.show_preview(office.address(chat), text, turn=turn)


def happened(chat: Chat) -> list[tuple[str, str]]:
    return [(each.what, each.text) for each in chat.history if each.by_bot]


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


async def test_the_answers_next_part_and_the_next_answer_are_messages_of_their_own(
    office: PostOffice, sending: Sending, group: Chat
) -> None:
    address = office.address(group)
    await shows(sending, office, group, "one")
    await sending.send(office.chunk(address, "one and"))
    await sending.send(office.chunk(address, "two"))
    await shows(sending, office, group, "next", turn="t2")
    await sending.send(office.chunk(address, "next answer"))

    assert [each.text for each in group.from_bot] == ["one and", "two", "next answer"]


async def test_after_a_restart_the_answer_takes_its_preview_over(
    office: PostOffice, group: Chat
) -> None:
    async with office.opened() as before:
        await shows(before, office, group, "one")

    async with office.opened() as after:
        await after.send(office.chunk(office.address(group), "one two"))

    assert [each.text for each in group.from_bot] == ["one two"]


async def test_an_answer_that_is_sent_again_after_a_kill_is_seen_once(
    office: PostOffice, group: Chat
) -> None:
    chunk = office.chunk(office.address(group), "one two", nonce="same")
    async with office.opened() as before:
        await shows(before, office, group, "one")
        first = await before.send(chunk)

    async with office.opened() as after:
        second = await after.send(chunk)
        await after.send(office.chunk(office.address(group), "another"))

    assert first == second
    assert [each.text for each in group.from_bot] == ["one two", "another"]


async def test_taking_over_is_repeated_when_nobody_knows_whether_it_was_done(
    office: PostOffice, sending: Sending, group: Chat, server: TelegramServer
) -> None:
    await shows(sending, office, group, "one")
    server.faults.befall("editMessageText", ConnectionCut(carried_out=True), ConnectionCut())
    chunk = office.chunk(office.address(group), "one two")

    for _ in range(2):
        with pytest.raises(OutcomeUnknown):
            await sending.send(chunk)
        office.time.advance(1)
    await sending.send(chunk)

    assert [each.text for each in group.from_bot] == ["one two"]


async def test_a_preview_that_somebody_deleted_leaves_room_for_the_answer(
    office: PostOffice, sending: Sending, ada: Person, group: Chat
) -> None:
    await shows(sending, office, group, "one")
    ada.deletes(group.from_bot[0].message_id, chat=group)
    await shows(sending, office, group, "one two")
    ada.deletes(group.from_bot[0].message_id, chat=group)

    await sending.send(office.chunk(office.address(group), "one two three"))

    assert [each.text for each in group.from_bot] == ["one two three"]


async def test_an_answer_whose_formatting_is_refused_takes_its_preview_over_as_plain_text(
    office: PostOffice, sending: Sending, group: Chat
) -> None:
    await shows(sending, office, group, "one")

    await sending.send(replace(office.chunk(office.address(group), "Hi"), format='[["bold",0,50]]'))

    assert happened(group) == [("message", "one"), ("edit", "Hi")]


@pytest.mark.parametrize(
    ("refused", "error"),
    [
        (forbidden("bot was kicked from the group chat"), ChatUnreachable),
        (bad_request("message is too long"), MessageRejected),
    ],
)
async def test_what_an_edit_is_refused_for_counts_as_for_a_message(
    office: PostOffice,
    sending: Sending,
    group: Chat,
    server: TelegramServer,
    refused: Refused,
    error: type[DeliveryError],
) -> None:
    await shows(sending, office, group, "one")
    server.faults.befall("editMessageText", refusing(refused))

    with pytest.raises(error):
        await sending.send(office.chunk(office.address(group), "Hi"))


async def test_a_group_that_moved_leaves_the_preview_behind(
    office: PostOffice, sending: Sending, ada: Person, group: Chat, server: TelegramServer
) -> None:
    await shows(sending, office, group, "one")
    new = server.group("Us", ada, supergroup=True)
    group.migrated_to = new.id

    await sending.send(office.chunk(office.address(group), "all"))

    assert happened(new) == [("message", "all")]


async def test_a_preview_that_cannot_be_written_down_ends_nothing(
    office: PostOffice, group: Chat
) -> None:
    class Full(MemoryState):
        async def put(self, key: str, value: str) -> None:
            raise OSError("disk full")

    office.states = {office.name: Full()}.__getitem__
    async with office.opened() as sending:
        await shows(sending, office, group, "one", "one two")

        with pytest.raises(OSError, match="disk full"):
            await sending.send(office.chunk(office.address(group), "all"))

    assert happened(group) == [("message", "one"), ("edit", "one two"), ("edit", "all")]


async def test_an_answer_that_is_a_file_takes_its_previews_place(
    office: PostOffice, sending: Sending, group: Chat
) -> None:
    await shows(sending, office, group, LONG)
    assert len(group.from_bot[0].text) > 4000

    await sending.send(office.chunk(office.address(group), LONG))

    assert [each.kind for each in group.from_bot] == ["document"]


async def test_nothing_is_shown_of_an_answer_once_it_is_sent(
    office: PostOffice, sending: Sending, group: Chat
) -> None:
    address = office.address(group)
    await sending.show_preview(address, "one", turn="t1")

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(lambda: sending.show_preview(address, "one two", turn="t1"))
        await office.clock.until_asleep()
        await sending.send(office.chunk(address, "all"))
        office.time.advance(10)

    assert happened(group) == [("message", "one"), ("edit", "all")]


async def test_an_answer_waits_for_the_preview_that_is_on_its_way(
    office: PostOffice, sending: Sending, group: Chat, server: TelegramServer
) -> None:
    """Though the one who wanted it shown has gone meanwhile."""
    address, held = office.address(group), Held()
    server.faults.befall("sendMessage", held)
    async with anyio.create_task_group() as showing:
        showing.start_soon(lambda: sending.show_preview(address, "one", turn="t1"))
        await held.came.wait()
        showing.cancel_scope.cancel()

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(sending.send, office.chunk(address, "all"))
        held.go.set()

    assert [each.text for each in group.from_bot] == ["all"]


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


async def test_what_shows_nothing_new_is_not_shown(
    office: PostOffice, sending: Sending, group: Chat
) -> None:
    await shows(sending, office, group, "**", "one", "one **", LONG, LONG + "more")

    assert len(happened(group)) == 2


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


async def test_what_is_kept_of_previews_may_be_of_another_version(
    office: PostOffice, group: Chat
) -> None:
    await office.states(office.name).put("previews", '{"not": "ours"}')

    async with office.opened() as sending:
        await sending.send(office.chunk(office.address(group), "all"))

    assert happened(group) == [("message", "all")]
