"""What waits for just its answer: everything that answers it goes the way that it names, and
something always does.
"""

from __future__ import annotations

import asyncio
import re
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.addresses import ChatAddress
from adapters.base import MAX_HANDLE, AdapterContext
from agentcore.clock import MINUTE
from agentcore.errors import ModelUnavailable
from agentcore.model import ModelAnswer, ModelRequest
from agentcore.testing import FakeClock, ScriptedModel
from bot.commands import COMMANDS
from bot.people import deletions, linking
from tests.bot.commands.test_undo import noting
from tests.house import FAST
from tests.pushed import GROUP, PushedAdapter, Town, town


def crash(_request: ModelRequest) -> ModelAnswer:
    raise RuntimeError("a bug")


def others(there: Town) -> list[str]:
    """What was sent in answer to nothing in particular."""
    return [each.text for each in there.adapter.sent if each.answer_via is None]


async def test_the_answer_and_its_card_go_the_way_that_was_named_and_later_ones_dont(
    tmp_path: Path,
) -> None:
    model = ScriptedModel(*noting("Likes tea."), "Hello.")
    async with town(tmp_path, model) as there:
        await there.write("ada", "I like tea", answer_via="one", message_id="1")
        answers = await there.answers("one", 2)
        await there.write("ada", "Hi")
        assert (await there.until("ada", 3))[-1] == "Hello."
        assert others(there) == ["Hello."]
    assert answers[0] == "Noted."
    assert "Likes tea." in answers[1]


async def test_commands_at_the_gate_and_in_line_and_presses_are_answered_so(
    tmp_path: Path,
) -> None:
    async with town(tmp_path, ScriptedModel(*noting("Likes tea."))) as there:
        await there.write("ada", "I like tea")
        await there.until("ada", 2)
        await there.write("ada", "/memory", answer_via="gate")
        await there.write("ada", pressed=there.buttons("ada")["Undo"], answer_via="press")
        await there.write("ada", "/new", answer_via="line")
        await there.write("ada", "/nonsense", answer_via="unknown")
        assert "Likes tea." in (await there.answers("gate", 1))[0]
        assert (await there.answers("press", 1))[0].startswith("Taken back.")
        for handle in ("line", "unknown"):
            assert len(await there.answers(handle, 1)) == 1
        assert len(others(there)) == 2


@pytest.mark.parametrize("groups", ["shared", "personal"])
async def test_every_command_answers_whoever_waits(tmp_path: Path, groups: str) -> None:
    model, clock = ScriptedModel(*["Yes."] * 100), FakeClock()
    async with town(tmp_path, model, groups=groups, clock=clock) as there:
        for at in (None, GROUP):
            for name in (*COMMANDS, *sorted(linking.COMMANDS), deletions.COMMAND):
                for words in ("", "nonsense"):
                    asked = f"/{name} {words}".strip()
                    clock.advance(MINUTE)
                    await there.write("ada", asked, at=at, answer_via=f"{asked} at {at}")
                    assert await there.answers(f"{asked} at {at}", 1), asked


async def test_whoever_waits_is_refused_each_time_and_told_the_terms(tmp_path: Path) -> None:
    async with town(tmp_path, ScriptedModel("Hello."), first_contact=True) as there:
        for handle in ("one", "two"):
            await there.write("ada", "  ", answer_via=handle)
            assert len(await there.answers(handle, 1)) == 1
        for _ in range(2):
            await there.write("ada", "  ")
        await there.write("ada", "Hi", answer_via="three")
        terms, answer = await there.answers("three", 2)
        assert len(others(there)) == 1, "said once in this minute, for all to see"
    assert "/delete" in terms
    assert answer == "Hello."


async def test_a_group_is_told_the_terms_where_all_of_it_can_read_them(tmp_path: Path) -> None:
    async with town(tmp_path, ScriptedModel(), first_contact=True) as there:
        await there.write("ada", "/memory", at=GROUP, answer_via="one")
        assert len(await there.answers("one", 1)) == 1
        (terms,) = others(there)
    assert "/delete" in terms


async def test_a_refused_press_is_told_by_its_receipt_alone(tmp_path: Path) -> None:
    async with town(tmp_path, ScriptedModel()) as there:
        receipt = await there.write("ada", pressed="gone:0", answer_via="one")
        assert there.adapter.sent == []
    assert receipt.outcome == "refused"
    assert receipt.text


async def test_an_outage_and_the_answer_after_it_both_go_there(tmp_path: Path) -> None:
    model = ScriptedModel(ModelUnavailable("503", retry_after=0.01), "Back.")
    async with town(tmp_path, model) as there:
        await there.write("ada", "Hi", answer_via="one")
        waiting, answer = await there.answers("one", 2)
    assert "model" in waiting
    assert answer == "Back."


async def test_what_is_stopped_given_up_or_answered_with_nothing_ends_in_a_sentence(
    tmp_path: Path,
) -> None:
    gate = asyncio.Event()
    model = ScriptedModel("Never.", crash, "\u200b", gate=gate)
    async with town(tmp_path, model, limits=replace(FAST, attempts=1)) as there:
        await there.write("ada", "Write a novel.", answer_via="stopped")
        await model.called.wait()
        await there.write("ada", "/stop", answer_via="stop")
        gate.set()
        await there.write("ada", "poison", answer_via="parked")
        await there.write("ada", "Say nothing.", answer_via="nothing")
        for handle in ("stopped", "stop", "parked", "nothing"):
            assert len(await there.answers(handle, 1)) == 1


