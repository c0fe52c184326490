"""A model whose calls are measured: how long, how many tokens, what they cost, how they failed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from agentcore.clock import SECOND, Clock, Micros
from agentcore.errors import (
    ContextOverflow,
    MalformedAnswer,
    ModelError,
    ModelRefused,
    ModelUnavailable,
)
from agentcore.model import Capabilities, Emit, Model, ModelAnswer, ModelRequest, TextDelta
from bot.measures import CallFigures, CallOutcome, Measures


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
        return await self._measured(lambda: self._model.complete(request), lambda: None)

    async def stream(self, request: ModelRequest, emit: Emit) -> ModelAnswer:
        first: Micros | None = None

        def shown(piece: TextDelta) -> None:
            nonlocal first
            if first is None:
                first = self._clock.now()
            emit(piece)

        return await self._measured(lambda: self._model.stream(request, shown), lambda: first)

    async def _measured(
        self, call: Callable[[], Awaitable[ModelAnswer]], first: Callable[[], Micros | None]
    ) -> ModelAnswer:
        started = self._clock.now()
        answer: ModelAnswer | None = None
        outcome: CallOutcome = "unavailable"
        try:
            answer = await call()
            outcome = "answered"
        except ModelError as error:
            outcome = outcome_of(error)
            raise
        except asyncio.CancelledError:
            outcome = "cancelled"
            raise
        finally:
            shown = first()
            self._measures.model_called(
                CallFigures(
                    model=self.name,
                    outcome=outcome,
                    seconds=(self._clock.now() - started) / SECOND,
                    first_token=None if shown is None else (shown - started) / SECOND,
                    usage=None if answer is None else answer.usage,
                )
            )
        return answer


def outcome_of(error: ModelError) -> CallOutcome:
    match error:
        case ModelRefused():
            return "refused"
        case ContextOverflow():
            return "overflow"
        case MalformedAnswer():
            return "malformed"
        case ModelUnavailable() | _:
            return "unavailable"
