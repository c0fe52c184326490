"""`/share` and `/unshare`, and that a group sees nothing else of a person's own agent."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from adapters.addresses import ChatAddress
from adapters.base import Inbound, InboundPart
from agentcore.model import ModelRequest
from agentcore.records import Address, Origin
from agentcore.testing import ScriptedModel
from tests.bot.commands.talk import insert, said, told
from tests.bot.commands.test_undo import noting
from tests.house import House, call, calls, house, working

GROUP = ChatAddress("terminal", "local", "the-group")


async def public(home: House) -> str:
    blocks = await (await home.door("ada")).blocks()
    return next((block.value for block in blocks if block.label == "public"), "no such block")


async def test_a_line_is_copied_with_where_it_came_from(tmp_path: Path) -> None:
    passed_on = calls(insert("From a web page.")), "I asked."
    model = ScriptedModel(*noting("Likes tea.\nHas a secret."), *passed_on)
    async with house(tmp_path, model) as home, working(home):
        await said(home, "ada", "tea")
        inbound = replace(home.inbound("ada", "read"), parts=(InboundPart("a page", "web"),))
        await home.heard("ada", until=(await home.parts.gateway.accept(inbound)).position)
        answers = await told(home, "ada", "/share")
        answers += await told(home, "ada", "/keep")
        answers += await told(home, "ada", "/memory", "/share 1", "/share 3")
        assert await public(home) == "Likes tea.\nFrom a web page."
        assert "Likes tea.\nHas a secret." in await home.block("ada")
        edits = await (await home.door("ada")).revisions(label="public")
        human = await (await home.door("ada")).revisions(label="human")
    assert [key for key, _ in answers] == [
        "reply.share_nothing",
        "reply.kept",
        "reply.memory",
        "reply.shared",
        "reply.shared",
    ]
    assert "“Likes tea.”" in answers[3][1]
    assert [each.origin for each in edits[:2]] == [human[0].origin, Origin.OWNER]


async def test_a_text_is_shared_as_it_is_written_and_once(tmp_path: Path) -> None:
    model = ScriptedModel(*noting("Lives in Lisbon, Rua X."))
    async with house(tmp_path, model) as home, working(home):
        await said(home, "ada", "Lisbon")
        answers = await told(home, "ada", "/share Lisbon", "/share Lisbon", "/share 9")
        answers += await told(home, "ada", "/share " + "x" * 4_000)
        answers += await told(home, "ada", "/share")
        answers += await told(home, "ada", "/unshare 1", "/unshare Rua")
        answers += await told(home, "ada", "/share")
        assert await public(home) == ""
    assert [key for key, _ in answers] == [
        "reply.shared",
        "reply.share_already",
        "reply.line_not_listed",
        "reply.share_full",
        "reply.share",
        "reply.unshared",
        "reply.line_which",
        "reply.share_nothing",
    ]
    assert "\n1. Lisbon\n" in answers[4][1]


async def test_a_line_is_taken_out_by_the_number_of_either_list(tmp_path: Path) -> None:
    model = ScriptedModel(*noting("Likes tea.\nPrivate."))
    async with house(tmp_path, model) as home, working(home):
        await said(home, "ada", "tea")
        await told(home, "ada", "/share one", "/share two", "/share Likes tea.")
        await told(home, "ada", "/memory")
        ((first, _),) = await told(home, "ada", "/unshare 1")  # the line that was copied
        assert await public(home) == "one\ntwo"
        ((none, _),) = await told(home, "ada", "/unshare 2")
        await told(home, "ada", "/share")
        ((second, _),) = await told(home, "ada", "/unshare 2")
        assert await public(home) == "one"
        assert "Likes tea." in await home.block("ada")
    assert (first, none, second) == (
        "reply.unshared",
        "reply.unshare_not_public",
        "reply.unshared",
    )


async def test_the_model_is_told_and_can_not_make_anything_public(tmp_path: Path) -> None:
    leak = json.dumps({"label": "public", "new_string": "Has a secret."})
    model = ScriptedModel("Hi.", calls(call("memory_insert", leak)), "I can't.")
    async with house(tmp_path, model) as home, working(home):
        await said(home, "ada", "Hello")
        await told(home, "ada", "/share Likes tea.")
        await said(home, "ada", "Tell everybody my secret")
        assert await public(home) == "Likes tea."
    prompt = "\n".join(part.text for part in model.requests[-1].prompt)
    assert "[note] The person shared this line" in prompt
    assert "1→ Likes tea." in prompt
    assert "`public` is read-only" in prompt


async def test_what_is_forgotten_is_not_public_any_more(tmp_path: Path) -> None:
    model = ScriptedModel(*noting("Likes zebras."), "Hello.")
    async with house(tmp_path, model) as home, working(home):
        await said(home, "ada", "I like zebras")
        await told(home, "ada", "/share Likes zebras.")
        await told(home, "ada", "/forget")
        await told(home, "ada", "/forget yes")
        assert await public(home) == ""
        assert await home.block("ada") == ""
        await said(home, "ada", "Hi")
    assert "zebra" not in words_of(model.requests[-1])


async def in_the_group(home: House, folder: Path, text: str) -> None:
    """Said by Ada in a group where her own agent answers."""
    inbound: Inbound = replace(home.inbound("ada", text), address=GROUP)
    await home.parts.gateway.accept(inbound)
    with closing(sqlite3.connect(folder / "familiar.db")) as file, file:
        file.execute("UPDATE thread SET audience = 'chat' WHERE address = ?", [str(GROUP)])
    for claim in await home.claim():
        if claim.first.kind == "command":
            await home.parts.dispatcher.crew.commands.run(claim)
        else:
            await home.run(claim)


def words_of(request: ModelRequest) -> str:
    return "\n".join(str(part) for part in request.prompt)


async def test_a_group_sees_what_was_shared_and_nothing_else(tmp_path: Path) -> None:
    in_human = json.dumps({"label": "human", "new_string": "from the group"})
    in_public = json.dumps({"label": "public", "new_string": "from the group"})
    model = ScriptedModel(
        *noting("Has a zebra."),
        "Hello all.",
        calls(call("memory_insert", in_human, "a"), call("memory_insert", in_public, "b")),
        "Noted.",
        "Indeed.",
    )
    async with house(tmp_path, model) as home:
        await home.say("ada", "I have a zebra.")
        await in_the_group(home, tmp_path, "Hi, all!")
        assert "no such block" in await public(home)
        assert "zebra" not in words_of(model.requests[-1])
        await home.accept("ada", "/share Likes tea.")
        for claim in await home.claim():
            await home.parts.dispatcher.crew.commands.run(claim)
        await in_the_group(home, tmp_path, "Note that.")
        await in_the_group(home, tmp_path, "And so?")
        assert await public(home) == "Likes tea.\nfrom the group"
        assert await home.block("ada") == "Has a zebra."
    shown = words_of(model.requests[-1])
    assert "Likes tea." in shown
    assert "There is no memory block `human`" in shown
    assert "zebra" not in shown
    assert "friend" not in shown.split("<memory_blocks>")[1].split("</memory_blocks>")[0]


async def test_commands_in_a_group_show_and_touch_nothing_private(tmp_path: Path) -> None:
    model = ScriptedModel(*noting("Has a zebra."), "Hello all.")
    commands = ["/memory", "/why zebra", "/undo", "/undo zebra", "/share zebra", "/persona coach"]
    async with house(tmp_path, model) as home:
        await home.say("ada", "I have a zebra.")
        await in_the_group(home, tmp_path, "Hi, all!")
        for command in (*commands, "/unshare zebra", "/new"):
            await in_the_group(home, tmp_path, command)
        feed = await home.parts.store.feed(Address(str(GROUP)))
        assert await home.block("ada") == "Has a zebra."
        assert await public(home) == "no such block"
        head = (await (await home.door("ada")).agent()).template
    assert [notice.key for notice in feed.notices] == [
        "reply.memory_empty",
        "reply.line_which",
        "reply.nothing_to_undo",
        "reply.line_which",
        "reply.private_only",
        "reply.private_only",
        "reply.private_only",
        "reply.new",
    ]
    assert head.startswith("friend:")
    assert not any("zebra" in str(notice.arguments) for notice in feed.notices)
