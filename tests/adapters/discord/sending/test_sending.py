"""What becomes of a chunk on Discord, and of one that Discord doesn't take."""

from __future__ import annotations

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
    TemporaryFailure,
)
from adapters.discord.sending import Sending
from tests.adapters.discord.sending.post_office import PostOffice, happened, shows
from tests.simulators.discord_server.channels import Channel
from tests.simulators.discord_server.faults import (
    Fault,
    banned,
    rate_limited,
    refusing,
    server_error,
)
from tests.simulators.discord_server.guilds import Guild
from tests.simulators.discord_server.people import Person
from tests.simulators.discord_server.permissions import Permission
from tests.simulators.discord_server.refusals import Refused, invalid_form, slow_mode
from tests.simulators.discord_server.server import DiscordServer
from tests.simulators.faults import ConnectionCut, Held

POST = "POST /channels/{}/messages"
LONG = "A **long** story of some words. " * 1_000


# How it looks


async def test_an_answer_is_shown_as_its_markdown_means_and_nobody_is_pinged(
    office: PostOffice, sending: Sending, ada: Person, general: Channel, server: DiscordServer
) -> None:
    sent = await sending.send(office.chunk(general, f"**Hi** {ada.mention} @everyone"))

    (shown,) = general.bots()
    assert shown.text == f"**Hi** \\{ada.mention} \\@everyone"
    assert (str(shown.message_id), shown.notified) == (sent.platform_message_id, frozenset())
    (call,) = server.called(POST)
    assert call.asked["allowed_mentions"] == {"parse": [], "replied_user": False}
    assert call.asked["flags"] == 4


async def test_a_private_chat_is_opened_once(
    office: PostOffice, sending: Sending, ada: Person, server: DiscordServer
) -> None:
    bob = server.person("Bob")
    sending.met(bob.id, bob.dm.id)
    bob.writes("hi")

    for person in (ada, ada, bob):
        await sending.send(office.chunk(person))

    assert [len(each.dm.bots()) for each in (ada, bob)] == [2, 1]
    assert len(server.called("POST /users/@me/channels")) == 1


async def test_a_long_answer_comes_as_a_file_below_its_beginning(
    office: PostOffice, sending: Sending, general: Channel
) -> None:
    await sending.send(office.chunk(general, LONG, buttons=(Button("More", "m:1"),)))

    (shown,) = general.bots()
    assert {name: text.decode() for name, text in shown.files.items()} == {"answer.md": LONG}
    assert shown.text.startswith("A **long** story")
    assert shown.text.endswith("turn.rest_in_file \\[en] file=answer.md")
    assert shown.buttons == (("More",),)


async def test_an_answer_names_its_question_on_a_server_always(
    office: PostOffice, sending: Sending, ada: Person, general: Channel
) -> None:
    question = ada.writes("one", channel=general)
    sending.heard(office.address(general), str(question))

    await sending.send(office.chunk(general, reply_to=question))
    ada.deletes(question, channel=general)
    await sending.send(office.chunk(general, reply_to=question))

    assert [each.reply_to for each in general.bots()] == [question, None]


async def test_in_a_private_chat_it_does_only_where_another_came_between(
    office: PostOffice, sending: Sending, ada: Person
) -> None:
    question, address = ada.writes("one"), office.address(ada)
    sending.heard(address, str(question))
    await sending.send(office.chunk(ada, reply_to=question))
    sending.heard(address, str(ada.writes("two")))

    await sending.send(office.chunk(ada, reply_to=question))

    assert [each.reply_to for each in ada.dm.bots()] == [None, question]


async def test_an_archived_thread_is_woken_and_one_that_is_locked_or_gone_leaves_the_channel(
    office: PostOffice, sending: Sending, ada: Person, general: Channel
) -> None:
    thread = ada.opens_thread(general, "News")
    question = ada.writes("why?", channel=thread)
    ada.archives(thread)
    await sending.send(office.chunk(thread, "awake", reply_to=question))
    ada.archives(thread, locked=True)
    await sending.send(office.chunk(thread, "locked", reply_to=question))
    gone = replace(office.address(thread), topic="123456789012345678")
    await sending.send(replace(office.chunk(thread, "gone"), address=gone))

    assert [each.text for each in thread.bots()] == ["awake"]
    assert [(each.text, each.reply_to) for each in general.bots()] == [
        ("locked", None),
        ("gone", None),
    ]


async def test_a_post_of_a_forum_that_is_locked_says_nothing_of_the_others(
    office: PostOffice, sending: Sending, ada: Person, guild: Guild
) -> None:
    forum = guild.forum("help")
    locked, other = (ada.opens_post(forum, title, "?") for title in ("One", "Two"))
    ada.archives(locked, locked=True)

    with pytest.raises(MessageRejected):
        await sending.send(office.chunk(locked))
    await sending.send(office.chunk(other))

    assert len(other.bots()) == 1


