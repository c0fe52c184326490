"""What the Telegram simulator lets a bot send, change and set, and what people then see."""

from __future__ import annotations

import httpx
import pytest
from telegram import (
    Bot,
    BotCommand,
    BotCommandScopeAllPrivateChats,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    LinkPreviewOptions,
    MenuButtonCommands,
    ReplyParameters,
)
from telegram.error import BadRequest, EndPointNotFound, InvalidToken, NetworkError, RetryAfter

from tests.house import PATIENCE
from tests.simulators.telegram_server.client import talking
from tests.simulators.telegram_server.people import Person
from tests.simulators.telegram_server.server import NotSimulated, TelegramServer
from tests.simulators.timeline import SteppedTimeline


@pytest.fixture
def ada(server: TelegramServer) -> Person:
    ada = server.person("Ada")
    ada.starts()
    return ada


def keyboard(*rows: int, data: str = "x") -> InlineKeyboardMarkup:
    button = InlineKeyboardButton("Go", callback_data=data)
    return InlineKeyboardMarkup([[button] * row for row in rows])


async def test_a_message_is_edited_and_deleted_before_everyones_eyes(
    bot: Bot, ada: Person, time: SteppedTimeline
) -> None:
    sent = await bot.send_message(
        ada.id,
        "<b>one</b>",
        parse_mode="HTML",
        reply_markup=keyboard(1),
        link_preview_options=LinkPreviewOptions(is_disabled=True),
        reply_parameters=ReplyParameters(1),
    )
    assert sent.reply_to_message is not None
    assert sent.link_preview_options == LinkPreviewOptions(is_disabled=True)
    with pytest.raises(BadRequest, match="Message is not modified"):
        await bot.edit_message_text(
            "*one*", ada.id, sent.message_id, parse_mode="MarkdownV2", reply_markup=keyboard(1)
        )
    time.advance(3)
    await bot.edit_message_text("two", ada.id, sent.message_id)
    shown = await ada.chat.sees("two")
    assert (shown.edited, shown.buttons, shown.entities) == (True, (), ())
    await bot.edit_message_reply_markup(ada.id, sent.message_id, reply_markup=keyboard(2))
    assert ada.chat.from_bot[0].buttons == (("Go", "Go"),)
    for number, said in ((99, "Message to edit not found"), (1, "Message can't be edited")):
        with pytest.raises(BadRequest, match=said):
            await bot.edit_message_text("three", ada.id, number)

    await bot.set_message_reaction(ada.id, 1, "👍")
    assert ada.chat.reactions[1][0]["emoji"] == "👍"
    with pytest.raises(BadRequest, match=r"(?i)REACTION_INVALID"):
        await bot.set_message_reaction(ada.id, 1, "🥨")
    await bot.delete_message(ada.id, sent.message_id)
    await ada.chat.no_longer_sees("two")
    with pytest.raises(BadRequest, match="Message to delete not found"):
        await bot.delete_message(ada.id, sent.message_id)
    with pytest.raises(BadRequest, match="Message to be replied not found"):
        await bot.send_message(ada.id, "x", reply_parameters=ReplyParameters(sent.message_id))
    loose = ReplyParameters(sent.message_id, allow_sending_without_reply=True)
    assert (await bot.send_message(ada.id, "x", reply_parameters=loose)).reply_to_message is None


async def test_keyboards_over_the_limits_are_refused(bot: Bot, ada: Person) -> None:
    for markup, said in (
        (keyboard(9), "Reply markup is too long"),
        (keyboard(*[8] * 13), "Reply markup is too long"),
        (keyboard(1, data="é" * 33), "(?i)BUTTON_DATA_INVALID"),
    ):
        with pytest.raises(BadRequest, match=said):
            await bot.send_message(ada.id, "x", reply_markup=markup)
    await bot.send_message(ada.id, "x", reply_markup=keyboard(*[8] * 12, 4, data="é" * 32))


async def test_documents_photos_drafts_and_typing_are_seen(
    bot: Bot, ada: Person, server: TelegramServer, time: SteppedTimeline
) -> None:
    await bot.send_chat_action(ada.id, "typing")
    assert ada.chat.typing
    await bot.send_message_draft(ada.id, 7, "Once upon")
    await bot.send_message_draft(ada.id, 7, "Once upon a *time*", parse_mode="MarkdownV2")
    assert ada.chat.draft is not None
    assert ada.chat.draft.text == "Once upon a time"
    time.advance(29)
    assert not ada.chat.typing
    assert ada.chat.draft is not None
    time.advance(1)
    assert ada.chat.draft is None
    await bot.send_message_draft(ada.id, 8)
    await bot.send_message(ada.id, "Once upon a time")
    assert ada.chat.draft is None
    await bot.send_message_draft(ada.id, 9, "And then")
    assert ada.chat.draft is not None
    assert [(each.what, each.text) for each in ada.chat.history if each.by_bot] == [
        ("action", "typing"),
        ("draft", "Once upon"),
        ("draft", "Once upon a time"),
        ("draft", ""),
        ("message", "Once upon a time"),
        ("draft", "And then"),
    ]
    with pytest.raises(BadRequest):
        await bot.send_message_draft(ada.id, 0, "x")
    with pytest.raises(BadRequest):
        await bot.send_message_draft(server.group("Team", ada).id, 1, "x")

    content = b"\x00line\r\n--boundary\r\n" * 9
    sent = await bot.send_document(
        ada.id, content, "*Data*", parse_mode="MarkdownV2", filename="ä.csv"
    )
    shown = await ada.chat.sees(lambda each: each.kind == "document")
    assert (shown.text, shown.file_name, shown.content) == ("Data", "ä.csv", content)
    assert sent.document is not None
    file = await bot.get_file(sent.document)
    assert bytes(await file.download_as_bytearray()) == content
    await bot.send_document(ada.id, sent.document.file_id)
    await bot.send_photo(ada.id, b"\x89PNG rest", caption="Look")
    assert (await ada.chat.sees("Look")).kind == "photo"
    with pytest.raises(BadRequest, match="Message caption is too long"):
        await bot.send_photo(ada.id, b"\x89PNG rest", caption="x" * 1025)
    with pytest.raises(BadRequest, match="File must be non-empty"):
        await bot.send_document(ada.id, b"")


