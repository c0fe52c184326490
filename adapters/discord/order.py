"""The order within a chat: what comes in for one is handed over one after the other.

Discord's events arrive in order, but each is dealt with in a task of its own.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import anyio

from adapters.addresses import ChatAddress


class Order:
    """Who enters a chat waits until those who came before have left; chats don't wait for others."""

    def __init__(self) -> None:
        self._doors: dict[ChatAddress, _Door] = {}

    @asynccontextmanager
    async def of(self, address: ChatAddress) -> AsyncGenerator[None, None]:
        """In the chat of this address, topics included, until it is left."""
        door = self._doors.setdefault(address.home, _Door())
        door.users += 1
        try:
            async with door.lock:
                yield
        finally:
            door.users -= 1
            if not door.users:
                del self._doors[address.home]


class _Door:
    """`users` are in the chat, or wait before it."""

    def __init__(self) -> None:
        self.lock = anyio.Lock()
        self.users = 0
