# ruff: noqa: S101 - it is a test suite
"""What holds for platforms with buttons."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from adapters.base import Adapter
from adapters.conformance.harness import ButtonHarness, chunk, running, sent_at_last
from adapters.delivery import Button

LONGEST_TOKEN = f"{'0123456789abcdef' * 2}00000:12"


@asynccontextmanager
async def offering(harness: ButtonHarness, *buttons: Button) -> AsyncGenerator[Adapter, None]:
    """An adapter that runs. Somebody wrote, and got a message with these below it."""
    adapter, service = harness.adapter(), harness.service
    async with running(adapter):
        await harness.write("1", "hello")
        await service.until(lambda: len(service.accepted) == 1)
        await adapter.send(replace(chunk(harness.address("1"), "Which?"), buttons=buttons))
        yield adapter


class ButtonConformance:
    """What is below a chunk can be pressed, and its press comes back."""

    pytestmark = pytest.mark.anyio

    async def test_a_press_comes_back_with_its_token_from_whoever_pressed(
        self, harness: ButtonHarness
    ) -> None:
        service = harness.service
        yes, no = Button("Yes", LONGEST_TOKEN), Button("No", "a:1")

        async with offering(harness, yes, no):
            assert list(harness.buttons("1")) == ["Yes", "No"]
            await harness.press("1", "Yes")
            await service.until(lambda: len(service.accepted) == 2)

        said, press = service.accepted
        assert (press.pressed, press.parts, press.filled) == (LONGEST_TOKEN, (), None)
        assert (press.address, press.audience) == (said.address, said.audience)
        assert press.sender.external_id == said.sender.external_id
        assert press.update_id != said.update_id

    async def test_of_many_choices_each_can_be_chosen(self, harness: ButtonHarness) -> None:
        service = harness.service
        choices = [Button(f"Choice {n}", f"a:{n}", "choice") for n in range(25)]

        async with offering(harness, *choices):
            assert list(harness.buttons("1")) == [each.label for each in choices]
            await harness.press("1", "Choice 24")
            await service.until(lambda: len(service.accepted) == 2)

        assert service.accepted[-1].pressed == "a:24"

    async def test_a_press_that_could_not_be_accepted_is_tried_again(
        self, harness: ButtonHarness
    ) -> None:
        service = harness.service

        async with offering(harness, Button("Yes", "a:0")):
            service.fail_accepts(OSError("disk full"))
            await harness.press("1", "Yes")
            await service.until(lambda: len(service.accepted) == 2)

        assert len({each.update_id for each in service.attempts}) == 2

    async def test_who_is_refused_is_told_why(self, harness: ButtonHarness) -> None:
        service = harness.service

        async with offering(harness, Button("Yes", "a:0")):
            service.refuse_presses("That button is too old.")
            await harness.press("1", "Yes")
            await harness.until(lambda: list(harness.told("1")) == ["That button is too old."])

        assert len(service.accepted) == 1

    async def test_what_waits_for_its_answer_gets_it(self, harness: ButtonHarness) -> None:
        """Be it through a handle of its own, or as any other message."""
        service = harness.service

        async with offering(harness, Button("Yes", "a:0")) as adapter:
            await harness.press("1", "Yes")
            await service.until(lambda: len(service.accepted) == 2)
            press = service.accepted[-1]
            answers = [
                replace(
                    chunk(press.address, text, nonce=f"answer {part}"),
                    part=part,
                    parts=2,
                    answer_via=press.answer_via,
                )
                for part, text in enumerate(("Done.", "All of it."), start=1)
            ]
            ids = {(await sent_at_last(adapter, each)).platform_message_id for each in answers}
            await harness.until(lambda: list(harness.seen("1"))[-2:] == ["Done.", "All of it."])

        assert len(ids) == 2
