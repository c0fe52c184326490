"""What becomes of a chunk on Telegram, and of one that Telegram doesn't take."""

from __future__ import annotations

from dataclasses import replace

import anyio
import pytest

from adapters.delivery import (
    Button,
    ChatUnreachable,
    DeliveryError,
    MessageRejected,
    Outbound,
    OutcomeUnknown,
    RateLimited,
    TemporaryFailure,
)
from adapters.telegram.letters import letter_of
from adapters.telegram.sending import Sending
from tests.adapters.telegram.sending.post_office import PostOffice, message_id
from tests.simulators.faults import ConnectionCut, Held
from tests.simulators.telegram_server.faults import (
    Answered,
    Fault,
    bad_gateway,
    flood_wait,
    refusing,
    server_error,
)
from tests.simulators.telegram_server.http import Response
from tests.simulators.telegram_server.people import Person
from tests.simulators.telegram_server.refusals import Refused, bad_request, forbidden
from tests.simulators.telegram_server.server import TelegramServer
from tests.simulators.timeline import SteppedTimeline

LONG = "A **long** story of some words. " * 1_000


def to(ada: Person, office: PostOffice, markdown: str = "Hello", **how: object) -> Outbound:
    return office.chunk(office.address(ada.chat), markdown, **how)  # type: ignore[arg-type]


# How it looks


async def test_an_answer_is_shown_as_its_markdown_means_and_fetches_no_link(
    office: PostOffice, sending: Sending, ada: Person, server: TelegramServer
) -> None:
    sent = await sending.send(to(ada, office, "**Hi** <https://example.com>"))

    (shown,) = ada.chat.from_bot
    assert (shown.text, shown.message_id) == ("Hi https://example.com", message_id(sent))
    assert shown.entities[0] == {"type": "bold", "offset": 0, "length": 2}
    assert '"is_disabled": true' in server.called("sendMessage")[0]["link_preview_options"]


async def test_a_long_answer_comes_as_a_file_below_its_beginning(
    office: PostOffice, sending: Sending, ada: Person
) -> None:
    await sending.send(to(ada, office, LONG, buttons=(Button("More", "m:1"),)))

    (shown,) = ada.chat.from_bot
    assert (shown.kind, shown.file_name, shown.content.decode()) == ("document", "answer.md", LONG)
    assert shown.text.startswith("A long story")
    assert shown.text.endswith("turn.rest_in_file [en] file=answer.md")
    assert shown.entities[0]["type"] == "bold"
    assert shown.buttons == (("More",),)


async def test_buttons_stand_in_rows_that_can_be_read(
    office: PostOffice, sending: Sending, ada: Person, server: TelegramServer
) -> None:
    labels = ["Yes", "No", "Later", "Why", "Tell me more about all of it", "x" * 60, " "]
    buttons = tuple(Button(label, f"t:{number}") for number, label in enumerate(labels))

    await sending.send(to(ada, office, buttons=buttons))

    (shown,) = ada.chat.from_bot
    assert shown.buttons == (
        ("Yes", "No", "Later"),
        ("Why",),
        ("Tell me more about all of it",),
        ("x" * 35 + "…",),
        ("…",),
    )
    ada.presses("Later")
    assert server.world.updates.pending[-1].update["callback_query"]["data"] == "t:2"


async def test_an_answer_names_its_question_only_where_another_came_between(
    office: PostOffice, sending: Sending, ada: Person
) -> None:
    question, address = ada.writes("one"), office.address(ada.chat)
    sending.heard(address, str(question))
    await sending.send(to(ada, office, reply_to=question))
    sending.heard(address, str(ada.writes("two")))

    await sending.send(to(ada, office, reply_to=question))
    ada.deletes(question)
    await sending.send(to(ada, office, reply_to=question))

    assert [each.reply_to for each in ada.chat.from_bot] == [None, question, None]


async def test_in_a_group_an_answer_names_its_question_always(
    office: PostOffice, sending: Sending, ada: Person, server: TelegramServer
) -> None:
    group = server.group("Us", ada)
    question = ada.writes("one", chat=group)
    sending.heard(office.address(group), str(question))

    await sending.send(office.chunk(office.address(group), reply_to=question))

    assert group.from_bot[-1].reply_to == question