async def test_whoever_sends_too_much_is_told_how_long_to_wait(
    bot: Bot, ada: Person, server: TelegramServer, time: SteppedTimeline
) -> None:
    async def fits(chat_id: int) -> bool:
        try:
            return bool(await bot.send_message(chat_id, "x"))
        except RetryAfter:
            return False

    assert [await fits(ada.id) for _ in range(6)] == [True] * 5 + [False]
    time.advance(1)
    assert [await fits(ada.id) for _ in range(2)] == [True, False]

    group = server.group("Team", ada)
    sent = 0
    for _ in range(25):
        time.advance(1)
        sent += await fits(group.id)
    assert sent == 20
    time.advance(60)

    people = [server.person(f"P{number}") for number in range(31)]
    for each in people:
        each.starts()
    assert sum([await fits(each.id) for each in people]) == 30
    time.advance(1)
    assert await fits(people[-1].id)


async def test_commands_are_kept_by_scope_and_language(
    bot: Bot, ada: Person, server: TelegramServer
) -> None:
    private = BotCommandScopeAllPrivateChats()
    await bot.set_my_commands([BotCommand("help", "Help")])
    await bot.set_my_commands([BotCommand("hilfe", "Hilfe")], private, language_code="de")
    assert [each.command for each in await bot.get_my_commands(private, "de")] == ["hilfe"]
    assert await bot.get_my_commands(private) == ()
    profile = server.world.profile
    assert profile.shown_commands(ada.id, "de")[0]["command"] == "hilfe"
    assert profile.shown_commands(ada.id, "fr")[0]["command"] == "help"
    await bot.delete_my_commands(private, "de")
    assert profile.shown_commands(ada.id, "de")[0]["command"] == "help"
    for command, said in (
        (("Help", "x"), "(?i)BOT_COMMAND_INVALID"),
        (("x" * 33, "x"), "Command length must not exceed 32"),
        (("x", "x" * 257), "Command description length must not exceed 256"),
    ):
        with pytest.raises(BadRequest, match=said):
            await bot.set_my_commands([command])
    with pytest.raises(BadRequest, match="There can be at most 100 bot commands"):
        await bot.set_my_commands([("x", "x")] * 101)

    await bot.set_my_description("A bot")
    await bot.set_my_short_description("Bot")
    await bot.set_chat_menu_button(menu_button=MenuButtonCommands())
    assert (profile.descriptions, profile.short_descriptions) == ({"": "A bot"}, {"": "Bot"})
    assert profile.menu_buttons[0] == {"type": "commands"}


async def test_a_method_that_telegram_has_and_the_simulator_lacks_fails_the_test() -> None:
    async def asks_for_a_name() -> None:
        async with TelegramServer() as server, talking(server) as bot:
            with pytest.raises(NetworkError):
                await bot.get_my_name()

    with pytest.raises(NotSimulated, match="getmyname"):
        await asks_for_a_name()


async def test_unknown_methods_and_revoked_tokens_are_refused(
    bot: Bot, ada: Person, server: TelegramServer
) -> None:
    with pytest.raises(EndPointNotFound):
        await bot.do_api_request("sendNothing")
    async with httpx.AsyncClient(base_url=server.url, timeout=PATIENCE) as client:
        malformed = (await client.get("/bot1:x/getMe")).json()
        assert malformed["description"] == "Unauthorized: invalid token specified"
        flooded = [
            await client.get(f"/bot{server.token}/sendMessage?chat_id={ada.id}&text=x")
            for _ in range(6)
        ][-1]
        assert (flooded.status_code, flooded.headers["retry-after"]) == (429, "1")
        assert flooded.json() == {
            "ok": False,
            "error_code": 429,
            "description": "Too Many Requests: retry after 1",
            "parameters": {"retry_after": 1},
        }
    server.bot.revoked = True
    with pytest.raises(InvalidToken, match="Unauthorized"):
        await bot.send_message(ada.id, "x")
