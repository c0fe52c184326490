"""How a running service can leave a client of its door without what it asked for."""

from __future__ import annotations

from adapters.base import ServiceGone


class DoorClosed(ServiceGone):
    """The service didn't answer for as long as we are willing to wait."""


class DoorRefused(Exception):
    """The service answered, and did not do it; the message is its own."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status