# Once


async def test_an_answer_whose_arrival_nobody_knows_of_is_sent_again_and_seen_once(
    office: PostOffice, sending: Sending, general: Channel, server: DiscordServer
) -> None:
    chunk = office.chunk(general)
    server.faults.befall(POST, ConnectionCut(carried_out=True))

    with pytest.raises(OutcomeUnknown):
        await sending.send(chunk)
    sent = await sending.send(replace(chunk, uncertain=True))

    (shown,) = general.bots()
    assert sent.platform_message_id == str(shown.message_id)


async def test_what_the_library_repeats_by_itself_is_seen_once(
    office: PostOffice, sending: Sending, general: Channel, server: DiscordServer
) -> None:
    server.faults.befall(POST, server_error(502, carried_out=True), rate_limited(0.01))

    await sending.send(office.chunk(general))

    assert len(general.bots()) == 1


async def test_a_nonce_that_is_too_long_for_discord_is_shortened(
    office: PostOffice, sending: Sending, general: Channel
) -> None:
    for _ in range(2):
        await sending.send(office.chunk(general, nonce="x" * 40))

    assert len(general.bots()) == 1


# What goes wrong


async def test_formatting_that_discord_refuses_is_sent_as_plain_text(
    office: PostOffice, sending: Sending, general: Channel
) -> None:
    await sending.send(replace(office.chunk(general, "*Hi*"), format="x" * 2_001))

    assert [each.text for each in general.bots()] == ["Hi"]


async def test_a_file_that_discord_refuses_stays_behind(
    office: PostOffice, sending: Sending, guild: Guild, general: Channel, server: DiscordServer
) -> None:
    server.faults.befall(POST, refusing(Refused(413, 40005, "Request entity too large")))
    await sending.send(office.chunk(general, LONG))
    guild.denies_bot(general, Permission.ATTACH_FILES)
    await sending.send(office.chunk(general, LONG))

    assert [dict(each.files) for each in general.bots()] == [{}, {}]


REFUSED: list[tuple[Fault, type[DeliveryError]]] = [
    (refusing(Refused(403, 50007, "Cannot send messages to this user")), ChatUnreachable),
    (refusing(Refused(403, 50001, "Missing Access")), ChatUnreachable),
    (refusing(Refused(403, 50013, "Missing Permissions")), ChatUnreachable),
    (refusing(Refused(404, 10003, "Unknown Channel")), ChatUnreachable),
    (refusing(Refused(400, 50008, "Cannot send messages in a non-text channel")), ChatUnreachable),
    (
        refusing(Refused(403, 200000, "Message was blocked by automatic moderation")),
        MessageRejected,
    ),
    (
        refusing(invalid_form("content", "BASE_TYPE_MAX_LENGTH", "Must be shorter.")),
        MessageRejected,
    ),
    (refusing(Refused(400, 50006, "Cannot send an empty message")), MessageRejected),
    (refusing(Refused(400, 50109, "The request body contains invalid JSON.")), MessageRejected),
    (refusing(Refused(404, 0, "404: Not Found")), MessageRejected),
    (refusing(Refused(400, 130000, "API resource is currently overloaded.")), TemporaryFailure),
    (refusing(Refused(404, 10004, "Unknown Guild")), ChatUnreachable),
    (refusing(Refused(404, 10013, "Unknown User")), ChatUnreachable),
    (refusing(Refused(400, 50033, "Invalid Recipient(s)")), ChatUnreachable),
    (refusing(Refused(403, 50278, "Cannot send messages to this user")), ChatUnreachable),
    (refusing(Refused(400, 160005, "Thread is locked")), ChatUnreachable),
    (refusing(Refused(403, 240000, "Message contains a harmful link")), MessageRejected),
    (refusing(Refused(413, 40005, "Request entity too large")), MessageRejected),
    (refusing(Refused(405, 0, "405: Method Not Allowed")), MessageRejected),
    (refusing(Refused(403, 40004, "Send messages has been disabled")), TemporaryFailure),
    (refusing(Refused(403, 20026, "Flagged by our anti-spam system")), TemporaryFailure),
    (server_error(403), TemporaryFailure),
    (server_error(503), TemporaryFailure),
    (refusing(Refused(403, 40003, "You are opening direct messages too fast")), RateLimited),
    (rate_limited(70, code=20028), RateLimited),
    (refusing(Refused(401, 0, "401: Unauthorized")), TemporaryFailure),
    (banned(), RateLimited),
    (rate_limited(70, via=False), RateLimited),
    (rate_limited(70, "shared"), RateLimited),
    (rate_limited(70, "global"), RateLimited),
    (refusing(slow_mode(70)), RateLimited),
    (ConnectionCut(), OutcomeUnknown),
]


