"""The card after a turn that changed the memory, and what can be done about it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from adapters.base import InboundPart
from adapters.feed import Action, FeedEvent, FeedNotice
from agentcore.clock import MINUTE
from agentcore.errors import Fenced
from agentcore.model import ModelAnswer, ModelRequest
from agentcore.testing import FakeClock, ScriptedModel
from bot.app import Replacements
from tests.bot.commands.talk import insert, said, told
from tests.bot.commands.test_undo import noting
from tests.house import FAST, House, call, calls, house, working

CARD = "turn.noted"


async def cards(home: House, user: str = "ada") -> list[FeedNotice]:
    events = await home.heard(user, until=0)
    return [e for e in events if isinstance(e, FeedNotice) and e.key == CARD]


async def test_a_card_follows_the_answer_with_what_can_be_done(tmp_path: Path) -> None:
    async with house(tmp_path, ScriptedModel(*noting("Likes tea."))) as home, working(home):
        events = await home.heard("ada", until=(await home.accept("ada", "I like tea")).position)
        history = await home.history("ada")
    (card,) = [e for e in events if isinstance(e, FeedNotice)]
    assert (card.text, card.asked_for) == ("Noted: Likes tea.", False)
    assert card.actions == (Action("Undo", "/undo #1"), Action("Why", "/why #1"))
    told_in_order = [e.type for e in events if e.type in {"message", "notice"}]
    assert told_in_order == ["message", "message", "notice"]
    assert not any("Noted:" in message.text for message in history)


async def test_its_commands_do_what_they_say_whatever_came_later(tmp_path: Path) -> None:
    model = ScriptedModel(*noting("Likes tea.", "Has a cat."))
    async with house(tmp_path, model) as home, working(home):
        await said(home, "ada", "I like tea", "I have a cat")
        undo, why = (await cards(home))[0].actions
        answers = [
            answer
            for action in (why, undo, undo)
            for answer in await told(home, "ada", action.command)
        ]
        assert await home.block("ada") == "Has a cat."
    assert [key for key, _ in answers] == [
        "reply.why_turn",
        "reply.undone",
        "reply.undo_already",
    ]
    assert answers[0][1].startswith("“Likes tea.”\nI noted this from your message of")
    assert answers[0][1].endswith("“I like tea”")


async def test_after_three_there_is_one_in_half_an_hour(tmp_path: Path) -> None:
    clock = FakeClock()
    replaced = Replacements(clock=clock, limits=FAST)
    facts = [f"fact {n}" for n in range(7)]
    model = ScriptedModel(*noting(*facts))
    async with house(tmp_path, model, replacements=replaced) as home, working(home):
        await said(home, "ada", *facts[:4])
        assert len(await cards(home)) == 3
        clock.advance(30 * MINUTE)
        await said(home, "ada", *facts[4:6])
        assert [card.text for card in await cards(home)][3:] == ["Noted: fact 4"]
        await told(home, "ada", "/cards always")
        await said(home, "ada", facts[6])
        assert len(await cards(home)) == 5


async def test_a_choice_is_the_persons_and_stays(tmp_path: Path) -> None:
    async with house(tmp_path, ScriptedModel(*noting("one"))) as home, working(home):
        answers = await told(home, "ada", "/cards", "/cards OFF", "/cards sometimes")
        await said(home, "ada", "one")
    later = ScriptedModel(*noting("two", "bob's"))
    async with house(tmp_path, later) as home, working(home):
        await said(home, "ada", "two")
        await said(home, "bob", "bob's")
        assert await cards(home) == []
        assert len(await cards(home, "bob")) == 1
        (again,) = await told(home, "bob", "/cards")
    assert [key for key, _ in answers] == ["reply.cards", "reply.cards_set", "reply.cards"]
    assert "now and then." in answers[0][1].splitlines()[0]
    assert "don't show you" in answers[2][1]
    assert "now and then." in again[1].splitlines()[0]


def _killed(_request: ModelRequest) -> ModelAnswer:
    raise Fenced("killed")


async def test_a_turn_that_goes_on_after_a_kill_tells_all_that_it_noted(tmp_path: Path) -> None:
    first = call("memory_insert", '{"label": "human", "new_string": "one"}', "call-1")
    dying = ScriptedModel(calls(first), _killed)
    async with house(tmp_path, dying) as home:
        await home.accept("ada", "one and two")
        (claim,) = await home.claim()
        with pytest.raises(Fenced):
            await home.run(claim)
    second = call("memory_insert", '{"label": "human", "new_string": "two"}', "call-2")
    async with house(tmp_path, ScriptedModel(calls(second), "Noted.")) as home:
        (claim,) = await home.claim()
        await home.run(claim)
        assert [card.text for card in await cards(home)] == ["Noted:\n• one\n• two"]


async def test_held_edits_are_kept_or_left_out_by_their_card(tmp_path: Path) -> None:
    model = ScriptedModel(
        *(answer for text in ("Likes tea.", "Is 40.") for answer in (calls(insert(text)), "Asked."))
    )
    async with house(tmp_path, model) as home, working(home):
        events: list[FeedEvent] = []
        for text in ("tea", "forty"):
            inbound = home.inbound("ada", text)
            passed_on = replace(inbound, parts=(InboundPart(text, "forwarded"),))
            receipt = await home.parts.gateway.accept(passed_on)
            events = await home.heard("ada", until=receipt.position)
        held = [e for e in events if isinstance(e, FeedNotice) and e.key == "turn.held"]
        keep, drop = held[0].actions[0], held[1].actions[1]
        answers = await told(home, "ada", drop.command, keep.command, keep.command)
        assert await home.block("ada") == "Likes tea."
    assert (keep, drop) == (Action("Keep", "/keep #1"), Action("Leave it out", "/drop #2"))
    assert [key for key, _ in answers] == ["reply.dropped", "reply.kept", "reply.nothing_held"]
