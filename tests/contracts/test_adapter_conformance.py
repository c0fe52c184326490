from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import suppress

import pytest

from adapters.addresses import ChatAddress
from adapters.base import AdapterState
from adapters.conformance import (
    AdapterConformance,
    ButtonConformance,
    ButtonHarness,
    PushConformance,
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
from adapters.telegram.adapter import TelegramAdapter
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
from tests.adapters.telegram.bot_at_work import BotAtWork, webhook_bot
from tests.contracts.discord_harness import DiscordHarness
from tests.simulators.discord_server.server import DiscordServer
from tests.simulators.faults import ConnectionCut, Held
from tests.simulators.loopback import serving
from tests.simulators.push_platform import Simulator, create_app
from tests.simulators.telegram_server.faults import Fault, flood_wait, refusing, server_error
from tests.simulators.telegram_server.people import Person
from tests.simulators.telegram_server.refusals import forbidden
from tests.simulators.telegram_server.server import TelegramServer
from tests.simulators.timeline import HastyTimeline

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
            return HttpPushAdapter(self.service, self._url, wait=1.0, buttons=True)
        return FakePushAdapter(self.service, self.platform, buttons=True)

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

    def buttons(self, chat: str) -> Sequence[str]:
        return [label for label, _ in self.platform.buttons(chat)]

    async def press(self, chat: str, label: str) -> None:
        self.platform.press(chat, label)

    def told(self, chat: str) -> Sequence[str]:
        return self.platform.told(chat)

    async def until(self, holds: Callable[[], bool]) -> None:
        await self.platform.until(holds)


class TestFakePushAdapter(PushConformance, ButtonConformance):
    @pytest.fixture
    def harness(self) -> ButtonHarness:
        return PushPlatformHarness(PushPlatform())


class TestHttpPushAdapter(PushConformance, ButtonConformance):
    @pytest.fixture
    async def harness(self) -> AsyncGenerator[ButtonHarness, None]:
        simulator = Simulator()
        async with serving(create_app(simulator)) as url:
            yield PushPlatformHarness(simulator.platform, url)


class TelegramHarness:
    """Telegram's stand-in; each chat of the tests is the private chat of a person."""

    failures = frozenset({TemporaryFailure, RateLimited, OutcomeUnknown, ChatUnreachable})

    def __init__(self, bot: BotAtWork) -> None:
        self.service = bot.service
        self._bot = bot
        self._server = bot.server
        self._people: dict[str, Person] = {}
        self._held: dict[str, Held] = {}
        self._presses: dict[str, list[str]] = {}

    def _person(self, chat: str) -> Person:
        if chat not in self._people:
            self._people[chat] = self._server.person("Ada")
            self._people[chat].chat.started = True
        return self._people[chat]

    def adapter(self) -> TelegramAdapter:
        return self._bot.adapter()

    def address(self, chat: str) -> ChatAddress:
        return self._bot.address(self._person(chat).id)

    async def write(self, chat: str, text: str, *, name: str = "Ada") -> None:
        person = self._person(chat)
        person.user["first_name"] = name
        with suppress(ValueError):  # no client sends nothing, or more than fits
            person.writes(text)

    def unacknowledged(self) -> int:
        return len(self._server.world.updates.pending)

    def seen(self, chat: str) -> Sequence[str]:
        return [each.text or each.file_name for each in self._person(chat).chat.from_bot]

    def fail(self, chat: str, error: type[DeliveryError]) -> None:
        person = self._person(chat)
        faults: dict[type[DeliveryError], Fault] = {
            TemporaryFailure: server_error(),
            RateLimited: flood_wait(3),
            OutcomeUnknown: ConnectionCut(carried_out=True),
            ChatUnreachable: refusing(forbidden("bot was blocked by the user")),
        }
        self._server.faults.befall("sendMessage", faults[error], chat=person.id)

    def hold(self, chat: str) -> None:
        self._held[chat] = Held(before=True)
        self._server.faults.befall("sendMessage", self._held[chat], chat=self._person(chat).id)

    def release(self, chat: str) -> None:
        self._held.pop(chat).go.set()

    def buttons(self, chat: str) -> Sequence[str]:
        offered = (each.buttons for each in reversed(self._person(chat).chat.from_bot))
        rows = next((each for each in offered if each), ())
        return [label for row in rows for label in row]

    async def press(self, chat: str, label: str) -> None:
        self._presses.setdefault(chat, []).append(self._person(chat).presses(label))

    def told(self, chat: str) -> Sequence[str]:
        person = self._person(chat)
        answers = [person.answer_to(each) for each in self._presses.get(chat, ())]
        return [each["text"] for each in answers if each is not None and each["text"]]

    async def until(self, holds: Callable[[], bool]) -> None:
        await self._server.bell.until(holds, within=10)


class TestTelegramPolling(PushConformance, ButtonConformance):
    @pytest.fixture
    async def harness(self) -> AsyncGenerator[ButtonHarness, None]:
        async with TelegramServer(limits=None, timeline=HastyTimeline()) as server:
            yield TelegramHarness(BotAtWork(server))


class TestTelegramWebhook(PushConformance, ButtonConformance):
    @pytest.fixture
    async def harness(self) -> AsyncGenerator[ButtonHarness, None]:
        async with (
            TelegramServer(limits=None, timeline=HastyTimeline()) as server,
            webhook_bot(server) as bot,
        ):
            yield TelegramHarness(bot)


class TestDiscord(PushConformance, ButtonConformance):
    @pytest.fixture
    async def harness(self) -> AsyncGenerator[ButtonHarness, None]:
        async with DiscordServer(limits=None) as server:
            yield await DiscordHarness(server).met_before()


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
