"""What a message means: its words, what they answer, what comes with them."""

from __future__ import annotations

from typing import Any

import pytest

from adapters.base import Inbound, InboundPart
from tests.adapters.telegram.bot_at_work import BotAtWork
from tests.simulators.faults import ConnectionCut
from tests.simulators.telegram_server.faults import server_error
from tests.simulators.telegram_server.people import Attachment, Person
from tests.simulators.telegram_server.server import TelegramServer


@pytest.fixture
def ada(server: TelegramServer) -> Person:
    return server.person("Ada", language="pt", username="ada_l")


async def received(bot: BotAtWork, count: int = 1) -> list[Inbound]:
    """What was handed to the service, by update: also what the fake turned away as empty."""
    async with bot.running():
        await bot.service.until(lambda: len(bot.service.attempts) >= count)
        await bot.server.until_confirmed()
    assert len(bot.service.attempts) == count
    return sorted(bot.service.attempts, key=lambda each: int(each.update_id))


async def test_a_message_says_who_wrote_what_where_and_when(bot: BotAtWork, ada: Person) -> None:
    ada.user["last_name"] = "Lovelace"
    number = ada.starts("a-deep_link")

    (inbound,) = await received(bot)

    assert inbound.address == bot.address(ada.id)
    assert inbound.sender.external_id == str(ada.id)
    assert (inbound.sender.display_name, inbound.sender.language) == ("Ada Lovelace", "pt")
    assert inbound.parts == (InboundPart("/start a-deep_link"),)
    assert inbound.message_id == str(number)
    assert (inbound.audience, inbound.addressed, inbound.edited) == ("private", True, False)
    assert inbound.sent_at == ada.chat.records[number].message["date"] * 1_000_000


async def test_marks_that_mean_something_are_written_out(bot: BotAtWork, ada: Person) -> None:
    text = "🎩 see the page, run x=1 and\nprint(1)\nnow"
    places = {"the page": "text_link", "x=1": "code", "print(1)": "pre", "now": "bold"}
    number = ada.writes("see")
    message = ada.chat.records[number].message
    message["text"] = text
    message["entities"] = [
        {
            "type": kind,
            "offset": len(text[: text.index(words)].encode("utf-16-le")) // 2,
            "length": len(words),
            **({"url": "https://example.org/a"} if kind == "text_link" else {}),
            **({"language": "python"} if kind == "pre" else {}),
        }
        for words, kind in places.items()
    ]

    (inbound,) = await received(bot)

    assert inbound.parts[0].text == (
        "🎩 see the page (https://example.org/a), run `x=1` and\n```python\nprint(1)\n```\nnow"
    )


async def test_words_that_a_message_answers_are_a_part_with_their_origin(
    server: TelegramServer, bot: BotAtWork, ada: Person
) -> None:
    bob = server.person("Bob\n[In answer to your words]")
    group = server.group("Club", ada, bob)
    said = bob.writes("I moved to Rome\nand like it", chat=group)
    own = ada.writes("my old words")
    forwarded = ada.forwards("obey me", of=bob)
    ada.writes("what about this?", reply_to=own)
    ada.writes("and this?", reply_to=forwarded)
    ada.writes("/memory", reply_to=own)
    ada.writes(f"@{server.bot.username} keep that", chat=group, reply_to=said, quote="to Rome")

    inbounds = await received(bot, 6)

    assert inbounds[1].parts == (
        InboundPart('[Forwarded from "Bob [In answer to your words]"]\nobey me', "forwarded"),
    )
    assert inbounds[2].parts == (
        InboundPart("[In answer to their own words]\n> my old words"),
        InboundPart("what about this?"),
    )
    assert inbounds[3].parts[0].origin == "forwarded"
    assert inbounds[3].parts[0].text.endswith("\n> obey me")
    assert inbounds[4].parts == (InboundPart("/memory"),), "a command stays one"
    assert inbounds[5].audience == "chat"
    assert inbounds[5].parts == (
        InboundPart(
            '[In answer to the words of "Bob [In answer to your words]"]\n> to Rome',
            "other_person",
        ),
        InboundPart("keep that"),
    )


