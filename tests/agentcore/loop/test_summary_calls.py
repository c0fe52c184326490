"""The call that sums up what leaves the window: what it costs, and what may go wrong with it."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import anyio
import pytest

from agentcore.clock import SECOND
from agentcore.core import TurnControl, TurnEdge
from agentcore.errors import (
    BudgetSpent,
    ContextOverflow,
    MalformedAnswer,
    ModelError,
    ModelRefused,
    ModelUnavailable,
)
from agentcore.model import (
    ModelAnswer,
    ModelRequest,
    Usage,
)
from agentcore.records import StepRecord, StopReason
from agentcore.testing import FakeClock, ScriptedModel, ScriptLine
from bot.app import Replacements
from tests.agentcore.loop.long_chats import PARIS, SMALL, fill, head_of, scripted, texts
from tests.house import FAST, call, calls, house


@pytest.mark.parametrize(
    "trouble",
    [
        "",
        " \n",
        ModelRefused("no"),
        ModelUnavailable("down"),
        MalformedAnswer("what?"),
        ContextOverflow("too long"),
    ],
)
async def test_without_a_summary_the_messages_go_and_their_dates_are_named(
    tmp_path: Path, trouble: ScriptLine
) -> None:
    model = scripted(summary=trouble)
    async with house(tmp_path, model) as home:
        said = await fill(home, model)
        assert len(await home.history("ada")) == 2 * said
    head, *rest = model.requests[-1].prompt[1:]
    assert head.text.startswith("[note] Earlier in this conversation:\nMessages from 20")
    assert "Message 1." not in texts(rest)


async def test_a_failure_keeps_the_summary_that_there_was(tmp_path: Path) -> None:
    model = scripted()
    async with house(tmp_path, model) as home:
        await fill(home, model)
        model.summary = ModelRefused("no")
        await fill(home, model, until=2)
    shown = model.requests[-1].prompt[1].text
    assert f"\n| {PARIS}\n" in shown
    assert " The summary leaves out those from 20" in shown


class Hanging(ScriptedModel):
    """Never comes to an end with a summary."""

    def __init__(self, *script: ScriptLine) -> None:
        super().__init__(*script, capabilities=SMALL)
        self.asked = asyncio.Event()

    async def complete(self, request: ModelRequest) -> ModelAnswer:
        before = len(self.summaries)
        answer = await super().complete(request)
        if len(self.summaries) > before:
            self.asked.set()
            await anyio.sleep_forever()
        return answer


async def test_a_summary_that_takes_too_long_is_given_up(tmp_path: Path) -> None:
    clock = FakeClock()

    def late(_request: ModelRequest) -> ModelAnswer:
        clock.advance(round(299.7 * SECOND))
        return calls(call("conversation_search", '{"query": "x"}'), text="word " * 2_000)

    model = Hanging("One.", "Two.", late, "Done.")
    replacements = Replacements(limits=FAST, clock=clock)
    async with house(tmp_path, model, replacements=replacements) as home:
        ends = [await home.say("ada", text) for text in ("1 " * 900, "2 " * 900, "3")]
    assert ends[-1].reason is StopReason.END_TURN
    assert len(model.summaries) == 1
    assert "are out of sight here" in model.requests[-1].prompt[1].text


async def test_a_turn_that_is_stopped_during_a_summary_leaves_everything_in_view(
    tmp_path: Path,
) -> None:
    model, control, ends = Hanging(*["Ok."] * 40), TurnControl(), []
    async with house(tmp_path, model) as home:

        async def until_it_hangs() -> None:
            for number in range(40):
                await home.accept("ada", f"Message {number}. " + "I like rivers. " * 60)
                (claim,) = await home.claim()
                ends.append(await home.run(claim, control=control))
                if control.cancelled:
                    return

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(until_it_hangs)
            await model.asked.wait()
            control.request_cancel()
        head = await head_of(home)
    assert ends[-1].reason is StopReason.CANCELLED
    assert head.summary == ""
    assert head.first_message == 1


async def test_a_summary_is_paid_for_by_its_turn(tmp_path: Path) -> None:
    steps: list[StepRecord] = []
    model = scripted(summary=ModelAnswer(PARIS, usage=Usage(3_000, 40, cost=77)))
    async with house(tmp_path, model) as home:
        said = await fill(home, model)
        today = (await home.parts.store.statistics()).today
        crew = home.parts.dispatcher.crew
        model.summary = ModelAnswer(PARIS, usage=Usage(2_000, 30, cost=None))
        for number in range(40):
            await home.accept("ada", f"More {number}. " + "I like rivers. " * 60)
            (claim,) = await home.claim()
            steps.clear()
            edge = TurnEdge(crew.composer, TurnControl(), stepped=steps.append)
            await crew.core.run_turn(claim, edge)
            if len(model.summaries) > 1:
                break
        later = (await home.parts.store.statistics()).today
    (use,) = today.models
    assert (use.steps, use.cost, use.prompt_tokens) == (said + 1, 77, 3_000)
    assert [(step.number, step.outcome) for step in steps] == [(1, "summarised"), (2, "answered")]
    assert later.models[0].cost == 77
    assert later.models[0].unpriced == later.models[0].steps - 1, "unknown is never nothing"


async def test_without_money_for_a_summary_nothing_leaves_the_window(tmp_path: Path) -> None:
    model = scripted(summary=BudgetSpent("nothing left"))
    async with house(tmp_path, model) as home:
        said = await fill(home, model)
        head = await head_of(home)
        (turn, *_) = [t for t in await (await home.door("ada")).turns(limit=2) if t.finished_at]
    assert turn.stop_reason is StopReason.INSUFFICIENT_CREDITS
    assert len(model.requests) == said - 1
    assert head.first_message == 1


async def test_a_summary_is_kept_when_the_answer_has_to_wait(tmp_path: Path) -> None:
    answers: list[ModelError | str] = ["Ok."] * 3
    model = scripted(*answers, *[ModelUnavailable("down")], "At last.")
    async with house(tmp_path, model) as home:
        for number in range(3):
            await home.say("ada", f"Message {number}. " + "I like rivers. " * 120)
        await home.accept("ada", "The last one. " + "I like rivers. " * 120)
        (claim,) = await home.claim()
        with pytest.raises(ModelUnavailable):
            await home.run(claim)
        await home.parts.store.release_all_leases()
        (again,) = await home.claim()
        end = await home.run(again)
        history = await home.history("ada")
    assert end.reason is StopReason.END_TURN
    assert len(model.summaries) == 1
    assert PARIS in model.requests[-1].prompt[1].text
    assert [m.text[:9] for m in history[-2:]] == ["The last ", "At last."]


async def test_what_was_forgotten_while_it_was_summed_up_is_in_no_later_prompt(
    tmp_path: Path,
) -> None:
    def meanwhile(_request: ModelRequest) -> ModelAnswer:
        with closing(sqlite3.connect(tmp_path / "familiar.db")) as database, database:
            database.execute("UPDATE message SET forgotten_at = 1 WHERE seq <= 2")
        database.close()
        return ModelAnswer("SECRET of message one.")

    model = scripted(summary=meanwhile)
    async with house(tmp_path, model) as home:
        await fill(home, model)
        requests = len(model.requests)
        await home.say("ada", "Anything else?")
    later = texts(tuple(model.requests[requests].prompt))
    assert "SECRET" not in later
    assert "Messages from 20" in later


async def test_a_forgotten_message_is_not_summed_up(tmp_path: Path) -> None:
    model = scripted()
    async with house(tmp_path, model) as home:
        await home.say("ada", "MARKER of old.")
        with closing(sqlite3.connect(tmp_path / "familiar.db")) as database, database:
            database.execute("UPDATE message SET forgotten_at = 1 WHERE seq = 1")
        database.close()
        await fill(home, model)
    assert "MARKER" not in texts(tuple(model.summaries[0].prompt))
    assert "| Message 1." in texts(tuple(model.summaries[0].prompt))
