"""People in the Telegram simulator: what they do is what the real client's updates say."""

from __future__ import annotations

from collections.abc import AsyncGenerator

import pytest
from telegram import (
    Bot,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InlineQueryResultArticle,
    InputTextMessageContent,
    Update,
)
from telegram.error import BadRequest, ChatMigrated, Forbidden

from tests.simulators.telegram_server.client import talking
from tests.simulators.telegram_server.people import Attachment
from tests.simulators.telegram_server.server import TelegramServer
from tests.simulators.telegram_server.world import Bot as BotAccount
from tests.simulators.timeline import SteppedTimeline


@pytest.fixture
async def server(time: SteppedTimeline) -> AsyncGenerator[TelegramServer, None]:
    async with TelegramServer(timeline=time, bot=BotAccount(topics=True)) as server:
        yield server


@pytest.fixture
async def bot(server: TelegramServer) -> AsyncGenerator[Bot, None]:
    async with talking(server) as bot:
        await bot.get_updates(allowed_updates=list(Update.ALL_TYPES))
        yield bot


@pytest.fixture
def news(bot: Bot, time: SteppedTimeline) -> News:
    return News(bot, time)


class News:
    """The updates since one last asked, parsed and confirmed."""

    def __init__(self, bot: Bot, time: SteppedTimeline) -> None:
        self._bot = bot
        self._time = time
        self._offset = 0

    async def __call__(self) -> list[Update]:
        self._time.advance(4)
        updates = list(await self._bot.get_updates(offset=self._offset))
        if updates:
            self._offset = updates[-1].update_id + 1
        for each in updates:
            assert not each.api_kwargs, "a field that the library doesn't know"
        return updates

    async def texts(self) -> list[str]:
        return [
            each.effective_message.text or ""
            for each in await self()
            if each.effective_message is not None
        ]


async def test_replies_edits_and_forwards_say_what_they_are(
    server: TelegramServer, news: News
) -> None:
    ada, bob = server.person("Ada", language="de"), server.person("Bob")
    ada.starts("token-123")
    question = ada.writes("Look at 😀 this: https://example.org")
    ada.writes("that", reply_to=question, quote="this")
    ada.edits(question, "Look at that")
    ada.forwards("not mine", of=bob)
    ada.forwards("nor mine", of="Hidden Hugo")

    updates = await news()
    messages = [each.effective_message for each in updates if each.effective_message]
    start, asked, reply, edited, forwarded, hidden = messages
    assert start.text == "/start token-123"
    assert start.from_user is not None
    assert start.from_user.language_code == "de"
    assert list(asked.parse_entities().values()) == ["https://example.org"]
    assert reply.quote is not None
    assert (reply.quote.text, reply.quote.position) == ("this", 11)
    assert reply.reply_to_message == asked
    assert updates[3].edited_message == edited
    assert edited.edit_date is not None
    assert forwarded.forward_origin is not None
    assert forwarded.forward_origin.to_dict()["sender_user"]["first_name"] == "Bob"
    assert hidden.forward_origin is not None
    assert hidden.forward_origin.to_dict()["sender_user_name"] == "Hidden Hugo"


async def test_media_are_complete_and_their_files_can_be_fetched(
    server: TelegramServer, bot: Bot, news: News
) -> None:
    ada = server.person("Ada")
    album = ada.sends_album(Attachment("photo"), Attachment("photo"), caption="Both")
    ada.sends(Attachment("voice", b"ogg"))
    ada.sends(Attachment("document", b"%PDF", "plan.pdf"), caption="The plan")
    ada.sends(Attachment("video", size=21 * 1024 * 1024))
    ada.sends_sticker()
    ada.sends_location(52.5, 13.4)
    ada.sends_contact("Carl", "+491234567")

    messages = [each.message for each in await news() if each.message]
    first, second, voice, document, video, sticker, location, contact = messages
    assert [each.message_id for each in (first, second)] == album
    assert first.media_group_id == second.media_group_id
    assert (first.caption, second.caption) == ("Both", None)
    assert voice.voice
    assert sticker.sticker
    assert location.location
    assert contact.contact
    assert document.document is not None
    file = await bot.get_file(document.document)
    assert bytes(await file.download_as_bytearray()) == b"%PDF"
    assert video.video is not None
    with pytest.raises(BadRequest, match="File is too big"):
        await bot.get_file(video.video)


