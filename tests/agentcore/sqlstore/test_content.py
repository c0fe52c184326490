"""Agents read out and taken in with all that belongs to them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from agentcore.clock import HOUR, Micros
from agentcore.errors import NotFound, StoreFull, TooMany
from agentcore.records import (
    OWNER,
    Actor,
    AgentId,
    Origin,
    PassageDraft,
    PassageQuery,
    Role,
    TextPart,
    new_agent_id,
    new_message_id,
    new_passage_id,
)
from agentcore.records.content import Content, PlainMessage, PlainPassage, PlainTool
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.portability import agent_content as content_of_the_store
from agentcore.store import SearchQuery
from agentcore.store.agent_content import More
from tests.contracts.plain_content import RICH, START
from tests.contracts.store_lives import take_in
from tests.contracts.store_world import World

T = TypeVar("T")


async def added(world: World, content: Content = RICH) -> AgentId:
    return (await world.store.content.add(content)).agents[0]


async def read(world: World, *agents: AgentId) -> Content:
    return await world.store.content.read(agents, OWNER)


async def texts(world: World, agent: AgentId) -> list[str]:
    (found,) = (await read(world, agent)).agents
    return [part.text for each in found.messages for part in each.parts if part.type == "text"]


async def test_what_is_taken_in_is_read_out_as_it_was(world: World) -> None:
    taken_in = await world.store.content.add(RICH)
    assert await read(world, *taken_in.agents) == RICH


async def test_what_is_taken_in_is_found_by_its_words(world: World) -> None:
    door = world.door(await added(world))
    hit, *_ = await door.search(SearchQuery("Wellensittiche"))
    assert hit.message.text == "What are Wellensittiche?"
    hit, *_ = await door.search(SearchQuery("lisbon"))
    assert hit.message.text == "I live in Lisbon"
    (passage,) = await door.archive.search(PassageQuery("plums cake", limit=1))
    assert passage.passage.text == "plum cake"
    (newest, *_) = await door.revisions(label="human")
    assert (newest.version, newest.message, newest.after) == (2, 1, "Lives in Lisbon\r\n\tyes")


async def test_a_block_of_several_stays_one(world: World) -> None:
    taken_in = await world.store.content.add(RICH)
    of_sam, of_max = [await world.door(each).blocks() for each in taken_in.agents]
    assert of_sam[1].block_id == of_max[0].block_id
    assert of_sam[1].owner != taken_in.agents[0]


async def test_tools_come_switched_off_and_change_none_that_is_there(world: World) -> None:
    taken_in = await world.store.content.add(RICH)
    (tool,) = await world.store.custom_tools.all()
    assert (taken_in.new_tools, tool.name, tool.draft.enabled) == (("weather",), "weather", False)

    again = await world.store.content.add(RICH)
    assert (again.new_tools, again.kept_tools) == ((), ())

    other = replace(RICH, tools=(replace(RICH.tools[0], source="def weather(): ..."),))
    third = await world.store.content.add(other)
    assert (third.new_tools, third.kept_tools) == ((), ("weather",))
    assert (await world.door(third.agents[0]).agent()).tools == ("memory_insert",)
    assert await world.store.custom_tools.all() == (tool,)

    await world.store.content.add(other, replace_tools=True)
    (changed,) = await world.store.custom_tools.all()
    assert (changed.draft.source, changed.draft.enabled) == ("def weather(): ...", False)


async def test_where_something_does_not_fit_nothing_is_kept(world: World) -> None:
    tools = tuple(PlainTool(f"tool_{number}", "", {}, "x") for number in range(1_001))
    with pytest.raises(TooMany):
        await world.store.content.add(replace(RICH, tools=tools))
    for table in (t.agent, t.block, t.tool, t.message):
        assert await world.table(table) == []


async def test_an_id_that_is_free_is_kept(world: World) -> None:
    wanted = new_agent_id()
    content = Content((replace(RICH.agents[1], agent_id=wanted, blocks=()),))
    assert await added(world, content) == wanted
    assert await added(world, content) != wanted


async def test_what_is_forgotten_or_leaves_no_trace_is_not_read_out(world: World) -> None:
    agent = await world.talk("one", "two")
    await world.run(sa.update(t.message).where(t.message.c.seq == 1).values(forgotten_at=1))
    assert "one" not in await texts(world, agent)
    assert "two" in await texts(world, agent)
    await world.run(sa.update(t.thread).values(ephemeral=True))
    assert await texts(world, agent) == []


async def test_an_agent_is_read_out_with_the_lives_that_it_has_taken_in(world: World) -> None:
    bob = await world.talk("from bob", who="bob")
    world.later(60)
    ada = await world.talk("from ada")
    await world.door(bob).archive.add(PassageDraft("bob's poem", (), Origin.OWNER))
    assert "from bob" not in await texts(world, ada)
    await take_in(world, ada, bob)
    assert [each for each in await texts(world, ada) if "from" in each] == ["from bob", "from ada"]
    (agent,) = (await read(world, ada)).agents
    assert [each.text for each in agent.passages] == ["bob's poem"]
    assert agent.messages[0].thread == 1
    # All of it comes to one agent, elsewhere or here.
    copy = await added(world, await read(world, ada))
    assert await texts(world, copy) == await texts(world, ada)


async def test_reading_out_leaves_a_trace_and_takes_an_agent(world: World) -> None:
    agent = await world.talk("hello")
    await world.store.content.read([agent], Actor("operator", "x"))
    (row,) = await world.table(t.audit)
    assert (row["agent_id"], row["action"]) == (agent, "export")
    with pytest.raises(NotFound):
        await read(world, new_agent_id())


async def test_a_long_history_comes_in_pieces_and_is_not_seen_before_it_is_whole(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[object] = []
    write = world.database.write

    async def watched(work: Callable[[Connection], T]) -> T:
        result = await write(work)
        seen.append(await world.store.list_agents())
        return result

    monkeypatch.setattr(content_of_the_store, "AT_ONCE", 3)
    monkeypatch.setattr(world.database, "write", watched)
    taken_in = await world.store.content.add(RICH)
    *before, after = seen
    assert len(before) == 3
    assert not any(before)
    assert len(after) == 2  # type: ignore[arg-type]
    assert await read(world, *taken_in.agents) == RICH
    assert await world.table(t.erasure) == []


async def test_of_what_was_broken_off_nothing_stays(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_connection: Connection, **_piece: object) -> None:
        raise StoreFull("full")

    monkeypatch.setattr(content_of_the_store, "AT_ONCE", 3)
    monkeypatch.setattr(content_of_the_store, "add_piece", broken)
    with pytest.raises(StoreFull):
        await world.store.content.add(replace(RICH, tools=()))
    assert await world.store.list_agents() == ()
    assert await world.store.erasures.finish_agents(before=world.now) == 0
    world.clock.advance(2 * HOUR)
    assert await world.store.erasures.finish_agents(before=world.now) == 1
    for table in (t.agent, t.passage, t.thread, t.epoch, t.agent_lease):
        assert await world.table(table) == []


def some(*texts: str) -> tuple[PlainMessage, ...]:
    return tuple(
        PlainMessage(
            name=text,
            role=Role.USER,
            parts=(TextPart(text, Origin.OWNER),),
            created_at=Micros(START + 100 + number),
            message_id=new_message_id(),
        )
        for number, text in enumerate(texts)
    )


async def test_what_comes_later_is_appended_once(world: World) -> None:
    agent = await added(world, Content((replace(RICH.agents[1], blocks=()),)))
    messages = some("about Zeppelins", "about balloons", "about kites")
    kept = (PlainPassage("a poem", (), Origin.OWNER, START, passage_id=new_passage_id()),)
    content = world.store.content
    assert await content.mark(agent) == {}
    first = More(agent, messages[:2], kept, {"after": "x"}, in_view=False)
    assert await content.append(first) == 3
    assert await content.append(More(agent, messages, kept, {"after": "y"})) == 1
    assert await content.append(More(agent, messages, kept)) == 0
    assert await content.mark(agent) == {"after": "y"}
    assert await texts(world, agent) == ["about Zeppelins", "about balloons", "about kites"]
    hit, *_ = await world.door(agent).search(SearchQuery("zeppelin"))
    assert [each.text for each in hit.after] == ["about balloons"]
    (found,) = (await read(world, agent)).agents
    assert (found.threads[0].first, len(found.passages)) == ("message-3", 1)
    with pytest.raises(NotFound):
        await content.append(More(new_agent_id(), messages))
    assert await content.mark(new_agent_id()) is None


async def test_what_comes_twice_at_once_is_appended_once(world: World) -> None:
    agent = await added(world, Content((replace(RICH.agents[1], blocks=()),)))
    balloon, kite = some("about balloons", "about kites")
    poem = PlainPassage("a poem", (), Origin.OWNER, START, passage_id=new_passage_id())
    unnamed = replace(poem, passage_id=None)
    more = More(agent, (balloon, kite, balloon), (poem, unnamed, poem, unnamed))
    assert await world.store.content.append(more) == 5
    assert await texts(world, agent) == ["about balloons", "about kites"]
    assert len((await read(world, agent)).agents[0].passages) == 3
