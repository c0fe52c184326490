"""Whatever an update looks like, it is read or it is malformed; and nothing is acknowledged early."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from telegram import User

from adapters.base import Inbound
from adapters.events import ChatEvent
from adapters.telegram.intake import as_job
from adapters.telegram.meaning import Ignored, Malformed, Pressed, Reacted, Said
from adapters.telegram.updates import Reader
from adapters.telegram.window import Window
from tests.adapters.damage import JUNK, damaged

ME = User(7, "Familiar", is_bot=True, username="familiar_bot")
ADA = {"id": 5, "is_bot": False, "first_name": "Ada", "language_code": "en"}
CLUB = {"id": -100, "type": "supergroup", "title": "Club", "is_forum": True}
OURS = {"id": 7, "is_bot": True, "first_name": "Familiar", "username": "familiar_bot"}
TEXT = {
    "message_id": 9,
    "from": ADA,
    "chat": CLUB,
    "date": 1_800_000_000,
    "text": "/memory@familiar_bot 🎩 of",
    "entities": [
        {"type": "bot_command", "offset": 0, "length": 20},
        {"type": "text_link", "offset": 21, "length": 2, "url": "https://example.org"},
        {"type": "text_mention", "offset": 24, "length": 2, "user": OURS},
    ],
    "message_thread_id": 3,
    "is_topic_message": True,
    "quote": {"text": "of old", "position": 0},
    "reply_to_message": {
        "message_id": 8,
        "from": OURS,
        "chat": CLUB,
        "date": 1_800_000_000,
        "text": "Familiar: of old",
    },
}
FILE = {
    "message_id": 10,
    "from": ADA,
    "chat": {"id": 5, "type": "private", "first_name": "Ada"},
    "date": 1_800_000_000,
    "caption": "see",
    "media_group_id": "77",
    "document": {
        "file_id": "a",
        "file_unique_id": "b",
        "file_name": "a.txt",
        "mime_type": "text/plain",
        "file_size": 7,
    },
    "forward_origin": {"type": "hidden_user", "date": 1, "sender_user_name": "Bob"},
}
MEMBER = {
    "chat": CLUB,
    "from": ADA,
    "date": 1_800_000_000,
    "old_chat_member": {"user": OURS, "status": "left"},
    "new_chat_member": {"user": OURS, "status": "member"},
}
PRESS = {"id": "1", "from": ADA, "chat_instance": "2", "data": "a:1", "message": TEXT}
UPDATES = (
    {"update_id": 1, "message": TEXT},
    {"update_id": 2, "message": FILE},
    {"update_id": 3, "edited_message": TEXT | {"edit_date": 1_800_000_001}},
    {"update_id": 4, "callback_query": PRESS},
    {"update_id": 5, "my_chat_member": MEMBER},
    {"update_id": 6, "message": TEXT | {"migrate_to_chat_id": -200}},
)


@given(damaged(UPDATES))
def test_an_update_is_read_or_malformed_and_its_texts_are_texts(raw: dict[str, Any]) -> None:
    as_job(raw)
    try:
        meaning = Reader(ME).read(raw)
    except Malformed:
        return
    match meaning:
        case Said(inbound=inbound) | Pressed(inbound=Inbound() as inbound):
            assert all(isinstance(part.text, str) for part in inbound.parts)
            assert isinstance(inbound.pressed, str | None)
            assert isinstance(inbound.sender.display_name, str)
            assert isinstance(inbound.sender.language, str | None)
            assert str(inbound.address)
        case ChatEvent(address=address):
            assert str(address)
        case _:
            assert isinstance(meaning, Pressed | Reacted | Ignored)


@given(JUNK)
def test_anything_at_all_in_the_place_of_a_message_is_survived(junk: Any) -> None:
    for kind in ("message", "edited_message", "callback_query", "my_chat_member"):
        raw = {"update_id": 1, kind: junk}
        as_job(raw)
        try:
            Reader(ME).read(raw)
        except Malformed:
            continue


@given(st.data())
def test_an_offset_passes_only_what_is_done_and_never_ends_within_an_album(
    data: st.DataObject,
) -> None:
    window, held = Window(), set(data.draw(st.sets(st.integers(1, 60), min_size=1)))
    unconfirmed, in_hand, done = set(held), set[int](), set[int]()
    albums: list[set[int]] = []
    while unconfirmed:
        offset = window.offset
        assert all(each in done for each in held if offset is not None and each < offset)
        assert all(min(a) >= (offset or 0) or max(a) < (offset or 0) for a in albums)
        unconfirmed = {each for each in unconfirmed if offset is None or each >= offset}
        batch = sorted(unconfirmed)[: data.draw(st.integers(1, 20))]
        new = window.new(batch)
        assert not new & done
        in_hand |= new
        finished = (
            data.draw(st.sets(st.sampled_from(sorted(in_hand)), max_size=4)) if in_hand else set()
        )
        if not finished:
            finished = in_hand
        if finished:
            window.leave(finished)
            in_hand, done = in_hand - finished, done | finished
            albums += [set(finished)] if len(finished) > 1 else []
    assert done == held
