"""The day's budget, as people meet it: answered while there is money, told when there is none."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from agentcore.clock import DAY
from agentcore.model import Capabilities, ModelAnswer, Price, Usage
from agentcore.records import OWNER, StopReason
from agentcore.testing import FakeClock, ScriptedModel
from bot.app import Replacements
from bot.models.budgeted import LONG_ANSWER
from tests.house import FAST, House, house, notices, replies, working

A_CENT = 10_000
CHEAP = Capabilities(window=100_000, price=Price(1, 1))
DEAR = Capabilities(window=100_000, price=Price(100, 100))
FREE = Capabilities(window=100_000, price=Price(0, 0))
LAST_CALL = LONG_ANSWER + 2_000
"""What the gate wants to be left, at CHEAP's price."""


def costing(cost: int, text: str = "Hi.") -> ModelAnswer:
    return ModelAnswer(text, usage=Usage(100, 10, cost=cost))


@asynccontextmanager
async def at_work(
    folder: Path, clock: FakeClock, *models: ScriptedModel, budget: str = "0.10"
) -> AsyncIterator[House]:
    real = Replacements(clock=clock, limits=FAST)
    async with (
        house(folder, *models, replacements=real, daily_budget_usd=budget) as home,
        working(home),
    ):
        yield home


async def test_when_it_is_spent_everybody_is_told_and_answered_the_next_day(
    tmp_path: Path,
) -> None:
    clock = FakeClock()
    model = ScriptedModel(costing(10 * A_CENT - LAST_CALL + 1), costing(1), capabilities=CHEAP)
    async with at_work(tmp_path, clock, model) as home:
        first = await home.accept("ada", "Hello")
        await home.heard("ada", until=first.position)
        refused = [await home.accept(who, "Are you there?") for who in ("ada", "ada", "newcomer")]
        command = await home.accept("ada", "/usage")
        clock.advance(DAY)
        again = await home.accept("ada", "Good morning")
        events = await home.heard("ada", until=again.position)
    assert [each.outcome for each in refused] == ["refused"] * 3
    assert ["budget" in each.text and "tomorrow" in each.text for each in refused] == [True] * 3
    assert command.outcome == "accepted"
    assert replies(events) == ["Hi.", "Hi."]


async def test_a_call_that_might_cost_too_much_is_not_made_and_the_sender_is_told(
    tmp_path: Path,
) -> None:
    model = ScriptedModel(capabilities=CHEAP)
    async with at_work(tmp_path, FakeClock(), model, budget="0.007") as home:
        receipt = await home.accept("ada", "word " * 12_000)
        events = await home.heard("ada", until=receipt.position)
        door = home.parts.store.for_agent(await home.agent_of("ada"), OWNER)
        (turn,) = await door.turns(limit=1)
    assert notices(events) == ["turn.budget"]
    assert turn.stop_reason is StopReason.INSUFFICIENT_CREDITS
    assert model.requests == []


async def test_near_the_end_a_cheaper_model_answers(tmp_path: Path) -> None:
    dear = ScriptedModel(name="dear", capabilities=DEAR)
    cheap = ScriptedModel(costing(1, "Cheaply."), name="cheap", capabilities=CHEAP)
    async with at_work(tmp_path, FakeClock(), dear, cheap) as home:
        receipt = await home.accept("ada", "Hello")
        events = await home.heard("ada", until=receipt.position)
    assert replies(events) == ["Cheaply."]
    assert dear.requests == []


async def test_a_free_model_costs_no_budget(tmp_path: Path) -> None:
    model = ScriptedModel("Hello.", capabilities=FREE)
    async with at_work(tmp_path, FakeClock(), model, budget="0") as home:
        receipt = await home.accept("ada", "Hello")
        assert replies(await home.heard("ada", until=receipt.position)) == ["Hello."]


async def test_what_was_spent_is_spent_after_a_restart(tmp_path: Path) -> None:
    clock = FakeClock()
    model = ScriptedModel(costing(10 * A_CENT - LAST_CALL + 1), capabilities=CHEAP)
    async with at_work(tmp_path, clock, model) as home:
        receipt = await home.accept("ada", "Hello")
        await home.heard("ada", until=receipt.position)
    async with at_work(tmp_path, clock, ScriptedModel(capabilities=CHEAP)) as home:
        assert (await home.accept("ada", "Hello?")).outcome == "refused"
