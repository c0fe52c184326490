"""What holds on every platform where an answer is watched as a message that grows: nothing but
answers is left, each is seen once, and it takes the place of what was shown of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol

import anyio
import pytest

from adapters.addresses import ChatAddress
from adapters.base import AdapterState
from adapters.delivery import Outbound, OutcomeUnknown, Sent
from adapters.testing import MemoryState
from tests.adapters.push.post_office import ServerTime
from tests.simulators.faults import ConnectionCut, Held

LONG = "A long story of some words. " * 1_000


class Sends(Protocol):
    """The sending half of an adapter."""

    async def send(self, chunk: Outbound) -> Sent: ...

    async def show_preview(self, address: ChatAddress, text: str, *, turn: str) -> None: ...

    def heard(self, address: ChatAddress, message_id: str) -> None: ...


class Said(Protocol):
    """A message of the bot, as people see it."""

    @property
    def text(self) -> str: ...

    @property
    def reply_to(self) -> int | None: ...

    @property
    def edited(self) -> bool: ...


class Watched(Protocol):
    """A place where the bot is among others. A fault is one of the platform's stand-in."""

    stumbles: Any
    """A fault: the platform's servers have trouble, and nothing was done."""

    @property
    def clock(self) -> ServerTime: ...

    @property
    def address(self) -> ChatAddress: ...

    def process(self, *, shown: bool = True) -> AbstractAsyncContextManager[Sends]:
        """One that sends there. Not `shown`: no answer is, while it is made."""
        ...

    def keep_in(self, state: AdapterState) -> None:
        """Processes keep there what later ones have to know."""
        ...

    def chunk(self, markdown: str, *, reply_to: int | None = None) -> Outbound: ...

    def befalls_post(self, *faults: Any) -> None:
        """The next messages that are posted meet these."""
        ...

    def befalls_edit(self, *faults: Any) -> None: ...

    def asked(self) -> int:
        """Somebody writes there; the message's id."""
        ...

    @property
    def said(self) -> Sequence[Said]:
        """The bot's messages that are there now."""
        ...

    @property
    def happened(self) -> list[tuple[str, str]]:
        """What became of the bot's messages, in order: "message" or "edit", and the text."""
        ...

    @property
    def files(self) -> Sequence[Sequence[str]]:
        """The names of each message's files."""
        ...


async def shows(sending: Sends, place: Watched, *texts: str, turn: str = "t1") -> None:
    """Previews, each after a while."""
    for text in texts:
        place.clock.timeline.advance(6)
        await sending.show_preview(place.address, text, turn=turn)


def texts(place: Watched) -> list[str]:
    return [each.text for each in place.said]