class Watched(PushedAdapter):
    """Counts where it is asked to show that an answer is being made."""

    typing_interval = 4.0

    def __init__(self, context: AdapterContext) -> None:
        super().__init__(context)
        self.shown: list[str] = []

    async def show_typing(self, address: ChatAddress) -> None:
        self.shown.append(f"typing to {address.chat}")

    async def show_preview(self, address: ChatAddress, text: str, *, turn: str) -> None:
        self.shown.append(f"{text} to {address.chat} of {turn}")


async def test_only_the_chat_is_shown_that_an_answer_is_being_made(tmp_path: Path) -> None:
    """Whatever waits for its own shows that by itself, and only there."""
    async with town(tmp_path, ScriptedModel("One.", "Two."), adapter=Watched) as there:
        await there.write("ada", "1", answer_via="one")
        await there.answers("one", 1)
        assert isinstance(there.adapter, Watched)
        assert there.adapter.shown == []
        await there.write("ada", "2")
        await there.until("ada", 2)
        assert "typing to ada" in there.adapter.shown


async def test_two_that_wait_and_what_is_said_between_are_answered_one_by_one(
    tmp_path: Path,
) -> None:
    gate = asyncio.Event()
    model = ScriptedModel("First.", "Second.", "Between.", "Third.", gate=gate)
    async with town(tmp_path, model) as there:
        await there.write("ada", "1")
        await model.called.wait()
        await there.write("ada", "2", answer_via="two")
        await there.write("ada", "between")
        await there.write("ada", "3", answer_via="three")
        gate.set()
        assert await there.answers("two", 1) == ["Second."]
        assert await there.answers("three", 1) == ["Third."]
        assert others(there) == ["First.", "Between."]


async def test_what_was_asked_in_a_group_for_ones_own_eyes_is_answered_in_private(
    tmp_path: Path,
) -> None:
    async with town(tmp_path, ScriptedModel(*noting("Likes tea."))) as there:
        await there.write("ada", "I like tea")
        await there.until("ada", 2)
        await there.write("ada", "/memory", answer_via="one")
        (mine,) = await there.answers("one", 1)
        await there.write("ada", "/memory", at=GROUP, answer_via="two")
        (ours,) = await there.answers("two", 1)
        assert there.seen(GROUP) == [ours]
    assert "Likes tea." in mine
    assert "Likes tea." not in ours


async def test_an_erasure_tells_its_receipt_where_it_was_confirmed(tmp_path: Path) -> None:
    async with town(tmp_path, ScriptedModel("Hello.")) as there:
        await there.write("ada", "Hi", answer_via="hello")
        await there.answers("hello", 1)
        await there.write("ada", "/delete", answer_via="asked")
        (asked,) = await there.answers("asked", 1)
        (code,) = re.findall(r"/delete (\d{4})", asked)
        await there.write("ada", f"/delete {code}", answer_via="confirmed")
        (receipt,) = await there.answers("confirmed", 1)
    assert "erased here" in receipt
    with closing(sqlite3.connect(tmp_path / "familiar.db")) as connection, connection:
        assert connection.execute("SELECT count(*) FROM inbox").fetchone() == (0,)


@pytest.mark.parametrize("at", [None, GROUP])
async def test_what_an_erasure_cuts_off_is_called_off(tmp_path: Path, at: str | None) -> None:
    gate = asyncio.Event()
    model = ScriptedModel("Never.", gate=gate)
    async with town(tmp_path, model) as there:
        await there.write("ada", "Write a novel.", at=at, answer_via="first")
        await model.called.wait()
        await there.write("ada", "And another.", at=at, answer_via="second")
        await there.write("ada", "/delete", at=at, answer_via="asked")
        (asked,) = await there.answers("asked", 1)
        (code,) = re.findall(r"/delete (\d{4})", asked)
        await there.write("ada", f"/delete {code}", at=at, answer_via="confirmed")
        for handle in ("first", "second", "confirmed"):
            assert len(await there.answers(handle, 1)) == 1
        gate.set()
    with closing(sqlite3.connect(tmp_path / "familiar.db")) as connection, connection:
        assert connection.execute("SELECT count(*) FROM outbox").fetchone() == (0,)


async def test_a_handle_goes_with_the_words_that_are_wiped(tmp_path: Path) -> None:
    async with town(tmp_path, ScriptedModel("Hello.")) as there:
        await there.write("ada", "/incognito")
        await there.until("ada", 1)
        await there.write("ada", "A secret", answer_via="secret handle")
        await there.answers("secret handle", 1)
        await there.write("ada", "/new", answer_via="secret over")
        await there.answers("secret over", 1)
        await there.home.parts.store.wipe_ephemeral(there.home.parts.dispatcher.crew.composer)
    with closing(sqlite3.connect(tmp_path / "familiar.db")) as connection, connection:
        found = connection.execute(
            "SELECT answer_via FROM inbox UNION ALL SELECT answer_via FROM outbox"
        )
        assert ("secret handle",) not in found.fetchall()


async def test_a_handle_that_is_too_long_is_the_adapters_mistake(tmp_path: Path) -> None:
    async with town(tmp_path, ScriptedModel()) as there:
        with pytest.raises(ValueError, match="at most 1000 fit"):
            there.inbound("ada", "Hi", answer_via="x" * (MAX_HANDLE + 1))
