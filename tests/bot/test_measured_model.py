"""A measured model does what the model does, and tells what it took."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import pytest

from agentcore.clock import seconds
from agentcore.errors import (
    ContextOverflow,
    MalformedAnswer,
    ModelError,
    ModelRefused,
    ModelUnavailable,
)
from agentcore.model import ModelAnswer, ModelRequest, TextDelta, Usage, UserPrompt
from agentcore.testing import FakeClock, ScriptedModel
from bot.measures import CallFigures, NoMeasures
from bot.models.measured import MeasuredModel

REQUEST = ModelRequest((UserPrompt("Hello"),))


@dataclass
class Kept(NoMeasures):
    """Keeps the calls."""

    calls: list[CallFigures] = field(default_factory=list)

    def model_called(self, call: CallFigures) -> None:
        self.calls.append(call)


async def test_an_answer_is_passed_on_with_its_time_and_its_usage() -> None:
    clock, kept, usage = FakeClock(), Kept(), Usage(20, 10, cost=7)

    def slowly(_: ModelRequest) -> ModelAnswer:
        clock.advance(seconds(2.5))
        return ModelAnswer("Hi.", usage=usage)

    model = ScriptedModel(slowly)

    answer = await MeasuredModel(model, kept, clock).complete(REQUEST)

    assert answer.text == "Hi."
    assert model.requests == [REQUEST]
    assert kept.calls == [CallFigures("scripted", "answered", 2.5, None, usage)]


async def test_of_a_stream_the_first_piece_is_timed() -> None:
    clock, kept = FakeClock(), Kept()
    heard: list[str] = []

    def slowly(_: ModelRequest) -> ModelAnswer:
        clock.advance(seconds(1))
        return ModelAnswer("Good morning.")

    def emit(piece: TextDelta) -> None:
        heard.append(piece.text)
        clock.advance(seconds(1))

    await MeasuredModel(ScriptedModel(slowly), kept, clock).stream(REQUEST, emit)

    assert "".join(heard) == "Good morning."
    assert (kept.calls[0].first_token, kept.calls[0].seconds) == (1.0, 3.0)


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (ModelUnavailable("down"), "unavailable"),
        (ModelRefused("wrong key"), "refused"),
        (ContextOverflow("too long"), "overflow"),
        (MalformedAnswer("html"), "malformed"),
    ],
)
async def test_a_failure_is_passed_on_and_counted(error: ModelError, outcome: str) -> None:
    kept = Kept()

    with pytest.raises(type(error)):
        await MeasuredModel(ScriptedModel(error), kept, FakeClock()).complete(REQUEST)

    assert kept.calls == [CallFigures("scripted", outcome, 0.0)]  # type: ignore[arg-type]


async def test_a_call_that_is_given_up_is_counted_too() -> None:
    kept, gate = Kept(), asyncio.Event()
    model = ScriptedModel("never", gate=gate)

    async with asyncio.timeout(10), asyncio.TaskGroup() as tasks:
        call = tasks.create_task(MeasuredModel(model, kept, FakeClock()).complete(REQUEST))
        await model.called.wait()
        call.cancel()

    assert [each.outcome for each in kept.calls] == ["cancelled"]
