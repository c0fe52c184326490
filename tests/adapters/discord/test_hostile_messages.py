"""Whatever a message looks like, it is read or it is malformed; and the watermark passes nothing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from adapters.discord.addresses import Addresses
from adapters.discord.meaning import Ignored, Malformed, Said, Unplaced
from adapters.discord.messages import Reader
from adapters.discord.rooms import Room
from adapters.discord.texts import after_call, spelled_out
from adapters.discord.watermark import Watermark
from tests.adapters.damage import damaged

ADDRESSES = Addresses("7")
ADA = {"id": "5", "username": "ada", "global_name": "Ada", "bot": False}
BOB = {"id": "6", "username": "bob", "member": {"nick": "Bobby", "roles": ["31"]}}
OURS = {"id": "7", "username": "familiar", "bot": True}
FILE = {"id": "40", "filename": "a.txt", "url": "https://cdn.example/a", "size": 7}
DM = {
    "id": "1573722277697028098",
    "channel_id": "20",
    "type": 19,
    "author": ADA,
    "content": "see <@6>, <#20>, <:wave:1> and <t:99999999999:R>",
    "edited_timestamp": "2026-11-21T15:04:05.123000+00:00",
    "mentions": [BOB],
    "attachments": [FILE, FILE | {"filename": "b.png", "content_type": "image/png"}],
    "sticker_items": [{"id": "41", "name": "Wave"}],
    "poll": {"question": {"text": "Tea?"}, "answers": [{"poll_media": {"text": "Yes"}}]},
    "flags": 0,
    "referenced_message": {"id": "9", "channel_id": "20", "author": OURS, "content": "Hello"},
    "message_snapshots": [{"message": {"content": "news", "attachments": [FILE]}}],
}
MESSAGES = (DM, DM | {"guild_id": "10", "content": "<@7>: /stop", "member": {"roles": ["30"]}})


class OneServer:
    """Knows a single channel."""

    def room(self, channel_id: int) -> Room | None:
        return Room(ADDRESSES.of_channel(20), "general") if channel_id == 20 else None

    def role(self, guild_id: int, role_id: int) -> str | None:
        return None

    def has_say(self, guild_id: int, user_id: int, roles: Iterable[int]) -> bool:
        return 30 in roles


@given(damaged(MESSAGES))
def test_a_message_is_read_or_malformed_and_its_texts_are_texts(raw: dict[str, Any]) -> None:
    reader = Reader(ADDRESSES, OneServer())
    try:
        message = reader.message(raw)
        meanings = (reader.said(message), reader.edited(message))
    except (Malformed, Unplaced):
        return
    for meaning in meanings:
        match meaning:
            case Said(inbound=inbound, files=files):
                assert inbound.update_id.startswith(inbound.message_id or "-")
                assert all(isinstance(part.text, str) for part in inbound.parts)
                assert all(isinstance(file.source, str) for file in files)
            case Ignored(why=why):
                assert why


@given(damaged(({"id": "1", "channel_id": "20"}, {"ids": ["1", "2"], "channel_id": "20"})))
def test_a_deletion_is_read_or_malformed(raw: dict[str, Any]) -> None:
    try:
        deletion = Reader(ADDRESSES, OneServer()).deletion(raw)
    except Malformed:
        return
    assert all(isinstance(each, int) for each in deletion.ids)


@given(st.text("<@!&#:t/a>7`\n ,x", max_size=30))
def test_any_text_can_be_spelled_out(text: str) -> None:
    spelled_out(text, {}, lambda _: None, lambda _: None)
    assert text.endswith(after_call(text, 7))


@given(st.data())
def test_the_watermark_passes_nothing_that_was_not_taken_in(data: st.DataObject) -> None:
    mark = Watermark(data.draw(st.none() | st.just(0)))
    came: set[int] = set()
    done: set[int] = set()
    held: dict[int, int | None] = {}
    for _ in range(data.draw(st.integers(1, 30))):
        match data.draw(st.sampled_from(["takes", "done", "hold", "release"])):
            case "takes":
                new = data.draw(st.integers(1, 20)) + max(came, default=0)
                came.add(new)
                mark.take(new)
            case "done" if came - done:
                each = data.draw(st.sampled_from(sorted(came - done)))
                done.add(each)
                mark.done(each)
            case "hold":
                value = mark.value
                held[mark.hold()] = value
            case "release" if held:
                gap = data.draw(st.sampled_from(sorted(held)))
                del held[gap]
                mark.release(gap)
            case _:
                pass
        value = mark.value
        if value is not None:
            assert not {each for each in came - done if each <= value}
            assert all(start is not None and value <= start for start in held.values())
    if came == done and not held and came:
        assert mark.value == max(came)
