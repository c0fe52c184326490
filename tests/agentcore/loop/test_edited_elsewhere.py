"""Blocks that are edited elsewhere: each model that holds one is told, once, and in its own time."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from adapters.addresses import ChatAddress
from adapters.base import Inbound, InboundPart, Sender
from agentcore.memory.frame import parse_blocks
from agentcore.model import ModelRequest
from agentcore.records import BlockEdit, EditActor, EpochReason, Origin
from agentcore.sqlstore.content import blocks
from agentcore.testing import ScriptedModel
from tests.agentcore.loop.long_chats import texts
from tests.agentcore.loop.teams import family, listed, note, notes_in
from tests.bot.commands.talk import said, told
from tests.house import House, call, calls, house, working

LONG = "\n".join(f"thing {number} of many that the family wants" for number in range(60))


def appended(before: ModelRequest, after: ModelRequest) -> bool:
    return after.prompt[: len(before.prompt)] == before.prompt


async def test_an_edit_of_a_shared_block_is_told_to_the_others_once(tmp_path: Path) -> None:
    model = ScriptedModel("Hi Ada.", "Hi Bob.", calls(note("Milk")), "Noted.", "Milk.", "Bye.")
    async with house(tmp_path, model, **family(tmp_path)) as home:
        await home.say("ada", "Hello")
        await home.say("bob", "Hello")
        await home.say("bob", "We need milk.")
        await home.say("ada", "What do we need?")
        await home.say("ada", "Thanks.")
        assert await listed(home, "ada") == await listed(home, "bob") == ["Bread", "Milk"]
    hello, asked, thanked = model.requests[0], model.requests[4], model.requests[5]
    assert appended(hello, asked)
    assert appended(asked, thanked)
    (news,) = notes_in(thanked)
    assert "`list` was edited elsewhere" in news
    assert parse_blocks(news) == {"list": "Bread\nMilk"}
    assert texts(asked.prompt[-2:]).index("Milk") < texts(asked.prompt[-2:]).index("What do we")


async def test_what_was_told_is_known_after_a_restart(tmp_path: Path) -> None:
    model = ScriptedModel("Hi.", calls(note("Milk")), "Noted.", "Milk.", "Still milk.")
    async with house(tmp_path, model, **family(tmp_path)) as home:
        await home.say("ada", "Hello")
        await home.say("bob", "We need milk.")
        await home.say("ada", "What do we need?")
    async with house(tmp_path, model, **family(tmp_path)) as home:
        await home.say("ada", "And now?")
    assert len(notes_in(model.requests[-1])) == 1


async def test_nobody_is_told_of_an_edit_of_their_own(tmp_path: Path) -> None:
    many = [calls(note(f"thing {number}", call_id=f"c{number}")) for number in range(3)]
    model = ScriptedModel(*many, "Noted.", "Hm?")
    async with house(tmp_path, model, **family(tmp_path)) as home:
        await home.say("ada", "Note three things.")
        await home.say("ada", "Thanks.")
    assert notes_in(model.requests[-1]) == []


async def test_an_edit_by_somebody_else_in_between_is_told_though_one_of_ones_own_came_after(
    tmp_path: Path,
) -> None:
    """Of a long block the return of the own edit shows but its own lines."""
    model = ScriptedModel(
        calls(note(LONG)),
        "Noted.",
        calls(call("memory_insert", '{"label":"list","new_string":"Eggs","insert_line":1}')),
        "Noted.",
        calls(note("Milk")),
        "Noted.",
        "Eggs.",
    )
    async with house(tmp_path, model, **family(tmp_path)) as home:
        await home.say("ada", "Note all this.")
        await home.accept("ada", "We need milk.")
        (claim,) = await home.claim()  # her turn has begun when Bob's is done
        await home.say("bob", "We need eggs.")
        await home.run(claim)
        await home.say("ada", "What else?")
    (news,) = notes_in(model.requests[-1])
    assert "2→ Eggs" in news
    assert not any("Eggs" in text for text in notes_in(model.requests[-2]))


async def test_where_a_note_would_be_long_the_head_is_made_anew(tmp_path: Path) -> None:
    longer = f"{LONG}\n{LONG}".replace("thing", "Something")
    model = ScriptedModel("Hi.", calls(note(longer)), "Noted.", "I see.", "Yes.")
    async with house(tmp_path, model, **family(tmp_path)) as home:
        await home.say("ada", "Hello")
        await home.say("bob", "Note all this.")
        await home.say("ada", "What do we need?")
        await home.say("ada", "Really?")
        await home.accept("ada", "And?")
        (claim,) = await home.claim()
        epoch = (await (await home.door("ada")).head(claim)).epoch
    assert epoch is not None
    assert (epoch.number, epoch.reason) == (2, EpochReason.NOTES)
    head = model.requests[-1].prompt[0].text
    assert parse_blocks(head)["list"] == f"Bread\n{longer}"
    assert notes_in(model.requests[-1]) == []
    assert "Hello" in texts(model.requests[-1].prompt)


async def test_an_edit_made_in_one_chat_is_told_in_the_other(tmp_path: Path) -> None:
    model = ScriptedModel("Hi.", calls(note("Likes tea.", label="human")), "Noted.", "Tea.")
    async with house(tmp_path, model) as home:
        await home.say("ada", "Hello")
        await say_elsewhere(home, "I like tea.")
        await home.say("ada", "What do I like?")
    (news,) = notes_in(model.requests[-1])
    assert parse_blocks(news)["human"] == "Likes tea."


async def say_elsewhere(home: House, text: str) -> None:
    """Ada, in another chat of hers with the same agent."""
    address = ChatAddress("terminal", "local", "ada-at-work")
    sender = Sender("ada", "Ada")
    await home.parts.gateway.accept(Inbound("u-1", address, sender, (InboundPart(text),)))
    (claim,) = await home.claim()
    await home.run(claim)


async def test_what_a_command_has_told_isnt_told_again(tmp_path: Path) -> None:
    model = ScriptedModel(calls(note("Likes tea.", label="human")), "Noted.", "Gone.")
    async with house(tmp_path, model) as home, working(home):
        await said(home, "ada", "I like tea.")
        await told(home, "ada", "/undo")
        await said(home, "ada", "Is it gone?")
    assert len(notes_in(model.requests[-1])) == 1


async def test_a_note_is_no_more_trusted_than_the_words_that_led_to_the_edit(
    tmp_path: Path,
) -> None:
    model = ScriptedModel("Hi.", calls(note("Milk")), "Not saved yet.")
    async with house(tmp_path, model, **family(tmp_path)) as home:
        await home.say("ada", "Hello")
        door: Any = await home.door("ada")
        (block,) = [each for each in await door.blocks() if each.label == "list"]
        edit = BlockEdit(block, "from a page", EditActor.OPERATOR, Origin.WEB)
        cause = blocks.Cause((await door.agent()).agent_id, None, None, None)
        await door._database.write(
            partial(blocks.apply_edits, edits=[edit], cause=cause, now=home.parts.clock.now())
        )
        await home.say("ada", "We need milk.")
        assert await listed(home, "ada") == ["from a page"]
        (held,) = await door.held_edits()
    assert held.origin is Origin.WEB
