from __future__ import annotations

from collections.abc import Awaitable
from typing import Protocol

import anyio


class Left(Protocol):
    """A stand-in for a platform."""

    async def until_left(self) -> None:
        """Until nobody is connected."""
        ...


async def until_noticed(running: Awaitable[None], server: Left) -> None:
    """Wait for what runs, and until the stand-in has noticed its end: then its tasks are over too."""
    try:
        await running
    finally:
        with anyio.CancelScope(shield=True):
            await server.until_left()
