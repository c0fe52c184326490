"""A model that is down is left alone for a while: nobody waits for its timeouts in turn.

Closed: calls go through. Open, after a failure: calls fail at once, with the time that is left.
Half open, when that time is over: one call goes through and decides.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from agentcore.clock import SECOND, Clock, Micros, seconds
from agentcore.errors import ModelError, ModelUnavailable
from agentcore.model.base import Capabilities, Emit, Model, ModelAnswer, ModelRequest

FIRST_PAUSE = 2
LONGEST_PAUSE = 120
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
        failures = self._failures
        if failures:
            self._probing = True
        try:
            answer = await call()
        except ModelUnavailable as error:
            error.retry_after = self._opened(failures, error.retry_after or 0.0)
            raise
        except ModelError:  # it answered, so it is there
            self._failures = 0
            raise
        finally:
            if failures:
                self._probing = False
        self._failures = 0
        return answer

    def _admit(self) -> None:
        if not self._failures:
            return
        left = self._left()
        if left > 0 or self._probing:
            msg = f"{self.name} could not be reached a moment ago; it is left alone for a while"
            raise ModelUnavailable(msg, retry_after=left if left > 0 else FIRST_PAUSE)

    def _opened(self, failures: int, wish: float) -> float:
        """Pause after a call that began after so many failures; seconds until the next one may.

        Calls that were under way together and fail together are one failure.
        """
        pause = wish
        if self._failures == failures:
            doublings = min(failures, LONGEST_PAUSE.bit_length())
            pause = max(wish, min(LONGEST_PAUSE, FIRST_PAUSE * 2**doublings))
            self._failures += 1
        until = Micros(self._clock.now() + seconds(pause))
        self._open_until = max(self._open_until, until)
        return self._left()

    def _left(self) -> float:
        return (self._open_until - self._clock.now()) / SECOND