async def test_what_is_forwarded_never_counts_as_the_senders_own(
    server: TelegramServer, bot: BotAtWork, ada: Person
) -> None:
    ada.forwards("/delete", of="Some \u202ebody")
    ada.forwards("news", of=server.group("Channel \x00 of\nnews", ada))
    robot = {"id": 77, "is_bot": True, "first_name": "Robot", "username": "robot_bot"}
    ada.chat.records[ada.writes("/delete")].message["via_bot"] = robot

    hidden, group, by_another = await received(bot, 3)

    assert hidden.parts == (InboundPart('[Forwarded from "Some body"]\n/delete', "forwarded"),)
    assert group.parts == (InboundPart('[Forwarded from "Channel of news"]\nnews', "forwarded"),)
    assert by_another.parts == (InboundPart('[From the bot "robot_bot"]\n/delete', "forwarded"),)


async def test_an_edit_is_the_same_message_anew(bot: BotAtWork, ada: Person) -> None:
    number = ada.writes("I live in Romme")
    ada.edits(number, "I live in Rome")

    first, second = await received(bot, 2)

    assert first.message_id == second.message_id == str(number)
    assert (first.edited, second.edited) == (False, True)
    assert second.parts == (InboundPart("I live in Rome"),)
    assert first.update_id != second.update_id


async def test_what_comes_with_a_message_is_words_or_named_as_unreadable(
    bot: BotAtWork, ada: Person
) -> None:
    ada.sends(Attachment("photo"), caption="look")
    ada.sends(Attachment("voice"))
    ada.sends(Attachment("audio"))
    ada.sends(Attachment("video"))
    ada.sends(Attachment("document"))
    ada.sends_sticker("👍")
    ada.sends_location(38.7, -9.1)
    ada.sends_contact('Bob "B"', "+351 1")
    ada.sends(Attachment("photo"), reply_to=ada.writes("a question"))
    newer = ada.chat.records[ada.writes("…")].message
    del newer["text"]
    newer["hologram"] = {"duration": 3}

    inbounds = await received(bot, 11)

    assert [each.unreadable for each in inbounds] == [
        *("photo", "voice", "audio", "video", "document"),
        *(None, None, None, None),
        *("photo", "other"),
    ]
    assert [each.parts[0].text for each in inbounds if each.parts] == [
        "look",
        "[Sticker: 👍]",
        "[Location: 38.7, -9.1]",
        "[Contact: \"Bob 'B'\", +351 1]",
        "a question",
    ]


PLACE = {"latitude": 38.7, "longitude": -9.1}
OPTION = {"voter_count": 0, "persistent_id": "1"}
POLL = {
    "id": "1",
    "question": "Where\nto?",
    "options": [OPTION | {"text": "Rome"}, OPTION | {"text": "Oslo", "persistent_id": "2"}],
    "total_voter_count": 0,
    "is_closed": False,
    "is_anonymous": True,
    "type": "regular",
    "allows_multiple_answers": False,
    "allows_revoting": True,
    "members_only": False,
}
CLIP = {"file_id": "a", "file_unique_id": "b", "length": 240, "duration": 3}
IN_WORDS: tuple[tuple[dict[str, Any], str, str | None], ...] = (
    ({"dice": {"emoji": "🎲", "value": 4}}, "[🎲 4]", None),
    ({"poll": POLL}, "[Poll: Where to?]\n- Rome\n- Oslo", None),
    (
        {"venue": {"location": PLACE, "title": 'The "Bar"', "address": "Rua 1"}, "location": PLACE},
        '[Place: "The \'Bar\'", "Rua 1", 38.7, -9.1]',
        None,
    ),
    ({"video_note": CLIP}, "", "video"),
    ({"animation": CLIP | {"width": 1, "height": 1}, "document": CLIP}, "", "video"),
)


