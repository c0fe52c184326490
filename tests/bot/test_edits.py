"""Messages that people edit: changed where they still wait, told of where they were answered."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from adapters.base import Receipt
from agentcore.clock import seconds
from agentcore.model import ModelRequest
from agentcore.records import Address, Role
from agentcore.testing import ScriptedModel
from tests.bot.commands.test_forget import Barrier
from tests.pushed import GROUP, Town, town

NOTE = "[note] The next message is how an earlier one of the same sender reads now: they have edited it."


async def edit(there: Town, who: str, text: str, message: str, **changes: Any) -> Receipt:
    return await there.write(who, text, message_id=message, edited=True, **changes)


async def waiting(there: Town) -> list[tuple[str, str | None, str]]:
    """What the one agent is to answer: kind, command and text."""
    claims = await there.home.claim()
    return [(item.kind, item.command, item.text) for claim in claims for item in claim.items]


def last(request: ModelRequest, count: int) -> list[str]:
    return [prompt.text for prompt in request.prompt[-count:]]


async def test_a_message_that_waits_reads_as_it_was_edited(tmp_path: Path) -> None:
    async with town(tmp_path, ScriptedModel(), at_work=False) as there:
        first = await there.write("ada", "I like tee", message_id="1")
        await there.write("ada", "Bye", message_id="2")
        changed = await edit(there, "ada", "I like tea", "1")
        again = await edit(there, "ada", "I like tea", "1")
        assert await waiting(there) == [("message", None, "I like tea"), ("message", None, "Bye")]
    assert (changed.outcome, changed.position) == ("accepted", first.position)
    assert (again.outcome, again.position) == ("duplicate", first.position)


async def test_what_it_becomes_counts_against_what_may_wait(tmp_path: Path) -> None:
    async with town(tmp_path, ScriptedModel("Hm."), at_work=False) as there:
        await there.write("ada", "x", message_id="1")
        for number in range(2, 51):
            await there.write("ada", "y" * 20_000, message_id=str(number))
        longer = await edit(there, "ada", "x" * 64_000, "1")
        too_long = await edit(there, "ada", "x" * 64_001, "1")
        full = await there.write("ada", "one more")
        (claim,) = await there.home.claim()
        await there.home.run(claim)
        assert sum(len(item.text) for item in claim.items) == 64_000
        (left,) = await there.home.claim()
    assert [each.outcome for each in (longer, too_long, full)] == ["accepted", "refused", "refused"]
    assert left.items[0].seq == 2


async def test_a_waiting_message_may_become_a_command_and_a_command_another(
    tmp_path: Path,
) -> None:
    async with town(tmp_path, ScriptedModel(), at_work=False) as there:
        await there.write("ada", "hello", message_id="1")
        await there.write("ada", "/persona tutor", message_id="2")
        await there.write("ada", "bye", message_id="3")
        await edit(there, "ada", "/new", "1")
        await edit(there, "ada", "/persona coach", "2")
        gate = await edit(there, "ada", "/help", "3")
        assert await waiting(there) == [("command", "new", "")]
        counts = await there.home.parts.store.counts()
    assert gate.outcome == "accepted"
    assert counts["pending"] == 2


async def test_an_edit_of_what_was_answered_is_told_with_what_it_said(tmp_path: Path) -> None:
    model = ScriptedModel("On Friday!", "Ah, on Saturday.", "Sunday then.")
    async with town(tmp_path, model) as there:
        await there.write("ada", "We meet\non Friday", message_id="1")
        await there.until("ada", 1)
        await edit(there, "ada", "We meet on Saturday", "1")
        await there.until("ada", 2)
        await edit(there, "ada", "We meet on Sunday", "1")
        assert await there.until("ada", 3) == ["On Friday!", "Ah, on Saturday.", "Sunday then."]
    note, message = last(model.requests[1], 2)
    assert note == f"{NOTE} It said:\n> We meet on Friday"
    assert message.endswith("| pushed | private | edited]\nWe meet on Saturday")
    assert last(model.requests[2], 2)[0] == f"{NOTE} It said:\n> We meet on Saturday"


async def test_an_edit_while_it_is_being_answered_waits_its_turn(tmp_path: Path) -> None:
    barrier = Barrier()
    model = ScriptedModel("On Friday!", "Ah, on Saturday.", gate=barrier)
    async with town(tmp_path, model) as there:
        barrier.put_up()
        await there.write("ada", "We meet on Friday", message_id="1")
        await barrier.reached.wait()
        await edit(there, "ada", "We meet on Saturday", "1")
        barrier.opened.set()
        assert await there.until("ada", 2) == ["On Friday!", "Ah, on Saturday."]
    assert last(model.requests[1], 3)[1] == f"{NOTE} It said:\n> We meet on Friday"


async def test_what_was_forgotten_is_not_told_with_an_edit(tmp_path: Path) -> None:
    model = ScriptedModel("A baker!", "At a mill.", "Hm.", "Hm.")
    async with town(tmp_path, model) as there:
        await there.write("ada", "I bake at Nordwind in the harbour", message_id="1")
        await there.until("ada", 1)
        await edit(there, "ada", "I work at a mill", "1")
        await there.until("ada", 2)
        await there.write("ada", "/forget Nordwind")
        await there.write("ada", "/forget yes")
        await there.until("ada", 4)
        await edit(there, "ada", "I work in an office", "1")
        await there.until("ada", 5)
    told = "\n".join(prompt.text for prompt in model.requests[-1].prompt)
    assert "nordwind" not in told.casefold()
    assert "I work in an office" in told


async def test_an_edit_of_a_message_that_is_forgotten_tells_nothing_of_it(tmp_path: Path) -> None:
    model = ScriptedModel("A baker!", "Hm.")
    async with town(tmp_path, model) as there:
        await there.write("ada", "I bake at Nordwind in the harbour", message_id="1")
        await there.until("ada", 1)
        await there.write("ada", "/forget Nordwind")
        await there.write("ada", "/forget yes")
        await there.until("ada", 3)
        await edit(there, "ada", "I work in an office", "1")
        await there.until("ada", 4)
    note, message = last(model.requests[1], 2)
    assert note == NOTE
    assert message.endswith("edited]\nI work in an office")


async def test_what_is_forgotten_while_an_edit_of_it_waits_is_not_told(tmp_path: Path) -> None:
    async with town(tmp_path, ScriptedModel("A baker!"), at_work=False) as there:
        await there.write("ada", "I bake at Nordwind in the harbour", message_id="1")
        (claim,) = await there.home.claim()
        await there.home.run(claim)
        await edit(there, "ada", "I work in an office", "1")
        await there.write("ada", "/forget Nordwind")
        await there.write("ada", "/forget yes")
        (claim,) = await there.home.claim()
    assert (claim.first.text, claim.first.earlier) == ("I work in an office", "")


async def test_what_changes_without_a_word_is_no_message(tmp_path: Path) -> None:
    async with town(tmp_path, ScriptedModel(), at_work=False) as there:
        shared = await there.write("ada", unreadable="other", message_id="1")
        moved = await edit(there, "ada", "", "1", unreadable="other")
        assert (await there.home.parts.store.counts())["to_send"] == 1
        command = await edit(there, "ada", "/help", "1")
    assert (shared.outcome, moved.outcome) == ("refused", "ignored")
    assert command.outcome == "accepted"


async def test_an_edit_of_what_nobody_knows_is_a_message_if_it_is_for_us(tmp_path: Path) -> None:
    async with town(tmp_path, ScriptedModel("Hello."), at_work=False) as there:
        mine = await edit(there, "ada", "Hello", "7", at=GROUP)
        others = await edit(there, "ada", "Hello all", "8", at=GROUP, addressed=False)
        not_hers = await edit(there, "bob", "Hello?", "7", at=GROUP, addressed=False)
        assert await waiting(there) == [("message", None, "Hello")]
    assert [each.outcome for each in (mine, others, not_hers)] == ["accepted", "ignored", "ignored"]


async def test_an_answered_message_that_becomes_a_command_is_one(tmp_path: Path) -> None:
    model = ScriptedModel("Hello.", "What is it?")
    async with town(tmp_path, model) as there:
        await there.write("ada", "memory", message_id="1")
        await there.until("ada", 1)
        await edit(there, "ada", "/memory", "1")
        await there.until("ada", 2)
        await edit(there, "ada", "So much for that", "1")
        await there.until("ada", 3)
    assert len(model.requests) == 2
    assert NOTE not in [prompt.text for prompt in model.requests[1].prompt]


async def test_where_only_something_unreadable_came_it_is_said_once(tmp_path: Path) -> None:
    async with town(tmp_path, ScriptedModel(), at_work=False) as there:
        kinds = ("voice", "voice", "photo", "document", "sticker", "video", "audio", "other")
        receipts = [await there.write("ada", unreadable=kind) for kind in kinds]
        rows = await there.home.parts.store.claim_outbox("test", limit=99, lease=seconds(60))
        assert await there.home.parts.store.list_agents() == ()
    assert {each.outcome for each in receipts} == {"refused"}
    assert receipts[0].text == "I can't listen to voice messages yet: please write it to me."
    assert len({row.text for row in rows}) == len(rows) == 7


async def test_what_comes_with_words_is_told_to_the_model(tmp_path: Path) -> None:
    model = ScriptedModel("I can't see it, but happy birthday!")
    async with town(tmp_path, model) as there:
        await there.write("ada", "My cake!", unreadable="photo")
        await there.until("ada", 1)
        feed = await there.home.parts.store.feed(Address("pushed:bot:ada"))
    (message,) = [each for each in feed.messages if each.role is Role.USER]
    assert message.text == "My cake!"
    (told,) = last(model.requests[0], 1)
    assert told.endswith("private | with a photo, which you can't see]\nMy cake!")
