"""How an answer takes the place of what was shown of it, whatever comes between."""

from __future__ import annotations

from dataclasses import replace

import pytest

from adapters.delivery import (
    ChatUnreachable,
    DeliveryError,
    MessageRejected,
)
from adapters.telegram.sending import Sending
from tests.adapters.telegram.sending.post_office import PostOffice, happened, shows
from tests.simulators.telegram_server.chats import Chat
from tests.simulators.telegram_server.faults import refusing
from tests.simulators.telegram_server.people import Person
from tests.simulators.telegram_server.refusals import Refused, bad_request, forbidden
from tests.simulators.telegram_server.server import TelegramServer

LONG = "A long story of some words. " * 1_000


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
