"""Messages in the Discord simulator: what may be sent, who is notified, and what people see."""

from __future__ import annotations

import io
from typing import Any

import aiohttp
import discord
import pytest

from tests.simulators.discord.asking import refused, there
from tests.simulators.discord_server.channels import Channel
from tests.simulators.discord_server.client import Listener, call
from tests.simulators.discord_server.people import Attachment, Person
from tests.simulators.discord_server.permissions import Permission
from tests.simulators.discord_server.server import DiscordServer
from tests.simulators.timeline import SteppedTimeline


async def test_refusals_have_the_bodies_of_the_service(
    server: DiscordServer, general: Channel
) -> None:
    path = f"/channels/{general.id}/messages"

    def too_long(most: int) -> Any:
        said = f"Must be {most} or fewer in length."
        error = {"_errors": [{"code": "BASE_TYPE_MAX_LENGTH", "message": said}]}
        return {"message": "Invalid Form Body", "code": 50035, "errors": {"content": error}}

    long = await call(server, "POST", path, {"content": "x" * 2001})
    assert (long.status, long.body) == (400, too_long(2000))
    assert (await call(server, "POST", path, {"content": "x" * 4001})).body == too_long(4000)
    empty = await call(server, "POST", path, {"content": "  "})
    assert empty.body == {"message": "Cannot send an empty message", "code": 50006}
    broken = await call(server, "POST", path, '{"content":')
    assert broken.body == {"message": "The request body contains invalid JSON.", "code": 50109}
    wrong = await call(server, "POST", path, {"content": "x"}, token="wrong")
    assert (wrong.status, wrong.body) == (401, {"message": "401: Unauthorized", "code": 0})
    nowhere = await call(server, "GET", "/nowhere")
    assert (nowhere.status, nowhere.body) == (404, {"message": "404: Not Found", "code": 0})
    unknown = await call(server, "GET", "/channels/1")
    assert (unknown.status, unknown.body) == (404, {"message": "Unknown Channel", "code": 10003})
    gone = await call(server, "GET", f"{path}/1")
    assert (gone.status, gone.body) == (404, {"message": "Unknown Message", "code": 10008})
    assert server.refused == {400: 4, 401: 1, 404: 3}
    embeds = {"embeds": [{"title": "x"}] * 11}
    assert "embeds" in (await call(server, "POST", path, embeds)).body["errors"]
    both = await call(server, "GET", f"{path}?before=1&after=1")
    assert both.body["code"] == 50035
    assert (await call(server, "GET", f"{path}?limit=101")).body["code"] == 50035
    posted = await call(server, "PUT", path, {"content": "x"})
    assert (posted.status, posted.body) == (405, {"message": "405: Method Not Allowed", "code": 0})


async def test_what_the_bot_sends_is_seen_and_comes_back_to_it(
    client: Listener, general: Channel
) -> None:
    channel = there(client, general)
    async with channel.typing():
        await general.sees_typing()
    sent = await channel.send("one")
    assert not general.typing
    assert (await client.hears("message")).author == client.user
    await sent.edit(content="two")
    assert (await general.sees("two")).edited
    assert (await client.hears("raw_message_edit")).data["content"] == "two"
    await sent.delete()
    await general.no_longer_sees("two")
    assert [each.what for each in general.history] == ["typing", "message", "edit", "delete"]
    await refused(sent.edit(content="three"), 404, 10008)


async def test_a_nonce_makes_sending_again_harmless(client: Listener, general: Channel) -> None:
    channel = there(client, general)
    first = await channel.send("once", nonce="a-1")
    again = await channel.send("once", nonce="a-1")
    assert (again.id, again.nonce) == (first.id, "a-1")
    assert len(general.shown) == 1
    await channel.send("twice", nonce="a-2")
    assert len(general.shown) == 2
    await refused(channel.send("x", nonce="n" * 26), 400, 50035)


async def test_a_nonce_is_forgotten_after_some_minutes(
    client: Listener, general: Channel, time: SteppedTimeline
) -> None:
    channel = there(client, general)
    await channel.send("once", nonce="a-1")
    time.advance(301)
    await channel.send("once", nonce="a-1")
    assert len(general.shown) == 2


