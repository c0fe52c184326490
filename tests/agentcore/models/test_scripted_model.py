from __future__ import annotations

import asyncio

import pytest

from agentcore.clock import HOUR, Clock, Micros
from agentcore.errors import ModelUnavailable, NotFound
from agentcore.model import (
    Model,
    ModelAnswer,
    ModelCatalog,
    ModelRequest,
    TextDelta,
    ToolCall,
    UserPrompt,
)
from agentcore.testing import FakeClock, ScriptedModel, StaticCatalog

HELLO = ModelRequest((UserPrompt("Hello"),))


async def test_says_its_script_in_order_and_keeps_the_requests() -> None:
    answer = ModelAnswer("", (ToolCall("call_1", "memory_insert", "{}"),))

    def echo(request: ModelRequest) -> ModelAnswer:
        return ModelAnswer(f"{len(request.prompt)} prompts")

    model: Model = (scripted := ScriptedModel("One.", answer, echo))
    assert (await model.complete(HELLO)).text == "One."
    assert await model.complete(HELLO) == answer
    assert (await model.complete(HELLO)).text == "1 prompts"
    assert scripted.requests == [HELLO] * 3
    assert scripted.exhausted


async def test_raises_the_errors_of_its_script() -> None:
    model = ScriptedModel(ModelUnavailable("later", retry_after=3.0), "Now.")
    with pytest.raises(ModelUnavailable, match="later"):
        await model.complete(HELLO)
    assert (await model.complete(HELLO)).text == "Now."


async def test_says_so_when_its_script_is_too_short() -> None:
    with pytest.raises(AssertionError, match="script is shorter"):
        await ScriptedModel().complete(HELLO)


async def test_streams_in_pieces_that_add_up() -> None:
    text = "Two lines of text,\nas it were."
    pieces: list[TextDelta] = []
    answer = await ScriptedModel(text).stream(HELLO, pieces.append)
    assert len(pieces) > 2
    assert "".join(piece.text for piece in pieces) == answer.text == text


async def test_holds_its_answer_until_the_gate_opens() -> None:
    gate = asyncio.Event()
    model = ScriptedModel("Late.", gate=gate)
    async with asyncio.timeout(10), asyncio.TaskGroup() as group:
        task = group.create_task(model.complete(HELLO))
        await model.called.wait()
        assert not task.done()
        gate.set()
    assert task.result().text == "Late."


def test_a_catalog_gives_a_model_and_its_fallbacks() -> None:
    first, second = ScriptedModel(name="first"), ScriptedModel(name="second")
    catalog: ModelCatalog = StaticCatalog(first, second)
    assert list(catalog.ladder(None)) == [first, second]
    assert list(catalog.ladder("second")) == [second]
    with pytest.raises(NotFound, match="first, second"):
        catalog.ladder("third")


def test_the_clock_moves_when_it_is_moved() -> None:
    clock: Clock = (fake := FakeClock(Micros(5)))
    fake.advance(HOUR)
    assert clock.now() == 5 + HOUR
