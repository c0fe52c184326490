"""What an adapter may do besides: the service looks at each adapter for these methods."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from adapters.addresses import ChatAddress


@runtime_checkable
class HasRoutes(Protocol):
    """Optional: the adapter serves HTTP (webhooks)."""

    def routes(self) -> Sequence[object]:
        """Starlette routes, mounted at the root of the service's one port."""
        ...


@runtime_checkable
class ShowsTyping(Protocol):
    """Optional: the platform can show that an answer is being written."""

    typing_interval: float

    async def show_typing(self, address: ChatAddress) -> None:
        """Show it for about `typing_interval` seconds. Failures are ignored."""
        ...


@runtime_checkable
class ShowsPreviews(Protocol):
    """Optional: an answer can be watched while it is made, ahead of the chunks that hold it."""

    async def show_preview(self, address: ChatAddress, text: str, *, turn: str) -> None:
        """Show the answer so far in place of what the same turn showed before.

        Called by one task at a time per address, with the newest text when the last call has
        returned: its pace is the adapter's. Cancelled where it still runs when the model's call is
        over, and so before the answer is sent. The next chunk that `send` is given for the address
        stands in its place. Failures are ignored.
        """
        ...


@runtime_checkable
class ReportsHealth(Protocol):
    """Optional: it can tell whether the platform is still there."""

    def health(self) -> str:
        """In a few words for the operator what is wrong, or "ok". Asked while `run` runs."""
        ...
