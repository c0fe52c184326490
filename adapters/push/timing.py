"""The time that sending goes by."""

from __future__ import annotations

from typing import Protocol

import anyio


class Time(Protocol):
    def now(self) -> float:
        """Seconds since some moment; never goes back."""
        ...

    async def sleep(self, seconds: float) -> None: ...


class HostTime:
    """The host's, inside a running event loop."""

    def now(self) -> float:
        return anyio.current_time()

    async def sleep(self, seconds: float) -> None:
        await anyio.sleep(seconds)
