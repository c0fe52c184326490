"""Longer and longer pauses after failures, spread so that many clients don't come back at once."""

from __future__ import annotations

import random

import anyio


class Backoff:
    """Pauses that double from `first` to `longest` seconds until `succeeded`."""

    def __init__(self, first: float, longest: float) -> None:
        self._first = first
        self._longest = longest
        self._next = first

    def succeeded(self) -> None:
        self._next = self._first

    async def wait(self) -> None:
        pause, self._next = self._next, min(2 * self._next, self._longest)
        await anyio.sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311 - nobody must not guess it
