"""Answers as they are watched on Discord while they are made, and what becomes of them."""

from __future__ import annotations

import anyio
import pytest

from adapters.delivery import Button, OutcomeUnknown, TemporaryFailure
from adapters.discord.sending import Sending
from adapters.testing.service import MemoryState
from tests.adapters.discord.sending.post_office import PostOffice, happened, shows
from tests.simulators.discord_server.channels import Channel
from tests.simulators.discord_server.faults import Fault, rate_limited, refusing, server_error
from tests.simulators.discord_server.people import Person
from tests.simulators.discord_server.refusals import Refused
from tests.simulators.discord_server.server import DiscordServer
from tests.simulators.faults import ConnectionCut, Held

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


async def test_nothing_is_shown_of_an_answer_once_it_is_sent(
    office: PostOffice, sending: Sending, general: Channel
) -> None:
    address = office.address(general)
    await sending.show_preview(address, "one", turn="t1")

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(lambda: sending.show_preview(address, "one two", turn="t1"))
        await office.clock.until_asleep()
        await sending.send(office.chunk(general, "all"))
        office.time.advance(10)

    assert happened(general) == [("message", "one"), ("edit", "all")]


async def test_an_answer_waits_for_the_preview_that_is_on_its_way(
    office: PostOffice, sending: Sending, general: Channel, server: DiscordServer
) -> None:
    """Though the one who wanted it shown has gone meanwhile."""
    held = Held()
    server.faults.befall(POST, held)
    async with anyio.create_task_group() as showing:
        showing.start_soon(lambda: sending.show_preview(office.address(general), "one", turn="t1"))
        await held.came.wait()
        showing.cancel_scope.cancel()

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(sending.send, office.chunk(general, "all"))
        held.go.set()

    assert [each.text for each in general.bots()] == ["all"]


async def test_the_answers_next_part_and_the_next_answer_are_messages_of_their_own(
    office: PostOffice, sending: Sending, general: Channel
) -> None:
    await shows(sending, office, general, "one")
    for text in ("one and", "two"):
        await sending.send(office.chunk(general, text))
    await shows(sending, office, general, "next", turn="t2")
    await sending.send(office.chunk(general, "next answer"))

    assert [each.text for each in general.bots()] == ["one and", "two", "next answer"]


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


async def test_a_preview_that_fails_is_followed_by_the_next(
    office: PostOffice, sending: Sending, general: Channel, server: DiscordServer
) -> None:
    server.faults.befall(POST, server_error(503))
    server.faults.befall(EDIT, rate_limited(60), ConnectionCut())

    await shows(sending, office, general, "1", "1 2", "1 2 3", "1 2 3 4", "1 2 3 4 5")

    assert happened(general) == [("message", "1 2"), ("edit", "1 2 3 4 5")]


async def test_nothing_is_shown_of_an_answer_that_goes_elsewhere(
    office: PostOffice, sending: Sending, ada: Person, general: Channel
) -> None:
    thread = ada.opens_thread(general, "News")
    ada.archives(thread, locked=True)

    await shows(sending, office, thread, "one", "one two")
    await sending.send(office.chunk(thread, "all"))

    assert happened(general) == [("message", "all")]


async def test_an_operator_may_have_answers_shown_when_they_are_ready(
    office: PostOffice, general: Channel
) -> None:
    async with office.opened("off") as sending:
        await shows(sending, office, general, "one")
        await sending.send(office.chunk(general, "all"))

    assert happened(general) == [("message", "all")]


# How the answer takes its preview's place


async def test_after_a_restart_the_answer_takes_its_preview_over_and_again_after_a_kill(
    office: PostOffice, general: Channel
) -> None:
    chunk = office.chunk(general, "one two")
    async with office.opened() as before:
        await shows(before, office, general, "one")

    sent = []
    for _ in range(2):
        async with office.opened() as after:
            sent.append(await after.send(chunk))

    assert sent[0] == sent[1]
    assert [each.text for each in general.bots()] == ["one two"]


async def test_taking_over_is_repeated_when_nobody_knows_whether_it_was_done(
    office: PostOffice, sending: Sending, general: Channel, server: DiscordServer
) -> None:
    await shows(sending, office, general, "one")
    server.faults.befall(EDIT, ConnectionCut(carried_out=True), ConnectionCut())
    chunk = office.chunk(general, "one two")

    for _ in range(2):
        with pytest.raises(OutcomeUnknown):
            await sending.send(chunk)
    await sending.send(chunk)

    assert [each.text for each in general.bots()] == ["one two"]


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


@pytest.mark.parametrize("cut", [True, False])
async def test_an_answer_that_is_a_file_takes_its_previews_place(
    office: PostOffice, sending: Sending, general: Channel, server: DiscordServer, cut: bool
) -> None:
    await shows(sending, office, general, LONG)
    if cut:
        server.faults.befall("DELETE /channels/{}/messages/{}", ConnectionCut(carried_out=True))

    await sending.send(office.chunk(general, LONG))

    assert [list(each.files) for each in general.bots()] == [["answer.md"]]


async def test_on_a_server_a_preview_names_the_question_and_so_does_the_answer(
    office: PostOffice, sending: Sending, ada: Person, general: Channel
) -> None:
    address, question = office.address(general), ada.writes("why?", channel=general)
    sending.heard(address, str(question))
    await shows(sending, office, general, "Because")

    await sending.send(office.chunk(general, "Because of it", reply_to=question))

    (shown,) = general.bots()
    assert (shown.text, shown.reply_to, shown.edited) == ("Because of it", question, True)


async def test_an_answer_to_another_question_than_its_preview_named_is_a_message_of_its_own(
    office: PostOffice, sending: Sending, ada: Person, general: Channel
) -> None:
    address, question = office.address(general), ada.writes("why?", channel=general)
    sending.heard(address, str(ada.writes("never mind them", channel=general)))
    await shows(sending, office, general, "Because")

    await sending.send(office.chunk(general, "Because of it", reply_to=question))

    (shown,) = general.bots()
    assert (shown.text, shown.reply_to, shown.edited) == ("Because of it", question, False)


async def test_a_preview_that_cannot_be_written_down_ends_nothing(
    office: PostOffice, general: Channel
) -> None:
    class Full(MemoryState):
        async def put(self, key: str, value: str) -> None:
            raise OSError("disk full")

    office.states = {"discord": Full()}.__getitem__
    async with office.opened() as sending:
        await shows(sending, office, general, "one", "one two")

        with pytest.raises(OSError, match="disk full"):
            await sending.send(office.chunk(general, "all"))

    assert happened(general) == [("message", "one"), ("edit", "one two"), ("edit", "all")]