async def test_an_answer_stays_in_its_topic_and_the_general_one_has_no_number(
    office: PostOffice, sending: Sending, ada: Person, server: TelegramServer
) -> None:
    forum = server.group("Forum", ada, forum=True)
    topic = ada.opens_topic(forum, "News")

    await sending.send(office.chunk(office.address(forum, topic)))
    await sending.send(office.chunk(office.address(forum, 1)))
    assert [each.topic for each in forum.from_bot] == [topic, None]


async def test_an_answer_to_a_topic_that_is_gone_or_closed_goes_to_the_chat(
    office: PostOffice, sending: Sending, ada: Person, server: TelegramServer
) -> None:
    forum = server.group("Forum", ada, forum=True)
    closed = ada.opens_topic(forum, "News")
    forum.closed_topics.add(closed)

    await sending.send(office.chunk(office.address(forum, closed)))
    await sending.send(office.chunk(office.address(forum, closed + 999)))

    assert [each.topic for each in forum.from_bot] == [None, None]


# What goes wrong


async def test_formatting_that_telegram_refuses_is_sent_as_plain_text(
    office: PostOffice, sending: Sending, ada: Person
) -> None:
    chunk = replace(to(ada, office, "Hi"), format='[["bold",0,50]]')

    await sending.send(chunk)
    await sending.send(replace(chunk, format="of another version"))

    assert [(each.text, each.entities) for each in ada.chat.from_bot] == [("Hi", ())] * 2


async def test_a_group_that_became_a_supergroup_is_written_to_at_its_new_place(
    office: PostOffice, sending: Sending, ada: Person, server: TelegramServer
) -> None:
    group = server.group("Us", ada)
    new = server.group("Us", ada, supergroup=True)
    group.migrated_to = new.id
    address = office.address(group)
    office.events.fail(OSError("the database is away"))

    for text in ("one", "two", "three"):
        await sending.send(office.chunk(address, text))

    assert [each.text for each in new.from_bot] == ["one", "two", "three"]
    (event,) = office.events.noted
    assert (event.kind, event.address, event.moved_to) == ("moved", address, office.address(new))
    assert len(server.called("sendMessage")) == 5, "the third is sent to the new place at once"


REFUSALS: list[tuple[Fault, type[DeliveryError]]] = [
    (flood_wait(35), RateLimited),
    (refusing(forbidden("bot was blocked by the user")), ChatUnreachable),
    (refusing(forbidden("user is deactivated")), ChatUnreachable),
    (refusing(bad_request("chat not found")), ChatUnreachable),
    (refusing(bad_request("not enough rights to send text messages to the chat")), ChatUnreachable),
    (refusing(bad_request("CHAT_WRITE_FORBIDDEN")), ChatUnreachable),
    (refusing(bad_request("message is too long")), MessageRejected),
    (refusing(bad_request("BUTTON_DATA_INVALID")), MessageRejected),
    (refusing(Refused(401, "Unauthorized")), TemporaryFailure),
    (refusing(Refused(413, "Request Entity Too Large")), MessageRejected),
    (server_error(), TemporaryFailure),
    (bad_gateway(), TemporaryFailure),
    (ConnectionCut(), OutcomeUnknown),
    (ConnectionCut(carried_out=True), OutcomeUnknown),
    (Answered(Response(200, b"<html>"), carried_out=True), OutcomeUnknown),
]


@pytest.mark.parametrize(("fault", "error"), REFUSALS, ids=range(len(REFUSALS)))
async def test_a_failure_says_what_to_do_and_quotes_no_message(
    office: PostOffice,
    sending: Sending,
    ada: Person,
    server: TelegramServer,
    time: SteppedTimeline,
    fault: Fault,
    error: type[DeliveryError],
) -> None:
    server.faults.befall("sendMessage", fault)

    with pytest.raises(DeliveryError) as raised:
        await sending.send(to(ada, office, "Secret"))
    time.advance(40)
    await sending.send(to(ada, office, "again"))

    assert type(raised.value) is error
    assert "Secret" not in str(raised.value)
    assert ada.chat.from_bot[-1].text == "again"
    if isinstance(raised.value, RateLimited):
        assert raised.value.retry_after == 35


async def test_an_answer_that_does_not_come_in_time_may_have_arrived(
    office: PostOffice, sending: Sending, ada: Person, server: TelegramServer
) -> None:
    held = Held()
    server.faults.befall("sendMessage", held)
    impatient = replace(letter_of(to(ada, office), reply_to=None), patience=0.01)
    assert sending._run is not None

    with pytest.raises(OutcomeUnknown):
        await sending._run.line.post(impatient, office.address(ada.chat))
    held.go.set()


