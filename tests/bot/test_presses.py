"""Buttons: a press is the command that the button stands for, from whoever it is for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from adapters.base import Receipt
from agentcore.records import OWNER
from agentcore.testing import ScriptedModel
from tests.bot.commands.test_undo import noting
from tests.pushed import GROUP, Town, town

NOT_YOURS = "That button is for the person I was answering there."
TOO_OLD = "That button is too old for me. Please write the command instead."


async def noted(there: Town, who: str = "ada", **changes: Any) -> dict[str, str]:
    """The buttons of the card that comes after what `who` says."""
    await there.write(who, "I like tea", **changes)
    await there.until(str(changes.get("at", who)), 2)
    return dict(there.buttons(str(changes.get("at", who))))


async def press(there: Town, who: str, token: str, **changes: Any) -> Receipt:
    return await there.write(who, pressed=token, **changes)


async def test_a_press_is_the_command_that_the_button_stands_for(tmp_path: Path) -> None:
    async with town(tmp_path, ScriptedModel(*noting("Likes tea."))) as there:
        buttons = await noted(there)
        receipt = await press(there, "ada", buttons["Undo"], message_id="2")
        answer = (await there.until("ada", 3))[-1]
        assert await there.home.block("ada") == ""
    assert receipt.outcome == "accepted"
    assert answer.startswith("Taken back.")


async def test_after_the_reason_was_shown_there_is_as_much_to_press_as_before(
    tmp_path: Path,
) -> None:
    async with town(tmp_path, ScriptedModel(*noting("Likes tea."))) as there:
        buttons = await noted(there)
        looked = await press(there, "ada", buttons["Why"])
        undone = await press(there, "ada", buttons["Undo"])
    assert (looked.buttons_stay, undone.buttons_stay) == (True, False)


async def test_what_several_told_is_nobodys_own_message(tmp_path: Path) -> None:
    async with town(tmp_path, ScriptedModel(*noting("Likes tea."))) as there:
        buttons = await noted(there, at=GROUP)
        await press(there, "eve", buttons["Why"], at=GROUP, admin=True)
        (*_, answer) = await there.until(GROUP, 3)
    assert "from a message of" in answer


async def test_a_press_that_comes_again_is_a_duplicate(tmp_path: Path) -> None:
    async with town(tmp_path, ScriptedModel(*noting("Likes tea."))) as there:
        buttons = await noted(there)
        first = await press(there, "ada", buttons["Why"], update_id="p1")
        again = await press(there, "ada", buttons["Why"], update_id="p1")
        assert len(await there.until("ada", 3)) == 3
    assert (first.outcome, again.outcome) == ("accepted", "duplicate")


async def test_in_private_only_that_chat_may_press(tmp_path: Path) -> None:
    async with town(tmp_path, ScriptedModel(*noting("Likes tea."))) as there:
        buttons = await noted(there)
        receipt = await press(there, "bob", buttons["Undo"])
        assert await there.home.block("ada") == "Likes tea."
        assert there.seen("bob") == []
    assert (receipt.outcome, receipt.text) == ("refused", NOT_YOURS)


async def test_in_a_group_whom_it_answers_may_press_and_an_admin(tmp_path: Path) -> None:
    async with town(tmp_path, ScriptedModel(*noting("Likes tea."))) as there:
        buttons = await noted(there, at=GROUP)
        others = await press(there, "bob", buttons["Why"], at=GROUP)
        own = await press(there, "ada", buttons["Why"], at=GROUP)
        admins = await press(there, "eve", buttons["Why"], at=GROUP, admin=True)
        elsewhere = await press(there, "ada", buttons["Why"], at="other")
    assert (others.outcome, others.text) == ("refused", NOT_YOURS)
    assert [each.outcome for each in (own, admins, elsewhere)] == [
        "accepted",
        "accepted",
        "refused",
    ]


async def test_a_button_that_nobody_knows_any_more_is_refused_kindly(tmp_path: Path) -> None:
    async with town(tmp_path, ScriptedModel()) as there:
        tokens = ("", "x", "0123456789abcdef01234567:0", "0123456789abcdef01234567:x", "x:99999999")
        receipts = [await press(there, "ada", token) for token in tokens]
        assert await there.home.parts.store.list_agents() == ()
    assert {(each.outcome, each.text) for each in receipts} == {("refused", TOO_OLD)}


async def test_a_press_over_the_caps_is_answered_and_nothing_is_sent(tmp_path: Path) -> None:
    async with town(tmp_path, ScriptedModel(*noting("Likes tea."))) as there:
        buttons = await noted(there)
        for _ in range(59):
            await press(there, "ada", buttons["Why"])
        before = len(await there.until("ada", 61))
        receipt = await press(there, "ada", buttons["Why"])
        assert await there.home.parts.store.next_outbox() is None
        assert len(there.seen("ada")) == before
    assert receipt.outcome == "refused"
    assert "more than 60 messages in a minute" in receipt.text


async def test_buttons_go_with_whom_they_were_for(tmp_path: Path) -> None:
    async with town(tmp_path, ScriptedModel(*noting("Likes tea."))) as there:
        buttons = await noted(there, at=GROUP)
        await there.write("ada", "/delete")
        code = (await there.until("ada", 1))[-1]
        digits = code.split()[-1]
        await there.write("ada", f"/delete {digits}")
        await there.until("ada", 2)
        receipt = await press(there, "eve", buttons["Why"], at=GROUP, admin=True)
        (agent,) = await there.home.parts.store.list_agents()
        assert await there.home.parts.store.for_agent(agent.agent_id, OWNER).blocks()
    assert (receipt.outcome, receipt.text) == ("refused", TOO_OLD)


async def test_a_stranger_who_is_asked_in_a_group_agrees_and_is_answered(tmp_path: Path) -> None:
    model = ScriptedModel("Hello, Ada.")
    async with town(tmp_path, model, consent="required", first_contact=True) as there:
        await there.write("ada", "Hi", at=GROUP)
        await there.until(GROUP, 1)
        buttons = there.buttons(GROUP)
        for who in ("bob", "ada"):
            receipt = await press(there, who, buttons["I agree"], at=GROUP)
            assert (receipt.outcome, receipt.buttons_stay) == ("accepted", True)
        await there.until(GROUP, 3)
        await there.write("ada", "Hi", at=GROUP)
        assert (await there.until(GROUP, 4))[-1] == "Hello, Ada."
