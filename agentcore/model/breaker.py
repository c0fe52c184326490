"""A model that is down is left alone for a while: nobody waits for its timeouts in turn.

Closed: calls go through. Open, after a failure: calls fail at once, with the time that is left.
Half open, when that time is over: one call goes through and decides.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from agentcore.clock import SECOND, Clock, Micros, seconds
from agentcore.errors import ModelUnavailable
from agentcore.model.base import Capabilities, Emit, Model, ModelAnswer, ModelRequest

FIRST_PAUSE = 2.0
LONGEST_PAUSE = 120.0
"""Seconds; doubled with every failure in a row, unless the provider asks for more."""


class Breaker:
    """`Model` around another one. Safe for many turns at once."""

    def __init__(self, model: Model, clock: Clock) -> None:
        self._model = model
        self._clock = clock
        self._failures = 0
        self._open_until = Micros(0)
        self._probing = False

    @property
    def name(self) -> str:
        return self._model.name

    @property
    def capabilities(self) -> Capabilities:
        return self._model.capabilities

    async def complete(self, request: ModelRequest) -> ModelAnswer:
        return await self._guarded(lambda: self._model.complete(request))

    async def stream(self, request: ModelRequest, emit: Emit) -> ModelAnswer:
        return await self._guarded(lambda: self._model.stream(request, emit))

    async def _guarded(self, call: Callable[[], Awaitable[ModelAnswer]]) -> ModelAnswer:
        self._admit()
        probing = self._failures > 0
        self._probing = self._probing or probing
        try:
            answer = await call()
        except ModelUnavailable as error:
            pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2**self._failures)
            pause = max(pause, error.retry_after or 0.0)
            self._failures += 1
            self._open_until = Micros(self._clock.now() + seconds(pause))
            error.retry_after = pause
            raise
        finally:
            if probing:
                self._probing = False
        self._failures = 0
        return answer

    def _admit(self) -> None:
        if not self._failures:
            return
        left = (self._open_until - self._clock.now()) / SECOND
        if left > 0 or self._probing:
            msg = f"{self.name} could not be reached a moment ago; it is left alone for a while"
            raise ModelUnavailable(msg, retry_after=max(left, FIRST_PAUSE))