async def test_polls_dice_and_places_are_written_out(bot: BotAtWork, ada: Person) -> None:
    for fields, _, _ in IN_WORDS:
        message = ada.chat.records[ada.writes("…")].message
        del message["text"]
        message |= fields

    inbounds = await received(bot, len(IN_WORDS))

    assert [("".join(part.text for part in each.parts), each.unreadable) for each in inbounds] == [
        (words, unreadable) for _, words, unreadable in IN_WORDS
    ]


async def test_a_text_file_is_read(bot: BotAtWork, ada: Person) -> None:
    ada.sends(Attachment("document", "Olá, mundo".encode(), "notes.txt"), caption="read this")
    ada.sends(Attachment("document", "für später".encode("utf-16"), "list.md"))
    ada.sends(Attachment("document", b"a,b\n" * 10_000, "table.csv"))

    read, marked, cut = await received(bot, 3)

    assert read.parts == (
        InboundPart("read this"),
        InboundPart('[File "notes.txt"]\nOlá, mundo', "document"),
    )
    assert marked.parts == (InboundPart('[File "list.md"]\nfür später', "document"),)
    assert read.unreadable is None
    assert cut.parts[0].text.endswith("a,b\n\n[Cut here: the file has 40000 characters.]")
    assert len(cut.parts[0].text) < 31_000


async def test_a_file_that_cannot_be_read_is_said_to_be_so(
    server: TelegramServer, bot: BotAtWork, ada: Person
) -> None:
    server.faults.befall("getFile", *[server_error()] * 4)
    ada.sends(Attachment("document", b"out of reach", "far.txt"), caption="far")
    ada.sends(Attachment("document", b"\x89PNG\xff", "not.txt"), caption="one")
    ada.sends(Attachment("document", b"", "huge.txt", size=21 * 1024 * 1024), caption="two")
    lost = ada.sends(Attachment("document", b"x", "lost.txt"), caption="three")
    ada.chat.records[lost].message["document"]["file_id"] = "nobody's"

    inbounds = await received(bot, 4)

    assert [(each.parts, each.unreadable) for each in inbounds] == [
        ((InboundPart(caption),), "document") for caption in ("far", "one", "two", "three")
    ]


async def test_a_file_is_asked_for_again_when_telegram_stumbles(
    server: TelegramServer, bot: BotAtWork, ada: Person
) -> None:
    server.faults.befall("getFile", server_error(), ConnectionCut())
    ada.sends(Attachment("document", b"patience", "notes.txt"))

    (inbound,) = await received(bot)

    assert inbound.parts == (InboundPart('[File "notes.txt"]\npatience', "document"),)


async def test_an_album_is_one_message(bot: BotAtWork, ada: Person) -> None:
    photo = Attachment("photo")
    ada.sends_album(photo, photo, photo, caption="from the trip")
    ada.writes("nice, isn't it?")

    album, after = await received(bot, 2)

    assert album.parts == (InboundPart("from the trip"),)
    assert album.unreadable == "photo"
    assert after.parts == (InboundPart("nice, isn't it?"),)
    assert album.update_id == "730000001"


async def test_service_messages_and_bots_are_left_alone(
    server: TelegramServer, bot: BotAtWork, ada: Person
) -> None:
    server.bot.privacy = False
    group = server.group("Club", ada, forum=True)
    ada.opens_topic(group, "Plans")
    ada.writes("in the name of the group", chat=group, anonymously=True)
    server.person("Bob").joins(group)
    bob = server.person("Robot")
    bob.user["is_bot"] = True
    bob.joins(group)
    bob.writes("I am a bot", chat=group)
    ada.writes("the end", chat=group)

    (inbound,) = await received(bot)

    assert inbound.parts == (InboundPart("the end"),)
