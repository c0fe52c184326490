# ruff: noqa: S101 - it is a test suite
"""What holds for platforms that redeliver and are sent to."""

from __future__ import annotations

from dataclasses import replace

import anyio
import pytest

from adapters.conformance.harness import PushHarness, chunk, running, sent_at_last
from adapters.conformance.receiving import HOSTILE_TEXTS, AdapterConformance
from adapters.delivery import DeliveryError, OutcomeUnknown, RateLimited, TemporaryFailure


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
                    sent = await sent_at_last(adapter, piece)
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
                await sent_at_last(adapter, chunk(harness.address(chat), "again", nonce="n2"))

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
