"""How a running turn is stopped from outside, in the middle of a model's or a tool's call."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from anyio import CancelScope

T = TypeVar("T")


class TurnControl:
    """Shared by a turn and whoever may ask it to stop. `cancelled` stays true once asked."""

    def __init__(self, *, cancelled: bool = False) -> None:
        self.cancelled = cancelled
        self._scope: CancelScope | None = None

    def request_cancel(self) -> None:
        """Ask the turn to stop; what it waits for now is given up."""
        self.cancelled = True
        if self._scope is not None:
            self._scope.cancel()

    async def interruptible(self, work: Callable[[], Awaitable[T]]) -> T | None:
        """The result of `work`, or None if the turn was asked to stop before it was there."""
        if self.cancelled:
            return None
        with CancelScope() as scope:
            self._scope = scope
            try:
                return await work()
            finally:
                self._scope = None
        return None