async def test_a_server_that_is_not_there_has_taken_nothing(
    office: PostOffice, ada: Person, server: TelegramServer
) -> None:
    async with office.opened() as sending:
        await server.__aexit__(None, None, None)

        with pytest.raises(TemporaryFailure):
            await sending.send(to(ada, office))


async def test_it_sends_only_while_it_is_open(office: PostOffice, ada: Person) -> None:
    sending = office.new()

    with pytest.raises(TemporaryFailure):
        await sending.send(to(ada, office))


# Its pace


async def test_what_would_wait_for_long_is_given_back_and_holds_up_no_other(
    office: PostOffice,
    sending: Sending,
    ada: Person,
    server: TelegramServer,
) -> None:
    bob = server.person("Bob")
    bob.starts()
    server.faults.befall("sendMessage", flood_wait(30))
    with pytest.raises(RateLimited):
        await sending.send(to(ada, office))

    with pytest.raises(RateLimited) as raised:
        await sending.send(to(ada, office))
    await sending.send(to(bob, office))

    assert 29 <= raised.value.retry_after <= 30
    assert len(server.called("sendMessage")) == 2, "Telegram wasn't asked again"


async def test_the_fourth_message_at_once_waits_a_second(
    office: PostOffice,
    sending: Sending,
    ada: Person,
    time: SteppedTimeline,
) -> None:
    async with anyio.create_task_group() as tasks:
        for number in range(4):
            tasks.start_soon(sending.send, to(ada, office, str(number)))
        await ada.chat.sees(lambda shown: shown.text == "2")
        await office.clock.until_asleep()
        assert len(ada.chat.from_bot) == 3
        time.advance(1)

    assert [each.text for each in ada.chat.from_bot] == ["0", "1", "2", "3"]


# Signs and keyboards


async def test_typing_is_shown_in_its_topic_and_not_right_after_an_answer(
    office: PostOffice, sending: Sending, ada: Person, server: TelegramServer
) -> None:
    address = office.address(ada.chat)
    await sending.show_typing(address)
    await sending.send(to(ada, office))
    await sending.show_typing(address)
    assert len(ada.chat.actions) == 1
    assert not ada.chat.typing

    sending.heard(address, str(ada.writes("more")))
    await sending.show_typing(address)
    assert ada.chat.typing

    forum = server.group("Forum", ada, forum=True)
    topic = ada.opens_topic(forum, "News")
    await sending.show_typing(office.address(forum, topic))
    assert forum.actions[-1].topic == topic


async def test_no_typing_overtakes_an_answer_that_is_on_its_way(
    office: PostOffice, sending: Sending, ada: Person, server: TelegramServer
) -> None:
    held = Held()
    server.faults.befall("sendMessage", held)

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(sending.send, to(ada, office))
        await held.came.wait()
        await sending.show_typing(office.address(ada.chat))
        held.go.set()

    assert ada.chat.actions == []


async def test_typing_is_not_shown_where_telegram_wants_silence(
    office: PostOffice, sending: Sending, ada: Person, server: TelegramServer
) -> None:
    server.faults.befall("sendMessage", flood_wait(30))
    with pytest.raises(RateLimited):
        await sending.send(to(ada, office))

    await sending.show_typing(office.address(ada.chat))

    assert ada.chat.actions == []


async def test_a_keyboard_goes_when_it_was_pressed(
    office: PostOffice, sending: Sending, ada: Person
) -> None:
    sent = await sending.send(to(ada, office, buttons=(Button("Yes", "y:1"),)))

    sending.pressed(office.address(ada.chat), sent.platform_message_id)

    await ada.chat.sees(lambda shown: shown.buttons == ())
    sending.pressed(office.address(ada.chat), "no number")


async def test_a_keyboard_waits_until_answers_have_room(
    office: PostOffice, sending: Sending, ada: Person, time: SteppedTimeline
) -> None:
    sent = await sending.send(to(ada, office, buttons=(Button("Yes", "y:1"),)))
    for _ in range(2):
        await sending.send(to(ada, office))

    sending.pressed(office.address(ada.chat), sent.platform_message_id)
    await office.clock.until_asleep()
    assert ada.chat.from_bot[0].buttons == (("Yes",),)
    time.advance(2)

    await ada.chat.sees(lambda shown: shown.message_id == message_id(sent) and not shown.buttons)