async def test_with_privacy_a_group_lets_the_bot_hear_only_what_is_for_it(
    server: TelegramServer, bot: Bot, news: News
) -> None:
    ada, bob = server.person("Ada"), server.person("Bob")
    group = server.group("Team", ada, bob, supergroup=True)
    for text in ("among us", "/help", "/help@other_bot", "hey @familiar_test_bot", "@someone"):
        bob.writes(text, chat=group)
    ours = await bot.send_message(group.id, "I am here")
    ada.writes("good", chat=group, reply_to=ours.message_id)
    ada.reacts(ours.message_id, "👍", chat=group)
    assert await news.texts() == ["/help", "hey @familiar_test_bot", "good"]
    assert not (await bot.get_me()).can_read_all_group_messages

    ada.makes_bot_admin(group)
    bob.writes("among us too", chat=group)
    ada.writes("from above", chat=group, anonymously=True)
    ada.reacts(ours.message_id, "👎", chat=group)
    promoted, heard, anonymous, reaction = await news()
    assert promoted.my_chat_member is not None
    assert promoted.my_chat_member.new_chat_member.status == "administrator"
    assert heard.effective_user is not None
    assert heard.effective_user.id == bob.id
    assert anonymous.message is not None
    assert anonymous.message.sender_chat == anonymous.effective_chat
    assert reaction.message_reaction is not None
    member = await bot.get_chat_member(group.id, ada.id)
    assert member.status == "creator"
    assert (await bot.get_chat(group.id)).title == "Team"


async def test_blocking_leaving_and_upgrading_are_told_and_refuse_what_is_sent(
    server: TelegramServer, bot: Bot, news: News
) -> None:
    ada, bob, carl = server.person("Ada"), server.person("Bob"), server.person("Carl")
    ada.starts()
    await bot.send_message(ada.id, "one")
    ada.blocks_bot()
    with pytest.raises(Forbidden, match="bot was blocked by the user"):
        await bot.send_message(ada.id, "two")
    ada.starts()
    await bot.send_message(ada.id, "three")
    statuses = [
        each.my_chat_member.new_chat_member.status for each in await news() if each.my_chat_member
    ]
    assert statuses == ["kicked", "member"]
    ada.is_deactivated()
    with pytest.raises(Forbidden, match="user is deactivated"):
        await bot.send_message(ada.id, "four")

    with pytest.raises(BadRequest, match="Chat not found"):
        await bot.send_message(carl.id, "a stranger")
    group = server.group("Team", bob, carl)
    with pytest.raises(Forbidden, match="bot can't initiate conversation with a user"):
        await bot.send_message(carl.id, "met in a group")

    wide = bob.upgrades(group)
    with pytest.raises(ChatMigrated) as moved:
        await bot.send_message(group.id, "old")
    assert moved.value.new_chat_id == wide.id
    told = [each.message for each in await news() if each.message]
    assert [each.migrate_to_chat_id for each in told] == [wide.id, None]
    assert told[1].migrate_from_chat_id == group.id

    bob.removes_bot(wide)
    with pytest.raises(Forbidden, match="bot was kicked from the supergroup chat"):
        await bot.send_message(wide.id, "gone")
    bob.adds_bot(wide)
    assert await bot.leave_chat(wide.id)
    with pytest.raises(Forbidden, match="bot is not a member of the supergroup chat"):
        await bot.send_message(wide.id, "left")
    assert [each.my_chat_member is not None for each in await news()] == [True, True, False, True]