async def test_replies_name_what_they_answer(
    client: Listener, general: Channel, ada: Person
) -> None:
    number = ada.writes("question", channel=general)
    asked = await client.hears("message")
    await asked.reply("answer", mention_author=False)
    quiet = await general.sees("answer")
    assert (quiet.reply_to, quiet.notified) == (number, frozenset())
    await asked.reply("ping", mention_author=True)
    assert (await general.sees("ping")).notified == {ada.id}
    ada.deletes(number, channel=general)
    text = await refused(asked.reply("late"), 400, 50035)
    assert "In message_reference: Unknown message" in text
    channel = there(client, general)
    ada.opens_thread(general, "Plans")
    system = await client.hears("message", 4)
    text = await refused(channel.send("x", reference=system), 400, 50035)
    assert "system message" in text
    await channel.send("anyway", reference=asked.to_reference(fail_if_not_exists=False))
    assert (await general.sees("anyway")).reply_to is None


async def test_only_those_are_notified_whom_the_bot_may_and_will_mention(
    client: Listener, server: DiscordServer, general: Channel, ada: Person, bob: Person
) -> None:
    assert general.guild is not None
    crew = general.guild.role("Crew", bob)
    everybody = f"{ada.mention} <@&{crew.id}> @everyone"
    channel = there(client, general)

    async def notified(text: str, allowed: discord.AllowedMentions | None = None) -> frozenset[int]:
        sent = await channel.send(text, allowed_mentions=allowed or discord.AllowedMentions())
        return general.records[sent.id].notified

    assert await notified(everybody) == {ada.id, bob.id}
    assert await notified(everybody, discord.AllowedMentions.none()) == frozenset()
    only = discord.AllowedMentions(everyone=False, roles=False, users=[ada])
    assert await notified(everybody, only) == {ada.id}
    assert await notified(f"`{ada.mention}`") == frozenset()
    path = f"/channels/{general.id}/messages"
    allowed = {"parse": ["users"], "users": [str(ada.id)]}
    both = await call(server, "POST", path, {"content": "x", "allowed_mentions": allowed})
    assert both.body["errors"]["allowed_mentions"]["_errors"][0]["code"] == (
        "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE"
    )


async def test_files_are_on_the_cdn_for_a_day(
    client: Listener, general: Channel, ada: Person, time: SteppedTimeline
) -> None:
    ada.attaches(Attachment("plan.txt", b"the plan"), text="look", channel=general)
    (attached,) = (await client.hears("message")).attachments
    assert (attached.filename, attached.size) == ("plan.txt", 8)
    assert await attached.read() == b"the plan"
    time.advance(86_401)
    with pytest.raises(discord.NotFound):
        await attached.read()
    fresh = await there(client, general).fetch_message(max(general.records))
    assert await fresh.attachments[0].read() == b"the plan"
    async with aiohttp.ClientSession() as session:
        forged = fresh.attachments[0].url.replace("hm=", "hm=0")
        async with session.get(forged) as answer:
            assert answer.status == 404
    ada.attaches(Attachment(voice=True), channel=general)
    voice = await client.hears("message", 2)
    assert voice.flags.voice
    assert voice.attachments[0].is_voice_message()


async def test_the_bot_sends_files_up_to_a_size(client: Listener, general: Channel) -> None:
    channel = there(client, general)
    file = discord.File(io.BytesIO(b"content"), "a b.txt", description="a text")
    sent = await channel.send("here", file=file)
    assert (await general.sees("here")).files == {"a_b.txt": b"content"}
    assert sent.attachments[0].description == "a text"
    await sent.edit(attachments=[*sent.attachments, discord.File(io.BytesIO(b"2"), "b.txt")])
    assert (await general.sees("here")).files == {"a_b.txt": b"content", "b.txt": b"2"}
    await sent.edit(attachments=[])
    assert (await general.sees("here")).files == {}
    big = discord.File(io.BytesIO(bytes(10 * 1024 * 1024 + 1)), "big.bin")
    await refused(channel.send(file=big), 413, 40005)


