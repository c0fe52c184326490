"""`/incognito`: a conversation of which nothing stays."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import anyio

from agentcore.clock import HOUR
from agentcore.records import Role
from agentcore.store import SearchQuery
from agentcore.testing import FakeClock, ScriptedModel
from bot.app import Replacements
from bot.texts import LANGUAGES
from tests.bot.commands.talk import insert, said, told
from tests.house import FAST, PATIENCE, House, calls, house, notices, replies, working

OVER = "reply.incognito_over"


def query(folder: Path, statement: str) -> list[Any]:
    with closing(sqlite3.connect(folder / "familiar.db")) as file:
        return file.execute(statement).fetchall()


async def wiped(home: House) -> None:
    """Until nothing is left to wipe."""
    with anyio.fail_after(PATIENCE):
        while await home.parts.store.next_wipe() is not None:
            home.parts.hints.wipe_asked.ring()
            await anyio.lowlevel.checkpoint()


def words_in(folder: Path) -> str:
    """Every value of every table, as text."""
    tables = query(folder, "SELECT name FROM sqlite_master WHERE type = 'table'")
    rows = [row for (name,) in tables for row in query(folder, f'SELECT * FROM "{name}"')]  # noqa: S608 (names of our own tables)
    return "\n".join(map(str, rows))


@asynccontextmanager
async def at_work(
    folder: Path, model: ScriptedModel, clock: FakeClock | None = None
) -> AsyncIterator[House]:
    replaced = None if clock is None else Replacements(clock=clock, limits=FAST)
    async with house(folder, model, replacements=replaced) as home, working(home):
        yield home


async def test_in_it_the_agent_knows_nobody_and_has_no_tools(tmp_path: Path) -> None:
    model = ScriptedModel(calls(insert("Name: Ada")), "Hi Ada.", "Who are you?", "I see.")
    async with at_work(tmp_path, model) as home:
        await said(home, "ada", "I'm Ada.")
        ((key, _),) = await told(home, "ada", "/incognito on")
        ((again, _),) = await told(home, "ada", "/incognito on")
        await said(home, "ada", "A zebra", "and more")
    secret, more = model.requests[-2:]
    assert key == again == "reply.incognito_begun"
    assert secret.tools == ()
    assert "Ada" not in secret.prompt[0].text
    assert "This conversation is incognito" in secret.prompt[0].text
    assert "I'm Familiar: warm" in secret.prompt[0].text
    assert [p.text.rpartition("\n")[2] for p in more.prompt[1:]] == [
        "A zebra",
        "Who are you?",
        "and more",
    ]


async def test_after_it_everything_is_as_before_and_no_word_of_it_is_left(tmp_path: Path) -> None:
    model = ScriptedModel(calls(insert("Name: Ada")), "Hi Ada.", "Xylophone?", "Hello again.")
    async with at_work(tmp_path, model) as home:
        await said(home, "ada", "I'm Ada.")
        await said(home, "ada", "/incognito", "my zebra", "/zebracommand")
        assert "zebra" in words_in(tmp_path)
        ((key, _),) = await told(home, "ada", "/incognito")
        await wiped(home)
        left = words_in(tmp_path)
        await said(home, "ada", "And now?")
        events = await home.heard("ada", until=0)
        found = await (await home.door("ada")).search(SearchQuery("zebra xylophone"))
        history = [m.text for m in await home.history("ada") if m.role is not Role.TOOL]
    assert key == OVER
    assert "zebra" not in left
    assert "Xylophone" not in left
    assert found == ()
    assert [text for text in history if text] == ["I'm Ada.", "Hi Ada.", "And now?", "Hello again."]
    assert "1→ Name: Ada" in str(model.requests[-1].prompt)
    assert "zebra" not in str(model.requests[-1].prompt)
    assert replies(events) == ["Hi Ada.", "Hello again."]
    assert notices(events) == ["turn.noted", "reply.incognito_begun", OVER]


async def test_a_reader_who_was_there_reads_on_after_the_wipe(tmp_path: Path) -> None:
    model = ScriptedModel("Hi.", "zebra answer", "Hello again.")
    async with at_work(tmp_path, model) as home:
        await said(home, "ada", "Hello", "/incognito", "zebra")
        end = await home.parts.store.feed_end(address(home))
        receipt = await home.accept("ada", "/incognito")
        await wiped(home)
        events = await home.heard("ada", until=receipt.position)
        assert notices(events)[-1] == OVER
        await said(home, "ada", "And now?")
        feed = await home.parts.store.feed(address(home), end)
    assert [m.text for m in feed.messages] == ["And now?", "Hello again."]
    assert [n.key for n in feed.notices] == [OVER]


def address(home: House) -> Any:
    return str(home.inbound("ada", "").address)


async def test_each_message_belongs_to_the_conversation_that_was_on_when_it_came(
    tmp_path: Path,
) -> None:
    model = ScriptedModel("One.", "Two.", "Three.")
    async with house(tmp_path, model) as home:
        for line in ("before", "/incognito", "zebra", "/incognito"):
            await home.accept("ada", line)
        receipt = await home.accept("ada", "after")
        async with working(home):
            await home.heard("ada", until=receipt.position)
            await wiped(home)
            history = [m.text for m in await home.history("ada")]
    said_to = [[p.text.rpartition("\n")[2] for p in r.prompt[1:]] for r in model.requests]
    assert said_to == [["before"], ["zebra"], ["before", "One.", "after"]]
    assert history == ["before", "One.", "after", "Three."]


async def test_new_ends_it_and_what_waits_behind_is_not_lost(tmp_path: Path) -> None:
    model = ScriptedModel("Hi.", "Psst.", "Here.")
    async with house(tmp_path, model) as home:
        for line in ("Hello", "/incognito", "zebra", "/new"):
            await home.accept("ada", line)
        receipt = await home.accept("ada", "after")
        async with working(home):
            events = await home.heard("ada", until=receipt.position)
            await wiped(home)
            history = [m.text for m in await home.history("ada")]
    assert notices(events) == ["reply.incognito_begun", OVER]
    assert history == ["Hello", "Hi.", "after", "Here."]
    assert "zebra" not in words_in(tmp_path)


async def test_it_ends_by_itself_after_an_hour(tmp_path: Path) -> None:
    clock = FakeClock()
    model = ScriptedModel("Psst.", "Hello.")
    async with at_work(tmp_path, model, clock) as home:
        await said(home, "ada", "/incognito", "zebra")
        clock.advance(HOUR - 1)
        home.parts.hints.wipe_asked.ring()
        await said(home, "ada", "/help")
        assert "zebra" in words_in(tmp_path)
        clock.advance(1)
        await wiped(home)
        assert "zebra" not in words_in(tmp_path)
        await said(home, "ada", "Hello")
        events = await home.heard("ada", until=0)
    assert notices(events)[-1] == "turn.incognito_expired"
    assert "incognito" not in model.requests[-1].prompt[0].text


async def test_a_message_that_still_waits_is_answered_before_the_wipe(tmp_path: Path) -> None:
    gate = anyio.Event()
    model = ScriptedModel("Psst.", gate=gate)
    async with at_work(tmp_path, model) as home:
        await said(home, "ada", "/incognito")
        receipt = await home.accept("ada", "zebra")
        await model.called.wait()
        await home.accept("ada", "/incognito")
        await home.parts.store.wipe_ephemeral(home.parts.dispatcher.crew.composer)
        assert "zebra" in words_in(tmp_path)
        gate.set()
        await home.heard("ada", until=receipt.position)
        await wiped(home)
    assert "zebra" not in words_in(tmp_path)


async def test_memory_and_persona_are_left_alone_in_it(tmp_path: Path) -> None:
    model = ScriptedModel(calls(insert("Name: Ada")), "Hi Ada.")
    async with at_work(tmp_path, model) as home:
        await said(home, "ada", "I'm Ada.", "/incognito")
        answers = await told(home, "ada", "/memory", "/why 1", "/undo", "/persona coach")
        assert await home.block("ada") == "Name: Ada"
    assert {key for key, _ in answers} == {"reply.incognito_not_now"}


async def test_as_first_contact_it_makes_no_model_call_and_ends(tmp_path: Path) -> None:
    model = ScriptedModel("Psst.", "Hello.")
    async with at_work(tmp_path, model) as home:
        await said(home, "ada", "/incognito")
        assert model.requests == []
        await said(home, "ada", "zebra", "/incognito", "Hi")
        await wiped(home)
    assert "zebra" not in words_in(tmp_path)
    assert "incognito" not in model.requests[-1].prompt[0].text


async def test_a_redelivered_command_does_not_end_what_it_began(tmp_path: Path) -> None:
    async with house(tmp_path, ScriptedModel()) as home:
        await home.accept("ada", "/incognito", update_id="1")
        assert (await home.accept("ada", "/incognito", update_id="1")).outcome == "duplicate"
        assert await home.parts.store.next_wipe() is not None
        (opened,) = query(tmp_path, "SELECT closed_at FROM thread WHERE ephemeral")
    assert opened == (None,)


async def test_a_group_has_none(tmp_path: Path) -> None:
    async with at_work(tmp_path, ScriptedModel()) as home:
        inbound = replace(home.inbound("crew", "/incognito"), audience="chat")
        receipt = await home.parts.gateway.accept(inbound)
        events = await home.heard("crew", until=receipt.position)
    assert notices(events) == ["reply.private_only"]


async def test_it_says_so_in_the_persons_language(tmp_path: Path) -> None:
    assert "Inkognito" in LANGUAGES["de"]["reply.incognito_begun"]
    async with at_work(tmp_path, ScriptedModel()) as home:
        inbound = home.inbound("ada", "/incognito")
        german = replace(inbound, sender=replace(inbound.sender, language="de"))
        receipt = await home.parts.gateway.accept(german)
        events = await home.heard("ada", until=receipt.position)
    assert any("Inkognito beginnt" in str(event) for event in events)
