"""What happens to a chat: greeted, shut out, back again, at another address."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import anyio
import pytest

from adapters.addresses import ChatAddress
from adapters.events import ChatEvent
from agentcore.testing import ScriptedModel
from tests.house import PATIENCE
from tests.pushed import GROUP, Town, town

ALL: dict[str, Any] = {}
AS_ADMIN = {"hears_all": False, "hears_as_admin": True}
SOME = {"hears_all": False}


async def noted(there: Town, kind: Any, chat: str, update_id: str = "e1", **changes: Any) -> None:
    event = ChatEvent(update_id, ChatAddress("pushed", "bot", chat), kind, **changes)
    await there.adapter.context.events.note(event)


@pytest.mark.parametrize(
    ("groups", "hears", "language", "told"),
    [
        ("shared", ALL, "en", ("Mention me", "I remember", "I don't take in")),
        ("shared", AS_ADMIN, "de", ("Erwähnt mich", "/memory", "zum Admin")),
        ("personal", AS_ADMIN, "en", ("Mention me", "in private", "make me an admin")),
        ("personal", SOME, "en", ("Mention me", "in private", "keeps them from bots.")),
        ("off", ALL, "en", ("I only talk in private chats",)),
    ],
)
async def test_a_group_is_greeted_once(
    tmp_path: Path, groups: str, hears: dict[str, Any], language: str, told: tuple[str, ...]
) -> None:
    async with town(tmp_path, ScriptedModel("Hello."), groups=groups) as there:
        for _ in range(2):
            await noted(there, "joined", GROUP, language=language, **hears)
        await there.write("ada", "Hi", at=GROUP)
        if groups != "off":
            await there.until(GROUP, 2)
        greeting, *others = await there.until(GROUP, 1)
    assert all(part in greeting for part in told)
    assert others == ([] if groups == "off" else ["Hello."])


async def test_who_blocked_us_and_lets_us_in_again_is_answered(tmp_path: Path) -> None:
    async with town(tmp_path, ScriptedModel("One.", "Two.")) as there:
        await there.write("ada", "Hello")
        await there.until("ada", 1)
        await noted(there, "unreachable", "ada", "e1")
        assert (await there.home.parts.store.counts())["unreachable"] == 1
        await noted(there, "reachable", "ada", "e2")
        assert (await there.home.parts.store.counts())["unreachable"] == 0
        await there.write("ada", "Again")
        assert await there.until("ada", 2) == ["One.", "Two."]


async def test_a_group_that_moves_is_answered_where_it_is_by_who_knows_it(tmp_path: Path) -> None:
    model = ScriptedModel("Nice.", "At once.", "Yes.")
    async with town(tmp_path, model) as there:
        await there.write("ada", "We meet at the harbour", at="old")
        await there.until("old", 1)
        await there.write("bob", "Early bird", at="new")
        await there.until("new", 1)
        moved_to = ChatAddress("pushed", "bot", "new")
        await noted(there, "moved", "old", "moved:old:new", moved_to=moved_to)
        await there.write("ada", "Where do we meet?", at="new")
        assert await there.until("new", 2) == ["At once.", "Yes."]
        assert len(await there.home.parts.store.list_agents()) == 1
    told = [prompt.text for prompt in model.requests[-1].prompt]
    assert [text.rpartition("\n")[2] for text in told[-5:]] == [
        "We meet at the harbour",
        "Nice.",
        "Early bird",
        "At once.",
        "Where do we meet?",
    ]


async def test_a_chat_that_turns_out_to_have_moved_gets_each_answer_once(tmp_path: Path) -> None:
    async with town(tmp_path, ScriptedModel("One.", "Two.")) as there:
        there.adapter.moved["old"] = "new"
        await there.write("ada", "Hello", at="old")
        await there.until("new", 1)
        await there.write("ada", "Again", at="new")
        assert await there.until("new", 2) == ["One.", "Two."]
        with anyio.fail_after(PATIENCE):
            while (await there.home.parts.store.counts())["to_send"]:
                await anyio.lowlevel.checkpoint()
        assert len(await there.home.parts.store.list_agents()) == 1
    assert there.seen("new") == ["One.", "Two."]
    assert there.seen("old") == []


@pytest.mark.parametrize("groups", ["shared", "personal"])
async def test_a_message_that_is_deleted_before_it_is_answered_is_not(
    tmp_path: Path, groups: str
) -> None:
    gate = asyncio.Event()
    model = ScriptedModel("First.", "Third.", gate=gate)
    async with town(tmp_path, model, groups=groups) as there:
        await there.write("ada", "one", at=GROUP, message_id="1")
        await model.called.wait()
        for number, text in (("2", "zebra"), ("3", "three")):
            await there.write("ada", text, at=GROUP, message_id=number)
        for number in "12":
            await noted(there, "withdrawn", GROUP, f"e{number}", message_id=number)
        gate.set()
        assert await there.until(GROUP, 2) == ["First.", "Third."]
        assert (await there.home.parts.store.counts())["pending"] == 0
    assert "zebra" not in str(model.requests[-1].prompt)
    assert "one" in str(model.requests[-1].prompt), "it was being answered"