class WatchedAnswers:
    """Wants the fixture `place`, a `Watched`."""

    async def test_the_answers_next_part_and_the_next_answer_are_messages_of_their_own(
        self, place: Watched
    ) -> None:
        async with place.process() as sending:
            await shows(sending, place, "one")
            for text in ("one and", "two"):
                await sending.send(place.chunk(text))
            await shows(sending, place, "next", turn="t2")
            await sending.send(place.chunk("next answer"))

        assert texts(place) == ["one and", "two", "next answer"]

    async def test_what_shows_nothing_new_is_not_shown(self, place: Watched) -> None:
        async with place.process() as sending:
            await shows(sending, place, "**", "one", "one **", LONG, LONG + "more")

        assert len(place.happened) == 2

    async def test_nothing_is_shown_of_an_answer_once_it_is_sent(self, place: Watched) -> None:
        async with place.process() as sending:
            await sending.show_preview(place.address, "one", turn="t1")
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(lambda: sending.show_preview(place.address, "one two", turn="t1"))
                await place.clock.until_asleep()
                await sending.send(place.chunk("all"))
                place.clock.timeline.advance(10)

        assert place.happened == [("message", "one"), ("edit", "all")]

    async def test_an_answer_waits_for_the_preview_that_is_on_its_way(self, place: Watched) -> None:
        """Though the one who wanted it shown has gone meanwhile."""
        held = Held()
        place.befalls_post(held)
        async with place.process() as sending:
            async with anyio.create_task_group() as showing:
                showing.start_soon(lambda: sending.show_preview(place.address, "one", turn="t1"))
                await held.came.wait()
                showing.cancel_scope.cancel()
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(sending.send, place.chunk("all"))
                held.go.set()

        assert texts(place) == ["all"]

    async def test_a_preview_that_fails_is_followed_by_the_next(self, place: Watched) -> None:
        place.befalls_post(place.stumbles)
        place.befalls_edit(place.stumbles, ConnectionCut())
        async with place.process() as sending:
            await shows(sending, place, "1", "1 2", "1 2 3", "1 2 3 4", "1 2 3 4 5")

        assert place.happened == [("message", "1 2"), ("edit", "1 2 3 4 5")]

    async def test_an_operator_may_have_answers_shown_when_they_are_ready(
        self, place: Watched
    ) -> None:
        async with place.process(shown=False) as sending:
            await shows(sending, place, "one")
            await sending.send(place.chunk("all"))

        assert place.happened == [("message", "all")]

    # How the answer takes its preview's place

    async def test_after_a_restart_the_answer_takes_its_preview_over_and_again_after_a_kill(
        self, place: Watched
    ) -> None:
        chunk = place.chunk("one two")
        async with place.process() as before:
            await shows(before, place, "one")
        sent = []
        for _ in range(2):
            async with place.process() as after:
                sent.append(await after.send(chunk))
        async with place.process() as last:
            await last.send(place.chunk("another"))

        assert sent[0] == sent[1]
        assert texts(place) == ["one two", "another"]

    async def test_taking_over_is_repeated_when_nobody_knows_whether_it_was_done(
        self, place: Watched
    ) -> None:
        chunk = place.chunk("one two")
        async with place.process() as sending:
            await shows(sending, place, "one")
            place.befalls_edit(ConnectionCut(carried_out=True), ConnectionCut())
            for _ in range(2):
                with pytest.raises(OutcomeUnknown):
                    await sending.send(chunk)
                place.clock.timeline.advance(1)
            await sending.send(chunk)

        assert texts(place) == ["one two"]

    async def test_an_answer_that_is_a_file_takes_its_previews_place(self, place: Watched) -> None:
        async with place.process() as sending:
            await shows(sending, place, LONG)
            assert len(texts(place)[0]) > 1_900
            await sending.send(place.chunk(LONG))

        assert place.files == [["answer.md"]]

    @pytest.mark.parametrize("another", [False, True])
    async def test_a_preview_names_the_question_and_an_answer_to_another_is_a_message_of_its_own(
        self, place: Watched, another: bool
    ) -> None:
        question = place.asked()
        newest = place.asked() if another else question
        async with place.process() as sending:
            sending.heard(place.address, str(newest))
            await shows(sending, place, "Because")
            assert place.said[0].reply_to == newest
            await sending.send(place.chunk("Because of it", reply_to=question))

        (shown,) = place.said
        assert (shown.text, shown.reply_to) == ("Because of it", question)
        assert shown.edited is not another

    # What is kept of previews

    async def test_a_preview_that_cannot_be_written_down_ends_nothing(self, place: Watched) -> None:
        class Full(MemoryState):
            async def put(self, key: str, value: str) -> None:
                raise OSError("disk full")

        place.keep_in(Full())
        async with place.process() as sending:
            await shows(sending, place, "one", "one two")
            with pytest.raises(OSError, match="disk full"):
                await sending.send(place.chunk("all"))

        assert place.happened == [("message", "one"), ("edit", "one two"), ("edit", "all")]

    async def test_what_is_kept_of_previews_may_be_of_another_version(self, place: Watched) -> None:
        state = MemoryState()
        await state.put("previews", '{"not": "ours"}')
        place.keep_in(state)
        async with place.process() as sending:
            await sending.send(place.chunk("all"))

        assert place.happened == [("message", "all")]
