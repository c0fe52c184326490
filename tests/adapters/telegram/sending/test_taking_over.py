"""How an answer takes the place of what was shown of it, whatever comes between."""

from __future__ import annotations

from dataclasses import replace

import pytest

from adapters.delivery import (
    ChatUnreachable,
    DeliveryError,
    MessageRejected,
    OutcomeUnknown,
)
from adapters.telegram.sending import Sending
from adapters.testing.service import MemoryState
from tests.adapters.telegram.sending.post_office import PostOffice, happened, shows
from tests.simulators.faults import ConnectionCut
from tests.simulators.telegram_server.chats import Chat
from tests.simulators.telegram_server.faults import refusing
from tests.simulators.telegram_server.people import Person
from tests.simulators.telegram_server.refusals import Refused, bad_request, forbidden
from tests.simulators.telegram_server.server import TelegramServer

LONG = "A long story of some words. " * 1_000


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


async def test_what_is_kept_of_previews_may_be_of_another_version(
    office: PostOffice, group: Chat
) -> None:
    await office.states(office.name).put("previews", '{"not": "ours"}')

    async with office.opened() as sending:
        await sending.send(office.chunk(office.address(group), "all"))

    assert happened(group) == [("message", "all")]


async def test_in_a_group_a_preview_names_the_question_and_so_does_the_answer(
    office: PostOffice, sending: Sending, ada: Person, group: Chat
) -> None:
    address, question = office.address(group), ada.writes("why?", chat=group)
    sending.heard(address, str(question))
    await shows(sending, office, group, "Because")

    await sending.send(office.chunk(address, "Because of it", reply_to=question))

    (shown,) = group.from_bot
    assert (shown.text, shown.reply_to, shown.edited) == ("Because of it", question, True)


async def test_an_answer_to_another_question_than_its_preview_named_is_a_message_of_its_own(
    office: PostOffice, sending: Sending, ada: Person, group: Chat
) -> None:
    address, question = office.address(group), ada.writes("why?", chat=group)
    sending.heard(address, str(ada.writes("never mind them", chat=group)))
    await shows(sending, office, group, "Because")
    chunk = office.chunk(address, "Because of it", reply_to=question)

    await sending.send(chunk)

    (shown,) = group.from_bot
    assert (shown.text, shown.reply_to, shown.edited) == ("Because of it", question, False)
