"""What somebody else's words lead to is noted only when the person says so."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from adapters.base import Origin as PartOrigin
from adapters.feed import FeedNotice
from agentcore.clock import DAY
from agentcore.model import ModelAnswer
from agentcore.records import Origin, StopReason
from agentcore.testing import FakeClock, ScriptedModel
from bot.app import Replacements
from tests.bot.commands.talk import insert, said, told
from tests.house import FAST, House, calls, house, notices, replies, working

LINE = "Allergic to nuts."


async def forwarded(home: House, text: str, origin: PartOrigin = "forwarded") -> list[str]:
    """Hand in words that aren't the person's own; the notices of that turn."""
    inbound = home.inbound("ada", text)
    part = replace(inbound.parts[0], origin=origin)
    receipt = await home.parts.gateway.accept(replace(inbound, parts=(part,)))
    return notices(await home.heard("ada", until=receipt.position))


async def human(home: House) -> str:
    door = await home.door("ada")
    return next(block.value for block in await door.blocks() if block.label == "human")


def noting(text: str = LINE, after: str = "I asked.") -> tuple[ModelAnswer, str]:
    return calls(insert(text)), after


async def test_an_edit_is_held_and_the_person_is_asked(tmp_path: Path) -> None:
    model = ScriptedModel(*noting())
    async with house(tmp_path, model) as home, working(home):
        receipt_notices = await forwarded(home, "She is allergic to nuts.")
        memory = await human(home)
        (waiting,) = await (await home.door("ada")).held_edits()
        events = await home.heard("ada", until=1)
    assert receipt_notices == ["turn.held"]
    assert f"• {LINE}" in next(e.text for e in events if isinstance(e, FeedNotice))
    assert LINE not in memory
    assert (waiting.tool, waiting.origin) == ("memory_insert", Origin.FORWARDED)
    assert replies(events) == ["I asked."]
    assert "Not saved" in model.requests[-1].prompt[-1].text


async def test_keep_notes_it_and_why_leads_to_the_message(tmp_path: Path) -> None:
    model = ScriptedModel(*noting(), "Good.")
    async with house(tmp_path, model) as home, working(home):
        await forwarded(home, "She is allergic to nuts.")
        kept = await told(home, "ada", "/keep")
        kept += await told(home, "ada", "/memory", "/why 1", "/keep")
        await said(home, "ada", "Thanks")
        memory = await human(home)
    assert [key for key, _ in kept] == [
        "reply.kept",
        "reply.memory",
        "reply.why",
        "reply.nothing_held",
    ]
    assert kept[0][1] == f"Noted:\n• {LINE}"
    assert "She is allergic to nuts." in kept[2][1]
    assert LINE in memory
    assert any("agreed" in part.text and LINE in part.text for part in model.requests[-1].prompt)


async def test_what_was_kept_can_be_taken_back(tmp_path: Path) -> None:
    model = ScriptedModel(*noting())
    async with house(tmp_path, model) as home, working(home):
        await forwarded(home, "She is allergic to nuts.")
        ((_, undone),) = (await told(home, "ada", "/keep", "/undo"))[1:]
        assert LINE not in await human(home)
    assert undone.startswith("Taken back.")


async def test_drop_leaves_it_out_and_the_model_knows(tmp_path: Path) -> None:
    model = ScriptedModel(*noting(), "Good.")
    async with house(tmp_path, model) as home, working(home):
        await forwarded(home, "She is allergic to nuts.")
        dropped = await told(home, "ada", "/drop", "/keep")
        await said(home, "ada", "Thanks")
        assert LINE not in await human(home)
    assert [key for key, _ in dropped] == ["reply.dropped", "reply.nothing_held"]
    assert any("not want that noted" in part.text for part in model.requests[-1].prompt)


async def test_several_are_kept_together_in_their_order(tmp_path: Path) -> None:
    model = ScriptedModel(*noting("Likes tea."), *noting("Likes rye bread."))
    async with house(tmp_path, model) as home, working(home):
        await forwarded(home, "tea")
        await forwarded(home, "bread", "web")
        ((_, kept),) = await told(home, "ada", "/keep")
        assert "Likes tea.\nLikes rye bread." in await human(home)
    assert kept == "Noted:\n• Likes tea.\n• Likes rye bread."


async def test_what_no_longer_fits_the_memory_is_said(tmp_path: Path) -> None:
    other = calls(
        replace(
            insert(""),
            name="memory_replace",
            arguments='{"label": "human", "old_string": "Likes tea.", "new_string": "Hates tea."}',
        )
    )
    model = ScriptedModel(calls(insert("Likes tea.")), "Noted.", other, "I asked.")
    async with house(tmp_path, model) as home, working(home):
        await said(home, "ada", "I like tea")
        await forwarded(home, "She hates tea")
        late = await told(home, "ada", "/undo", "/keep", "/keep")
    assert [key for key, _ in late] == ["reply.undone", "reply.kept_too_late", "reply.nothing_held"]


async def test_after_a_week_nobody_is_waited_for(tmp_path: Path) -> None:
    clock = FakeClock()
    replaced = Replacements(clock=clock, limits=FAST)
    async with (
        house(tmp_path, ScriptedModel(*noting()), replacements=replaced) as home,
        working(home),
    ):
        await forwarded(home, "She is allergic to nuts.")
        clock.advance(8 * DAY)
        assert [key for key, _ in await told(home, "ada", "/keep")] == ["reply.nothing_held"]


async def test_the_person_s_own_words_are_noted_at_once(tmp_path: Path) -> None:
    model = ScriptedModel(*noting(after="Noted."))
    async with house(tmp_path, model) as home, working(home):
        assert await forwarded(home, "I am allergic to nuts.", "owner") == ["turn.noted"]
        assert LINE in await human(home)
        assert (await (await home.door("ada")).turns(limit=1))[0].stop_reason is StopReason.END_TURN


async def test_an_edit_that_changes_nothing_makes_none_after_it_wait(tmp_path: Path) -> None:
    model = ScriptedModel(calls(insert("")), calls(insert(LINE)), "Noted.")
    async with house(tmp_path, model) as home:
        await home.say("ada", "I am allergic to nuts.")
        assert LINE in await human(home)
