"""What plays a platform behind an adapter, and short ways to drive it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Protocol

import anyio

from adapters.addresses import ChatAddress
from adapters.base import Adapter
from adapters.delivery import DeliveryError, Outbound, RateLimited, Sent
from adapters.testing.service import FakeService

PATIENCE = 10.0
_AGAIN = 0.02


class Harness(Protocol):
    """Plays the platform behind one adapter."""

    @property
    def service(self) -> FakeService:
        """What the adapter hands updates to."""
        ...

    def adapter(self) -> Adapter:
        """The adapter as a fresh process builds it: the same platform, service and state."""
        ...

    def address(self, chat: str) -> ChatAddress:
        """The address under which the adapter knows this chat."""
        ...

    async def write(self, chat: str, text: str, *, name: str = "Ada") -> None:
        """Somebody of this name writes. The platform may drop a text that it would refuse."""
        ...


class PushHarness(Harness, Protocol):
    """Plays a platform that redelivers what wasn't acknowledged, and that is sent to."""

    @property
    def failures(self) -> frozenset[type[DeliveryError]]:
        """What this platform's sends can end in; `fail` takes these."""
        ...

    def unacknowledged(self) -> int:
        """How many updates the platform still keeps for us."""
        ...

    def seen(self, chat: str) -> Sequence[str]:
        """What a person sees in the chat, oldest first."""
        ...

    def fail(self, chat: str, error: type[DeliveryError]) -> None:
        """The next send to this chat ends so; `OutcomeUnknown` after it was delivered."""
        ...

    def hold(self, chat: str) -> None:
        """Sends to this chat get no answer until `release`."""
        ...

    def release(self, chat: str) -> None: ...

    async def until(self, holds: Callable[[], bool]) -> None:
        """Return when `holds()`; looked at whenever the platform's state changes."""
        ...


class ButtonHarness(PushHarness, Protocol):
    """Plays a platform with buttons."""

    def buttons(self, chat: str) -> Sequence[str]:
        """What the buttons are called below the newest message that has some, lists opened."""
        ...

    async def press(self, chat: str, label: str) -> None:
        """The chat's person presses that one."""
        ...

    def told(self, chat: str) -> Sequence[str]:
        """What they were told about their presses alone, oldest first."""
        ...


class Runs(Protocol):
    """An adapter, or a part of one that runs as it does."""

    async def run(self, ready: Callable[[], None]) -> None:
        """See `Adapter.run`."""
        ...


@asynccontextmanager
async def running(adapter: Runs) -> AsyncGenerator[None, None]:
    """Run the adapter, from its `ready` to the end of the block."""
    async with anyio.create_task_group() as group:
        ready = anyio.Event()
        group.start_soon(adapter.run, ready.set)
        with anyio.fail_after(PATIENCE):
            await ready.wait()
        yield
        group.cancel_scope.cancel()


def chunk(address: ChatAddress, text: str, *, nonce: str = "n1") -> Outbound:
    return Outbound(address=address, text=text, part=1, parts=1, nonce=nonce)


async def sent_at_last(adapter: Adapter, chunk: Outbound) -> Sent:
    """In the end: after a pause that the platform wanted, an adapter may hold back by itself."""
    while True:
        try:
            return await adapter.send(chunk)
        except RateLimited as error:
            await anyio.sleep(min(error.retry_after, _AGAIN))