@pytest.mark.parametrize(("fault", "error"), REFUSED, ids=range(len(REFUSED)))
async def test_a_refusal_says_what_to_do_next(
    office: PostOffice,
    sending: Sending,
    general: Channel,
    server: DiscordServer,
    fault: Fault,
    error: type[DeliveryError],
) -> None:
    server.faults.befall(POST, fault)

    with pytest.raises(error) as raised:
        await sending.send(office.chunk(general))

    assert type(raised.value) is error
    if isinstance(raised.value, RateLimited):
        assert 55 <= raised.value.retry_after <= 75


async def test_a_server_that_is_not_there_is_tried_later(
    office: PostOffice, server: DiscordServer, general: Channel
) -> None:
    async with office.opened() as sending:
        await server.__aexit__(None, None, None)

        with pytest.raises(TemporaryFailure):
            await sending.send(office.chunk(general))
    with pytest.raises(TemporaryFailure):
        await sending.send(office.chunk(general))


async def test_a_closed_private_chat_is_left_alone_until_its_person_writes(
    office: PostOffice, sending: Sending, ada: Person, server: DiscordServer
) -> None:
    ada.closes_dms()
    for _ in range(3):
        with pytest.raises(ChatUnreachable):
            await sending.send(office.chunk(ada))
        await sending.show_typing(office.address(ada))
        await shows(sending, office, ada, "so far")
    assert len(server.called(POST)) == 1

    ada.opens_dms()
    sending.met(ada.id, ada.dm.id)
    await sending.send(office.chunk(ada))

    assert len(ada.dm.bots()) == 1


async def test_where_nobody_waits_out_a_limit_over_all_others_are_not_held_up(
    office: PostOffice, sending: Sending, ada: Person, general: Channel, server: DiscordServer
) -> None:
    server.faults.befall("POST /channels/{}/typing", rate_limited(29, "global"))
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(sending.show_typing, office.address(ada))
        await server.until_called("POST /channels/{}/typing")
        await anyio.wait_all_tasks_blocked()
        tasks.cancel_scope.cancel()

    with anyio.fail_after(20):
        await sending.send(office.chunk(general))


async def test_a_token_that_is_gone_is_told_and_not_tried_again_at_once(
    office: PostOffice, sending: Sending, general: Channel, server: DiscordServer
) -> None:
    server.bot.revoked = True
    for _ in range(20):
        with pytest.raises(TemporaryFailure):
            await sending.send(office.chunk(general))

    assert server.refused[401] == 1
    assert sending.trouble == "Discord refuses the bot's token"

    server.bot.revoked = False
    office.time.advance(61)
    await sending.send(office.chunk(general))
    assert sending.trouble == ""


async def test_nothing_is_sent_for_a_while_when_too_much_was_refused(
    office: PostOffice,
    sending: Sending,
    general: Channel,
    server: DiscordServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("adapters.discord.caution.MOST", 3)
    for _ in range(3):
        server.faults.befall(POST, refusing(Refused(403, 50013, "Missing Permissions")))
        with pytest.raises(ChatUnreachable):
            await sending.send(office.chunk(general))

    with pytest.raises(RateLimited) as raised:
        await sending.send(office.chunk(general))
    assert (raised.value.retry_after, len(server.called(POST))) == (600, 3)
    assert sending.trouble

    office.time.advance(601)
    await sending.send(office.chunk(general))
    assert sending.trouble == ""


async def test_a_slow_channel_holds_up_no_other(
    office: PostOffice, sending: Sending, ada: Person, general: Channel, server: DiscordServer
) -> None:
    held = Held()
    server.faults.befall(POST, held)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(sending.send, office.chunk(general))
        await held.came.wait()
        await sending.send(office.chunk(ada))
        held.go.set()

    assert len(ada.dm.bots()) == len(general.bots()) == 1


# Typing


async def test_typing_is_shown_until_the_answer_and_not_behind_it(
    office: PostOffice, sending: Sending, ada: Person
) -> None:
    await sending.show_typing(office.address(ada))
    assert ada.dm.typing

    office.time.advance(0.5)
    await sending.send(office.chunk(ada))
    office.time.advance(0.5)
    await sending.show_typing(office.address(ada))
    assert not ada.dm.typing

    sending.heard(office.address(ada), str(ada.writes("more")))
    await sending.show_typing(office.address(ada))
    assert ada.dm.typing


async def test_typing_that_cannot_be_shown_is_let_be(
    office: PostOffice, sending: Sending, general: Channel, server: DiscordServer
) -> None:
    server.faults.befall("POST /channels/{}/typing", server_error(503), ConnectionCut())
    for _ in range(2):
        await sending.show_typing(office.address(general))

    assert happened(general) == []