async def test_the_history_is_read_by_bounds(
    client: Listener, general: Channel, ada: Person
) -> None:
    ids = [ada.writes(f"line {at}", channel=general) for at in range(7)]
    channel = there(client, general)

    async def read(**bounds: Any) -> list[int]:
        return [each.id async for each in channel.history(**bounds)]

    middle = discord.Object(ids[3])
    assert await read() == ids[::-1]
    assert await read(limit=2) == [ids[6], ids[5]]
    assert await read(before=middle) == ids[2::-1]
    assert await read(after=middle, oldest_first=True) == ids[4:]
    assert sorted(await read(around=middle, limit=3)) == ids[2:5]


async def test_reactions_are_at_most_twenty(
    client: Listener, general: Channel, ada: Person, bob: Person
) -> None:
    ada.writes("well?", channel=general)
    message = await client.hears("message")
    for at in range(20):
        await message.add_reaction(chr(0x1F600 + at))
    await refused(message.add_reaction("👍"), 400, 30010)
    await refused(message.add_reaction("no-emoji"), 400, 10014)
    assert client.user is not None
    await message.remove_reaction(chr(0x1F600), client.user)
    bob.reacts(message.id, "👍", channel=general)
    heard = [each for each in [await client.hears("raw_reaction_add", 21)] if each.member]
    assert (heard[0].user_id, str(heard[0].emoji)) == (bob.id, "👍")
    bob.takes_back(message.id, "👍", channel=general)
    await client.hears("raw_reaction_remove", 2)
    assert len(general.shown[0].reactions) == 19


async def test_edits_and_deletes_of_people_are_told(
    client: Listener, general: Channel, ada: Person
) -> None:
    number = ada.writes("hello", channel=general)
    ada.edits(number, "hello there", channel=general)
    edited = await client.hears("raw_message_edit")
    assert (edited.message.content, edited.message.edited_at is not None) == ("hello there", True)
    ada.deletes(number, channel=general)
    assert (await client.hears("raw_message_delete")).message_id == number
    await refused(there(client, general).fetch_message(number), 404, 10008)
    other = ada.writes("mine", channel=general)
    partial = there(client, general).get_partial_message(other)
    await refused(partial.edit(content="x"), 403, 50005)
    await refused(partial.delete(), 403, 50013)
    ada.forwards("from elsewhere", channel=general)
    forwarded = await client.hears("message", 3)
    assert (forwarded.content, forwarded.message_snapshots[0].content) == ("", "from elsewhere")


async def test_a_preview_of_a_link_changes_a_message_that_nobody_edited(
    client: Listener, general: Channel, ada: Person
) -> None:
    number = ada.writes("see https://example.com/", channel=general)
    ada.gets_preview(number, channel=general)
    changed = await client.hears("raw_message_edit")
    assert changed.message.edited_at is None
    assert [each.title for each in changed.message.embeds] == ["A page"]
    ada.sends_sticker("Wave", channel=general)
    sticker = await client.hears("message", 2)
    assert (sticker.content, [each.name for each in sticker.stickers]) == ("", ["Wave"])


async def test_who_may_manage_messages_cleans_up(
    client: Listener, general: Channel, ada: Person, bob: Person
) -> None:
    ids = [ada.writes(f"line {at}", channel=general) for at in range(3)]
    channel = there(client, general)
    partial = [channel.get_partial_message(each) for each in ids]
    bob.reacts(ids[0], "👍", channel=general)
    assert [
        each.id async for each in (await channel.fetch_message(ids[0])).reactions[0].users()
    ] == [bob.id]
    await refused(partial[0].remove_reaction("👍", discord.Object(bob.id)), 403, 50013)
    await refused(channel.delete_messages(partial), 403, 50013)
    assert general.guild is not None
    general.guild.grants_bot(Permission.MANAGE_MESSAGES)
    await partial[0].remove_reaction("👍", discord.Object(bob.id))
    assert not general.shown[0].reactions
    await channel.delete_messages(partial[:2])
    assert (await client.hears("raw_bulk_message_delete")).message_ids == set(ids[:2])
    assert [each.message_id for each in general.shown] == ids[2:]
