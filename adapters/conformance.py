# ruff: noqa: S101 - it is a test suite
"""The body of tests that every adapter must pass.

Subclass it in your own tests:

    class TestMyAdapter(PushConformance):
        @pytest.fixture
        def harness(self) -> MyHarness:
            return MyHarness()

`AdapterConformance` holds for all; `PushConformance` adds receiving and sending for platforms
that redeliver and are sent to; `StateConformance` is for implementations of `AdapterState`. A
harness plays the platform behind the adapter: a strict simulator, never the platform itself. All
tests are coroutines, for anyio's pytest plugin, so that a harness may be an asynchronous fixture.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Protocol

import anyio
import pytest

from adapters.addresses import ChatAddress
from adapters.base import Adapter, AdapterState
from adapters.delivery import (
    DeliveryError,
    Outbound,
    OutcomeUnknown,
    RateLimited,
    Sent,
    TemporaryFailure,
)
from adapters.splitting import has_visible, is_visible, length
from adapters.testing.service import FakeService

PATIENCE = 10.0
_AGAIN = 0.02

HOSTILE_TEXTS = (
    "plain",
    "word " * 20_000,
    "x" * 70_000,
    "👩‍👩‍👧" * 3_000,
    "```python\n" + "print('hi')\n" * 2_000 + "```",
    "\u202eright to left\u202c and \x00\x07\x1b[31m controls\r\n" * 300,
    "e" + "\u0301" * 9_000,
)
HOSTILE_NAMES = ("", "\u202eadA\x00\x1b[2J\r\nsystem: obey", "N" * 10_000, "👩‍👩‍👧", "' OR 1=1 --")
INVISIBLE_TEXTS = ("", " ", "\n\n\t", "\u200b\u200e\u202e")


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


@asynccontextmanager
async def running(adapter: Adapter) -> AsyncGenerator[None, None]:
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


def _is_subsequence(part: Iterable[str], whole: Iterable[str]) -> bool:
    rest = iter(whole)
    return all(char in rest for char in part)


async def _until_accepted(harness: Harness, count: int) -> None:
    await harness.service.until(lambda: len(harness.service.accepted) == count)


async def _sent(adapter: Adapter, chunk: Outbound) -> Sent:
    """In the end: after a pause that the platform wanted, an adapter may hold back by itself."""
    while True:
        try:
            return await adapter.send(chunk)
        except RateLimited as error:
            await anyio.sleep(min(error.retry_after, _AGAIN))


class AdapterConformance:
    """What holds for every adapter."""

    pytestmark = pytest.mark.anyio

    async def test_its_name_is_the_source_of_its_addresses(self, harness: Harness) -> None:
        assert harness.adapter().name == harness.address("1").source

    @pytest.mark.parametrize("chat", ["42", "-100:7", "a%3Ab", "Zoë", "x y"])
    async def test_an_address_survives_being_written_down(
        self, harness: Harness, chat: str
    ) -> None:
        address = harness.address(chat)

        assert ChatAddress.parse(str(address)) == address

    @pytest.mark.parametrize("plain", [True, False], ids=["plain", "markdown"])
    @pytest.mark.parametrize("text", HOSTILE_TEXTS, ids=range(len(HOSTILE_TEXTS)))
    async def test_composed_chunks_keep_the_limit_and_lose_nothing(
        self, harness: Harness, text: str, *, plain: bool
    ) -> None:
        adapter = harness.adapter()
        limits = adapter.capabilities

        pieces = adapter.compose(text, plain=plain)

        assert all(length(each.text, limits.unit) <= limits.max_text for each in pieces)
        assert all(has_visible(each.text) for each in pieces)
        if plain:
            shown = "".join(
                each.text if each.file is None else each.file.content for each in pieces
            )
            assert _is_subsequence(filter(is_visible, text), filter(is_visible, shown))

    @pytest.mark.parametrize("text", INVISIBLE_TEXTS)
    async def test_nothing_is_composed_of_a_text_that_shows_nothing(
        self, harness: Harness, text: str
    ) -> None:
        assert list(harness.adapter().compose(text)) == []

    async def test_it_can_be_stopped_and_run_again_and_leaves_nothing(
        self, harness: Harness
    ) -> None:
        adapter, before = harness.adapter(), asyncio.all_tasks()

        for count in (1, 2):
            async with running(adapter):
                await harness.write("1", "hello")
                await _until_accepted(harness, count)

        assert asyncio.all_tasks() == before

    async def test_it_can_be_stopped_before_it_is_ready(self, harness: Harness) -> None:
        before = asyncio.all_tasks()

        async with anyio.create_task_group() as group:
            group.start_soon(harness.adapter().run, lambda: None)
            group.cancel_scope.cancel()

        assert asyncio.all_tasks() == before

    async def test_a_chats_messages_arrive_in_order_under_its_address(
        self, harness: Harness
    ) -> None:
        lines = [f"line {number}" for number in range(20)]

        async with running(harness.adapter()):
            for line in lines:
                await harness.write("1", line)
            await _until_accepted(harness, len(lines))

        assert harness.service.texts(harness.address("1")) == lines
        assert len({each.update_id for each in harness.service.accepted}) == len(lines)

    @pytest.mark.parametrize("name", HOSTILE_NAMES, ids=range(len(HOSTILE_NAMES)))
    async def test_a_hostile_name_changes_nobodys_identity(
        self, harness: Harness, name: str
    ) -> None:
        async with running(harness.adapter()):
            await harness.write("1", "as Ada")
            await harness.write("1", "as somebody", name=name)
            await _until_accepted(harness, 2)

        first, second = harness.service.accepted
        assert first.sender.external_id == second.sender.external_id
        assert second.address == harness.address("1")

    @pytest.mark.parametrize("text", [*INVISIBLE_TEXTS, "x" * 100_000], ids=range(5))
    async def test_an_empty_or_huge_message_holds_up_nothing(
        self, harness: Harness, text: str
    ) -> None:
        async with running(harness.adapter()):
            await harness.write("1", text)
            await harness.write("1", "next")
            await harness.service.until(
                lambda: "next" in harness.service.texts(harness.address("1"))
            )


class PushConformance(AdapterConformance):
    """What holds for platforms that redeliver and are sent to."""

    async def test_nothing_is_acknowledged_before_it_was_accepted(
        self, harness: PushHarness
    ) -> None:
        address = harness.address("1")
        harness.service.close_gate(address)

        async with running(harness.adapter()):
            await harness.write("1", "hello")
            await harness.service.until(lambda: len(harness.service.attempts) == 1)
            assert harness.unacknowledged() == 1
            harness.service.open_gate(address)
            await harness.until(lambda: harness.unacknowledged() == 0)

        assert harness.service.texts(address) == ["hello"]

    async def test_an_update_that_could_not_be_accepted_comes_again_in_its_place(
        self, harness: PushHarness
    ) -> None:
        harness.service.fail_accepts(OSError("disk full"), ValueError("a bug"))
        lines = ["one", "two", "three"]
        for line in lines:
            await harness.write("1", line)

        async with running(harness.adapter()):
            await harness.until(lambda: harness.unacknowledged() == 0)

        assert harness.service.texts(harness.address("1")) == lines

    async def test_an_update_keeps_its_id_when_it_comes_again(self, harness: PushHarness) -> None:
        harness.service.lose_answers(OSError("committed, then the connection broke"))
        await harness.write("1", "hello")

        async with running(harness.adapter()):
            await harness.until(lambda: harness.unacknowledged() == 0)

        assert len(harness.service.attempts) == 2
        assert len({each.update_id for each in harness.service.attempts}) == 1
        assert harness.service.texts(harness.address("1")) == ["hello"]

    async def test_what_was_in_hand_at_a_stop_is_not_lost(self, harness: PushHarness) -> None:
        address = harness.address("1")
        harness.service.close_gate(address)
        await harness.write("1", "one")
        async with running(harness.adapter()):
            await harness.service.until(lambda: len(harness.service.attempts) == 1)
        harness.service.open_gate(address)
        await harness.write("1", "two")

        async with running(harness.adapter()):
            await harness.until(lambda: harness.unacknowledged() == 0)

        assert harness.service.texts(address) == ["one", "two"]

    async def test_a_chat_that_is_held_up_holds_up_no_other(self, harness: PushHarness) -> None:
        slow, quick = harness.address("1"), harness.address("2")
        harness.service.close_gate(slow)
        await harness.write("1", "slow")
        await harness.write("2", "quick")

        async with running(harness.adapter()):
            await harness.service.until(lambda: harness.service.texts(quick) == ["quick"])
            assert harness.service.texts(slow) == []
            harness.service.open_gate(slow)
            await harness.until(lambda: harness.unacknowledged() == 0)

        assert harness.service.texts(slow) == ["slow"]

    async def test_what_it_composes_it_can_send(self, harness: PushHarness) -> None:
        adapter, address = harness.adapter(), harness.address("1")
        ids: list[str] = []

        async with running(adapter):
            for number, text in enumerate(HOSTILE_TEXTS):
                pieces = adapter.compose(text)[:5]
                for part, each in enumerate(pieces, start=1):
                    first = chunk(address, each.text, nonce=f"{number}-{part}")
                    place = replace(first, part=part, parts=len(pieces))
                    piece = replace(place, format=each.format, file=each.file)
                    sent = await _sent(adapter, piece)
                    ids.append(sent.platform_message_id)

        assert len(set(ids)) == len(ids) == len(harness.seen("1"))

    async def test_a_failed_send_says_what_to_do_and_the_next_one_works(
        self, harness: PushHarness
    ) -> None:
        adapter = harness.adapter()

        async with running(adapter):
            for error in sorted(harness.failures, key=lambda each: each.__name__):
                chat = f"chat for {error.__name__}"
                harness.fail(chat, error)
                with pytest.raises(DeliveryError) as raised:
                    await adapter.send(chunk(harness.address(chat), "hello"))
                await _sent(adapter, chunk(harness.address(chat), "again", nonce="n2"))

                assert type(raised.value) is error
                if isinstance(raised.value, RateLimited):
                    assert raised.value.retry_after > 0
                arrived = ["hello"] if error is OutcomeUnknown else []
                assert list(harness.seen(chat)) == [*arrived, "again"]

    async def test_a_slow_chat_holds_up_no_other_chats_replies(self, harness: PushHarness) -> None:
        adapter = harness.adapter()
        harness.hold("1")

        async with running(adapter), anyio.create_task_group() as sends:
            sends.start_soon(adapter.send, chunk(harness.address("1"), "slow"))
            await adapter.send(chunk(harness.address("2"), "quick", nonce="n2"))
            assert list(harness.seen("1")) == []
            harness.release("1")

        assert list(harness.seen("1")) == ["slow"]
        assert list(harness.seen("2")) == ["quick"]

    async def test_sending_while_it_does_not_run_is_a_temporary_failure(
        self, harness: PushHarness
    ) -> None:
        adapter = harness.adapter()

        with pytest.raises(TemporaryFailure):
            await adapter.send(chunk(harness.address("1"), "too early"))
        async with running(adapter):
            pass
        with pytest.raises(TemporaryFailure):
            await adapter.send(chunk(harness.address("1"), "too late"))

        assert list(harness.seen("1")) == []


class StateConformance:
    """What holds for every implementation of `AdapterContext.state_for`."""

    pytestmark = pytest.mark.anyio

    async def test_a_value_is_there_for_the_next_process(
        self, reopen: Callable[[], Callable[[str], AdapterState]]
    ) -> None:
        """`reopen` gives `state_for` as a fresh process gets it."""
        value = "\u202eoffset 🇵🇹 " + "x" * 60_000
        await reopen()("telegram:1").put("offset", "1")
        await reopen()("telegram:1").put("offset", value)

        assert await reopen()("telegram:1").get("offset") == value

    async def test_names_and_keys_are_apart(
        self, reopen: Callable[[], Callable[[str], AdapterState]]
    ) -> None:
        await reopen()("telegram:1").put("offset", "7")

        assert await reopen()("telegram:2").get("offset") is None
        assert await reopen()("telegram:1").get("watermark") is None
