"""Answers as they are watched on Discord while they are made, and what becomes of them; besides
what holds on every platform (`watched_answers`).
"""

from __future__ import annotations

import anyio
import pytest

from adapters.delivery import Button, TemporaryFailure
from adapters.discord.sending import Sending
from tests.adapters.discord.sending.post_office import PostOffice, happened, shows
from tests.simulators.discord_server.channels import Channel
from tests.simulators.discord_server.faults import Fault, refusing, server_error
from tests.simulators.discord_server.people import Person
from tests.simulators.discord_server.refusals import Refused
from tests.simulators.discord_server.server import DiscordServer
from tests.simulators.faults import ConnectionCut

POST = "POST /channels/{}/messages"
EDIT = "PATCH /channels/{}/messages/{}"
LONG = "A long story of some words. " * 1_000


@pytest.mark.parametrize("private", [True, False])
async def test_a_message_grows_and_becomes_the_answer(
    office: PostOffice, sending: Sending, ada: Person, general: Channel, private: bool
) -> None:
    place, channel = (ada, ada.dm) if private else (general, general)
    await shows(sending, office, place, "Hello **wo", "Hello **world** and")
    sent = await sending.send(office.chunk(place, "Hello *all*", buttons=(Button("Yes", "y:1"),)))

    assert happened(channel) == [
        ("message", "Hello **wo**"),
        ("edit", "Hello **world** and"),
        ("edit", "Hello _all_"),
    ]
    (shown,) = channel.bots()
    assert (str(shown.message_id), shown.buttons) == (sent.platform_message_id, (("Yes",),))


async def test_previews_keep_a_pace_and_show_the_newest_text(
    office: PostOffice, sending: Sending, ada: Person
) -> None:
    address = office.address(ada)
    await sending.show_preview(address, "one", turn="t1")

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(lambda: sending.show_preview(address, "one two", turn="t1"))
        await office.clock.until_asleep()
        assert len(happened(ada.dm)) == 1
        office.time.advance(1.3)

    assert [text for _, text in happened(ada.dm)] == ["one", "one two"]


async def test_previews_leave_a_channel_room_for_its_answer(
    office: PostOffice, sending: Sending, ada: Person
) -> None:
    address = office.address(ada)
    for length in range(1, 40):
        office.time.advance(1.3)
        await sending.show_preview(address, "x" * length, turn="t1")

    times = [each.at / 1_000_000 for each in ada.dm.history if each.by_bot]
    assert 20 < len(times) < 39
    assert all(later - earlier >= 5 for earlier, later in zip(times, times[3:], strict=False))


async def test_a_preview_that_may_have_arrived_is_found_again(
    office: PostOffice, sending: Sending, general: Channel, server: DiscordServer
) -> None:
    server.faults.befall(POST, ConnectionCut(carried_out=True))

    await shows(sending, office, general, "one", "one two")
    await sending.send(office.chunk(general, "all"))

    assert happened(general) == [("message", "one"), ("edit", "one two"), ("edit", "all")]


@pytest.mark.parametrize(
    "lost",
    [(ConnectionCut(carried_out=True), ConnectionCut()), (server_error(503, carried_out=True),)],
    ids=["cut", "503"],
)
async def test_a_preview_that_arrived_unknown_to_all_becomes_the_answer(
    office: PostOffice,
    sending: Sending,
    general: Channel,
    server: DiscordServer,
    lost: tuple[Fault, ...],
) -> None:
    server.faults.befall(POST, *lost)
    await shows(sending, office, general, "one")

    server.faults.befall(POST, ConnectionCut(), ConnectionCut())
    with pytest.raises(TemporaryFailure):
        await sending.send(office.chunk(general, "all"))
    await sending.send(office.chunk(general, "all"))

    assert happened(general) == [("message", "one"), ("edit", "all")]


async def test_a_preview_that_is_lost_for_good_is_the_last_before_the_answer(
    office: PostOffice, sending: Sending, general: Channel, server: DiscordServer
) -> None:
    server.faults.befall(POST, ConnectionCut(), ConnectionCut())

    await shows(sending, office, general, "one", "one two")
    await sending.send(office.chunk(general, "all"))
    await shows(sending, office, general, "next", turn="t2")

    assert happened(general) == [("message", "one"), ("edit", "all"), ("message", "next")]


async def test_nothing_is_shown_of_an_answer_that_goes_elsewhere(
    office: PostOffice, sending: Sending, ada: Person, general: Channel
) -> None:
    thread = ada.opens_thread(general, "News")
    ada.archives(thread, locked=True)

    await shows(sending, office, thread, "one", "one two")
    await sending.send(office.chunk(thread, "all"))

    assert happened(general) == [("message", "all")]


# How the answer takes its preview's place


@pytest.mark.parametrize(
    "refused",
    [
        Refused(404, 10008, "Unknown Message"),
        Refused(400, 50083, "Thread is archived"),
    ],
    ids=["gone", "archived"],
)
async def test_a_preview_that_cannot_be_edited_leaves_room_for_the_answer(
    office: PostOffice,
    sending: Sending,
    general: Channel,
    server: DiscordServer,
    refused: Refused,
) -> None:
    await shows(sending, office, general, "one")
    server.faults.befall(EDIT, refusing(refused))

    await sending.send(office.chunk(general, "all"))

    assert general.bots()[-1].text == "all"


async def test_a_file_takes_its_previews_place_though_nobody_hears_that_that_is_gone(
    office: PostOffice, sending: Sending, general: Channel, server: DiscordServer
) -> None:
    await shows(sending, office, general, LONG)
    server.faults.befall("DELETE /channels/{}/messages/{}", ConnectionCut(carried_out=True))

    await sending.send(office.chunk(general, LONG))

    assert [list(each.files) for each in general.bots()] == [["answer.md"]]
