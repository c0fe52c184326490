from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Sequence

import pytest

from adapters.addresses import ChatAddress
from adapters.base import AdapterState
from adapters.conformance import (
    AdapterConformance,
    PushConformance,
    PushHarness,
    StateConformance,
)
from adapters.delivery import (
    ChatUnreachable,
    DeliveryError,
    MessageRejected,
    OutcomeUnknown,
    RateLimited,
    TemporaryFailure,
    WindowClosed,
)
from adapters.terminal import TerminalAdapter, to_inbound
from adapters.testing import (
    Failure,
    FakePullAdapter,
    FakePushAdapter,
    FakeService,
    HttpPushAdapter,
    MemoryStates,
    PullClient,
    PushAdapter,
    PushPlatform,
    push,
)
from adapters.testing.platform import FailureKind
from tests.simulators.loopback import serving
from tests.simulators.push_platform import Simulator, create_app

FAILURES: dict[type[DeliveryError], FailureKind] = {
    TemporaryFailure: "server_error",
    RateLimited: "rate_limited",
    OutcomeUnknown: "cut_after_delivery",
    ChatUnreachable: "blocked",
    WindowClosed: "window_closed",
    MessageRejected: "rejected",
}


class PushPlatformHarness:
    """The push platform in this process; `url` set: with HTTP in between."""

    failures = frozenset(FAILURES)

    def __init__(self, platform: PushPlatform, url: str = "") -> None:
        self.service = FakeService()
        self.platform = platform
        self._url = url

    def adapter(self) -> PushAdapter:
        if self._url:
            return HttpPushAdapter(self.service, self._url, wait=1.0)
        return FakePushAdapter(self.service, self.platform)

    def address(self, chat: str) -> ChatAddress:
        return push.address_of(chat)

    async def write(self, chat: str, text: str, *, name: str = "Ada") -> None:
        self.platform.write(chat, text, name=name)

    def unacknowledged(self) -> int:
        return len(self.platform.unacknowledged)

    def seen(self, chat: str) -> Sequence[str]:
        assert self.platform.disorder(chat) == []
        return [each.text for each in self.platform.seen(chat)]

    def fail(self, chat: str, error: type[DeliveryError]) -> None:
        self.platform.fail(chat, Failure(FAILURES[error], retry_after=3.0))

    def hold(self, chat: str) -> None:
        self.platform.close_gate(chat)

    def release(self, chat: str) -> None:
        self.platform.open_gate(chat)

    async def until(self, holds: Callable[[], bool]) -> None:
        await self.platform.until(holds)


class TestFakePushAdapter(PushConformance):
    @pytest.fixture
    def harness(self) -> PushHarness:
        return PushPlatformHarness(PushPlatform())


class TestHttpPushAdapter(PushConformance):
    @pytest.fixture
    async def harness(self) -> AsyncGenerator[PushHarness, None]:
        simulator = Simulator()
        async with serving(create_app(simulator)) as url:
            yield PushPlatformHarness(simulator.platform, url)


class PullHarness:
    def __init__(self) -> None:
        self.service = FakeService()

    def adapter(self) -> FakePullAdapter:
        return FakePullAdapter()

    def address(self, chat: str) -> ChatAddress:
        return PullClient(self.service, chat).address

    async def write(self, chat: str, text: str, *, name: str = "Ada") -> None:
        await PullClient(self.service, chat).say(text, name=name)


class TestFakePullAdapter(AdapterConformance):
    @pytest.fixture
    def harness(self) -> PullHarness:
        return PullHarness()


class TerminalHarness:
    """A person at the terminal is known by the name they start it with, and has no other."""

    def __init__(self) -> None:
        self.service = FakeService()

    def adapter(self) -> TerminalAdapter:
        return TerminalAdapter()

    def address(self, chat: str) -> ChatAddress:
        return to_inbound(chat, "").address

    async def write(self, chat: str, text: str, *, name: str = "Ada") -> None:
        await self.service.accept(to_inbound(chat, text))


class TestTerminalAdapter(AdapterConformance):
    @pytest.fixture
    def harness(self) -> TerminalHarness:
        return TerminalHarness()


class TestMemoryState(StateConformance):
    @pytest.fixture
    def reopen(self) -> Callable[[], Callable[[str], AdapterState]]:
        states = MemoryStates()
        return lambda: states