async def test_topics_hold_their_own_messages(server: TelegramServer, bot: Bot, news: News) -> None:
    ada = server.person("Ada")
    forum = server.group("Forum", ada, forum=True, bot="administrator")
    topic, other = ada.opens_topic(forum, "Plans"), ada.opens_topic(ada.chat, "Ideas")
    ada.writes("hello", chat=forum, topic=topic)
    created, _, hello = await news()
    assert created.message is not None
    assert created.message.forum_topic_created
    assert hello.message is not None
    assert (hello.message.message_thread_id, hello.message.is_topic_message) == (topic, True)

    await bot.send_message(forum.id, "here", message_thread_id=topic)
    assert (await forum.sees("here")).topic == topic
    for chat, thread in ((forum.id, 1), (forum.id, 999), (ada.id, 77)):
        with pytest.raises(BadRequest, match="Message thread not found"):
            await bot.send_message(chat, "nowhere", message_thread_id=thread)
    ada.deletes_topic(ada.chat, other)
    with pytest.raises(BadRequest, match="Message thread not found"):
        await bot.send_chat_action(ada.id, "typing", message_thread_id=other)


async def test_a_press_is_answered_once_and_in_time(
    server: TelegramServer, bot: Bot, news: News, time: SteppedTimeline
) -> None:
    ada = server.person("Ada")
    ada.starts()
    keyboard = InlineKeyboardMarkup([[InlineKeyboardButton("Keep", callback_data="k:1")]])
    await bot.send_message(ada.id, "Keep it?", reply_markup=keyboard)
    assert (await ada.chat.sees("Keep it?")).buttons == (("Keep",),)
    press = ada.presses("Keep")
    query = (await news())[-1].callback_query
    assert query is not None
    assert (query.data, query.from_user.id) == ("k:1", ada.id)
    await query.answer("Kept", show_alert=True)
    assert await ada.gets_answer_to(press) == {"text": "Kept", "show_alert": True}

    with pytest.raises(BadRequest, match="Query is too old"):
        await query.answer("again")
    late = ada.presses("Keep")
    time.advance(16)
    with pytest.raises(BadRequest, match="Query is too old"):
        await bot.answer_callback_query(late)
    assert ada.answer_to(late) is None


async def test_business_messages_and_guests_are_answered_where_they_were_asked(
    server: TelegramServer, bot: Bot, news: News, time: SteppedTimeline
) -> None:
    ada, bob = server.person("Ada"), server.person("Bob")
    connection = ada.connects_business()
    theirs = bob.writes_to_business("Are you open?", connection)
    connected, asked = await news()
    assert connected.business_connection is not None
    assert connected.business_connection.user.id == ada.id
    assert asked.business_message is not None
    assert asked.business_message.business_connection_id == connection.id
    await bot.send_message(bob.id, "Yes", business_connection_id=connection.id)
    await theirs.sees("Yes")
    ada.writes_as_business("We close at six", connection, to=bob)
    own = (await news())[-1].business_message
    assert own is not None
    assert own.from_user is not None
    assert (own.from_user.id, own.chat.id) == (ada.id, bob.id)
    time.advance(25 * 3600)
    with pytest.raises(BadRequest):
        await bot.send_message(bob.id, "Still", business_connection_id=connection.id)

    elsewhere = server.group("Elsewhere", bob, bot="left")
    number = bob.asks_as_guest("@familiar_test_bot what is it?", elsewhere)
    guest = (await news())[-1].guest_message
    assert guest is not None
    assert guest.guest_query_id == number
    answer = InlineQueryResultArticle("1", "Answer", InputTextMessageContent("A moment"))
    sent = await bot.answer_guest_query(number, answer)
    await elsewhere.sees("A moment")
    await bot.edit_message_text("It is this", inline_message_id=sent.inline_message_id)
    assert (await elsewhere.sees("It is this")).edited
