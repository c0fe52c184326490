"""A call of a model with its deadline and its retries.

There is one policy, here, and it knows how much time the caller has left: whatever a client's
library would repeat by itself is turned off.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable

from agentcore.errors import ModelError, ModelUnavailable
from agentcore.model import Emit, ModelAnswer, TextDelta
from agentcore.providers.config import ProviderConfig

Attempt = Callable[[], Awaitable[ModelAnswer]]
Sleep = Callable[[float], Awaitable[None]]


class Preview:
    """A listener, and whether it was told anything: what was shown must not be shown again."""

    def __init__(self, emit: Emit) -> None:
        self._emit = emit
        self.shown = False

    def show(self, piece: str) -> None:
        self.shown = True
        self._emit(TextDelta(piece))


class Attempts:
    """How one model is asked until it answers. Holds no state of a call."""

    def __init__(
        self,
        config: ProviderConfig,
        *,
        sleep: Sleep = asyncio.sleep,
        luck: Callable[[], float] = random.random,  # noqa: S311 -- jitter
    ) -> None:
        self._config = config
        self._sleep = sleep
        self._luck = luck

    async def until_answered(
        self,
        attempt: Attempt,
        *,
        within: float,
        failure_of: Callable[[Exception], ModelError],
        preview: Preview | None = None,
    ) -> ModelAnswer:
        """Run attempts until one succeeds, or trying again can't help or fit in the time left.

        `within` is in seconds and covers all of them; `failure_of` says what an error of the
        client's library means.

        Raises:
            ModelError: the last attempt's failure.
        """
        deadline = time.monotonic() + within
        failures = 0
        while True:
            outcome = await self._try_once(attempt, deadline - time.monotonic(), failure_of)
            if isinstance(outcome, ModelAnswer):
                return outcome
            outcome.begun = preview is not None and preview.shown
            failures += 1
            wait = self._wait(outcome, failures, deadline - time.monotonic())
            if wait is None or outcome.begun:
                raise outcome
            await self._sleep(wait)

    async def _try_once(
        self, attempt: Attempt, left: float, failure_of: Callable[[Exception], ModelError]
    ) -> ModelAnswer | ModelError:
        """One attempt's answer or its failure.

        The failure is returned, and raised outside of any `except`, so that it doesn't carry the
        provider's error, with the prompt in it, along.
        """
        limit = min(round(left, 1), self._config.timeout)
        try:
            async with asyncio.timeout(limit):
                return await attempt()
        except TimeoutError:
            return ModelUnavailable(f"{self._config.name} did not answer within {limit:g} s")
        except Exception as error:  # noqa: BLE001 -- whatever a client's library raises is mapped
            return failure_of(error)

    def _wait(self, failure: ModelError, failures: int, left: float) -> float | None:
        if not isinstance(failure, ModelUnavailable):
            return None
        return self._config.patience.wait(
            failures, wish=failure.retry_after, left=left, luck=self._luck()
        )
