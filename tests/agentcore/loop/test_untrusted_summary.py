"""What was summed up from the words of others is trusted no more than they were."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from adapters.base import InboundPart
from agentcore.errors import ModelUnavailable
from agentcore.model import ModelAnswer
from agentcore.records import Origin, StopReason
from agentcore.testing import ScriptedModel
from tests.agentcore.loop.long_chats import PARIS, fill, head_of, scripted, texts
from tests.bot.commands.talk import insert
from tests.house import House, calls, house

PAGE = "2026-11-20: passed a web page on, about nuts."


async def passes_on(home: House, text: str = "Ada is allergic to nuts.") -> None:
    """Somebody else's words, handed in by Ada."""
    inbound = replace(home.inbound("ada", ""), parts=(InboundPart(text, "web"),))
    await home.parts.gateway.accept(inbound)
    (claim,) = await home.claim()
    assert (await home.run(claim)).reason is StopReason.END_TURN


async def waiting(home: House) -> list[Origin]:
    return [each.origin for each in await (await home.door("ada")).held_edits()]


async def notes(home: House, text: str) -> str:
    """Ada's own message, that leads to an edit; how the block reads then."""
    await home.say("ada", text)
    return await home.block("ada")


def noting(text: str = "No nuts.") -> tuple[ModelAnswer, str]:
    return calls(insert(text)), "Done."


async def test_edits_are_held_while_a_summary_of_others_words_is_in_view(tmp_path: Path) -> None:
    model = scripted(summary=PAGE)
    async with house(tmp_path, model) as home:
        await passes_on(home)
        await fill(home, model)
    again = ScriptedModel(*noting(), *noting("No nuts, really."))
    async with house(tmp_path, again) as home:
        assert await notes(home, "What did that page say? Note it.") == ""
        assert await waiting(home) == [Origin.WEB]
        assert "Not saved" in texts(again.requests[-1].prompt)
        await home.accept("ada", "/new")
        for claim in await home.claim():
            await home.parts.dispatcher.crew.commands.run(claim)
        assert await notes(home, "I am allergic to nuts, note it.") == "No nuts, really."


async def test_it_is_handed_on_from_summary_to_summary(tmp_path: Path) -> None:
    model = scripted(summary=PAGE)
    async with house(tmp_path, model) as home:
        await passes_on(home)
        await fill(home, model, until=2)
        head = await head_of(home)
    assert "Ada is allergic" not in texts(model.summaries[-1].prompt)
    assert head.summary_origin is Origin.WEB


async def test_a_persons_own_words_summed_up_stay_their_own(tmp_path: Path) -> None:
    model = scripted(summary=PARIS)
    async with house(tmp_path, model) as home:
        await fill(home, model)
    async with house(tmp_path, ScriptedModel(*noting())) as home:
        assert await notes(home, "Note that.") == "No nuts."
        assert await waiting(home) == []


@pytest.mark.parametrize("failure", ["", ModelUnavailable("down")])
async def test_words_that_no_summary_tells_leave_no_trace(
    tmp_path: Path, failure: str | ModelUnavailable
) -> None:
    model = scripted(summary=failure)
    async with house(tmp_path, model) as home:
        await passes_on(home)
        await fill(home, model)
        head = await head_of(home)
    assert "out of sight" in head.summary
    assert head.summary_origin is Origin.OWNER
