"""A model that is down is left alone for a while, and one call finds out whether it is back."""

from __future__ import annotations

import asyncio

import anyio
import pytest

from agentcore.clock import SECOND
from agentcore.errors import MalformedAnswer, ModelRefused, ModelUnavailable
from agentcore.model import Breaker, ModelRequest, TextDelta, UserPrompt
from agentcore.model.breaker import FIRST_PAUSE, LONGEST_PAUSE
from agentcore.testing import FakeClock, ScriptedModel, ScriptLine

REQUEST = ModelRequest((UserPrompt("Hello"),))


class Line:
    """A breaker before a scripted model, and a clock that moves by hand."""

    def __init__(self, *script: ScriptLine) -> None:
        self.clock = FakeClock()
        self.model = ScriptedModel(*script)
        self.breaker = Breaker(self.model, self.clock)

    def wait(self, seconds: float) -> None:
        self.clock.advance(int(seconds * SECOND))

    async def ask(self) -> str:
        return (await self.breaker.complete(REQUEST)).text

    async def fails(self) -> float:
        """How long the failure says to wait."""
        with pytest.raises(ModelUnavailable) as raised:
            await self.breaker.complete(REQUEST)
        assert raised.value.retry_after is not None
        return raised.value.retry_after

    @property
    def calls(self) -> int:
        return len(self.model.requests)


def outage(retry_after: float | None = None) -> ModelUnavailable:
    return ModelUnavailable("out of order", retry_after=retry_after)


async def test_a_model_that_works_is_simply_asked() -> None:
    line = Line("one", "two")
    heard: list[TextDelta] = []

    assert await line.ask() == "one"
    assert (await line.breaker.stream(REQUEST, heard.append)).text == "two"
    assert "".join(each.text for each in heard) == "two"
    assert line.breaker.name == line.model.name
    assert line.breaker.capabilities == line.model.capabilities


async def test_after_a_failure_nobody_asks_until_the_pause_is_over() -> None:
    line = Line(outage(), "back")

    assert await line.fails() == FIRST_PAUSE
    assert await line.fails() == pytest.approx(FIRST_PAUSE)
    line.wait(FIRST_PAUSE - 0.5)
    assert await line.fails() == pytest.approx(0.5)
    assert line.calls == 1
    line.wait(0.5)
    assert await line.ask() == "back"


async def test_pauses_double_up_to_a_bound_and_begin_anew_after_a_success() -> None:
    line = Line(*(outage() for _ in range(9)), "back", outage())
    pauses = []
    for _ in range(9):
        pauses.append(await line.fails())
        line.wait(pauses[-1])

    assert pauses[:4] == [2.0, 4.0, 8.0, 16.0]
    assert pauses[-1] == LONGEST_PAUSE
    assert await line.ask() == "back"
    assert await line.fails() == FIRST_PAUSE


async def test_a_model_that_is_down_for_days_is_still_asked_now_and_then() -> None:
    line = Line(*(outage() for _ in range(2_000)), "back")
    for _ in range(2_000):
        line.wait(await line.fails())

    assert await line.ask() == "back"


async def test_a_provider_that_wants_more_time_gets_it() -> None:
    line = Line(outage(retry_after=300.0), "back")

    assert await line.fails() == 300
    line.wait(299)
    assert await line.fails() == pytest.approx(1.0)
    line.wait(1)
    assert await line.ask() == "back"


@pytest.mark.parametrize("error", [ModelRefused("a bad request"), MalformedAnswer("a bad answer")])
async def test_an_answer_of_any_kind_shows_that_the_model_is_there(
    error: ModelRefused | MalformedAnswer,
) -> None:
    line = Line(error, "two", outage(), error, "four")

    with pytest.raises(type(error)):
        await line.ask()
    assert await line.ask() == "two"
    line.wait(await line.fails())
    with pytest.raises(type(error)):
        await line.ask()
    assert await line.ask() == "four"


async def test_one_call_finds_out_while_the_others_are_told_to_wait() -> None:
    line = Line(outage())
    line.wait(await line.fails())
    gate = asyncio.Event()
    line.model = ScriptedModel("back", "and on", gate=gate)
    line.breaker._model = line.model
    answers: list[str] = []

    async def probe() -> None:
        answers.append(await line.ask())

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(probe)
        await line.model.called.wait()
        assert await line.fails() > 0
        assert line.calls == 1
        gate.set()

    assert answers == ["back"]
    assert await line.ask() == "and on"


async def test_after_a_refusal_calls_go_through_side_by_side_again() -> None:
    line = Line(outage(), ModelRefused("a bad request"))
    line.wait(await line.fails())
    with pytest.raises(ModelRefused):
        await line.ask()
    gate = asyncio.Event()
    line.breaker._model = model = ScriptedModel("one", "two", gate=gate)

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(line.ask)
        await model.called.wait()
        tasks.start_soon(line.ask)
        gate.set()

    assert model.exhausted


async def test_calls_that_fail_together_count_as_one_failure() -> None:
    gate = asyncio.Event()
    line = Line()
    line.breaker._model = model = ScriptedModel(*(outage() for _ in range(10)), gate=gate)

    async with anyio.create_task_group() as tasks:
        for _ in range(10):
            tasks.start_soon(line.fails)
        await model.called.wait()
        gate.set()

    assert len(model.requests) == 10
    line.wait(FIRST_PAUSE)
    model.add("back")
    assert await line.ask() == "back"


async def test_a_probe_that_is_given_up_lets_the_next_one_through() -> None:
    line = Line(outage())
    line.wait(await line.fails())
    line.breaker._model = model = ScriptedModel("never", "back", gate=asyncio.Event())

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(line.ask)
        await model.called.wait()
        tasks.cancel_scope.cancel()

    model._gate = None
    assert await line.ask() == "back"
