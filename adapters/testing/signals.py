"""Waiting for a condition without sleeping: `Changes.until` looks again whenever `tell` is called."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

PATIENCE = 10.0
"""Seconds after which a wait fails; never reached unless something is broken."""


class Changes:
    """A place where something changes, and where others wait for it. For one event loop."""

    def __init__(self) -> None:
        self._waiting: set[asyncio.Event] = set()

    def tell(self) -> None:
        """Wake everyone who waits."""
        for event in self._waiting:
            event.set()

    async def next(self, seconds: float | None = None) -> None:
        """Return at the next `tell`.

        Raises:
            TimeoutError: `seconds` have passed.
        """
        event = asyncio.Event()
        self._waiting.add(event)
        try:
            async with asyncio.timeout(seconds):
                await event.wait()
        finally:
            self._waiting.discard(event)

    async def until(self, holds: Callable[[], bool], seconds: float = PATIENCE) -> None:
        """Return as soon as `holds()`.

        Raises:
            TimeoutError: it didn't within `seconds`.
        """
        async with asyncio.timeout(seconds):
            while not holds():
                await self.next()
