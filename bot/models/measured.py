"""A model whose calls are measured: how long, how many tokens, what they cost, how they failed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from agentcore.clock import SECOND, Clock, Micros
from agentcore.errors import (
    ContextOverflow,
    MalformedAnswer,
    ModelError,
    ModelRefused,
    ModelUnavailable,
)
from agentcore.model import (
    Capabilities,
    Embeddings,
    Emit,
    Model,
    ModelAnswer,
    ModelRequest,
    TextDelta,
    Usage,
)
from bot.measures import CallFigures, CallOutcome, Measures

T = TypeVar("T", ModelAnswer, Embeddings)


class MeasuredModel:
    """`Model` around another one; it changes nothing about its calls."""

    def __init__(self, model: Model, measures: Measures, clock: Clock) -> None:
        self._model = model
        self._measures = measures
        self._clock = clock

    @property
    def name(self) -> str:
        return self._model.name

    @property
    def capabilities(self) -> Capabilities:
        return self._model.capabilities

    async def complete(self, request: ModelRequest) -> ModelAnswer:
        return await measure(
            lambda: self._model.complete(request), self.name, self._measures, self._clock
        )

    async def stream(self, request: ModelRequest, emit: Emit) -> ModelAnswer:
        first: Micros | None = None

        def shown(piece: TextDelta) -> None:
            nonlocal first
            if first is None:
                first = self._clock.now()
            emit(piece)

        return await measure(
            lambda: self._model.stream(request, shown),
            self.name,
            self._measures,
            self._clock,
            first=lambda: first,
        )


async def measure(
    call: Callable[[], Awaitable[T]],
    name: str,
    measures: Measures,
    clock: Clock,
    first: Callable[[], Micros | None] = lambda: None,
) -> T:
    """Make a call of a model. `first` tells afterwards when the first piece of it was shown."""
    started = clock.now()
    usage: Usage | None = None
    outcome: CallOutcome = "unavailable"
    try:
        answer = await call()
        usage, outcome = answer.usage, "answered"
    except ModelError as error:
        outcome = _outcome_of(error)
        raise
    except asyncio.CancelledError:
        outcome = "cancelled"
        raise
    finally:
        seconds, shown = (clock.now() - started) / SECOND, first()
        first_token = None if shown is None else (shown - started) / SECOND
        measures.model_called(CallFigures(name, outcome, seconds, first_token, usage))
    return answer


def _outcome_of(error: ModelError) -> CallOutcome:
    match error:
        case ModelRefused():
            return "refused"
        case ContextOverflow():
            return "overflow"
        case MalformedAnswer():
            return "malformed"
        case ModelUnavailable() | _:
            return "unavailable"
