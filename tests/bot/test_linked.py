"""Linked for good: what was told in either place is found, explained and forgotten in both."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from contextlib import aclosing
from pathlib import Path

from adapters.feed import FeedAnswered, FeedEvent, FeedMessage, FeedNotice, FeedStream
from agentcore.records import OWNER, AgentId
from bot.door.commands import door_commands
from tests.bot.commands.talk import told
from tests.bot.test_linking import (
    CELLO,
    LISBON,
    NOTHING_THE_SAME,
    agents,
    both,
    linked,
    memory_of,
    noted,
    noted_at_the_terminal,
    unlinked,
)
from tests.house import House, address_of, call, calls
from tests.pushed import Town, town


async def of_both(there: Town) -> tuple[AgentId, AgentId]:
    """Ada has told of the cello on the platform and of Lisbon at the terminal, and has linked them.
    The agent that answers, and the one that has been absorbed.
    """
    await noted(there)
    await noted_at_the_terminal(there.home)
    await linked(there)
    first, second = await agents(there)
    return first, second


async def answered(there: Town, text: str, answer: str) -> None:
    """On the platform."""
    await there.write("ada", text)
    await there.adapter.changes.until(lambda: answer in there.seen("ada"))


async def said_to(home: House, agent: AgentId) -> str:
    history = await home.parts.store.for_agent(agent, OWNER).history(limit=99)
    return "\n".join(message.text for message in history)


async def test_what_is_forgotten_is_forgotten_by_both_and_comes_back_to_both(
    tmp_path: Path,
) -> None:
    model = both(NOTHING_THE_SAME, "I don't know.")
    async with town(tmp_path, model) as there:
        first, second = await of_both(there)
        ((_, shown),) = await told(there.home, "ada", "/forget Lisbon")
        assert re.findall(r"“(.*?)”", shown) == [LISBON, "I live in Lisbon"]
        ((_, done),) = await told(there.home, "ada", "/forget yes")
        assert "lines of my memory: 1" in done
        for agent in (first, second):
            assert "Lisbon" not in await memory_of(there, agent)
            assert "Lisbon" not in await said_to(there.home, agent)
        before = len(model.requests)
        position = (await there.home.accept("ada", "Where do I live?")).position
        await there.home.heard("ada", until=position)
        for words in (LISBON, "live in Lisbon"):
            assert words not in str(model.requests[before:])

        await told(there.home, "ada", "/unforget")
        assert await memory_of(there, first) == f"{CELLO}\n{LISBON}"
        assert await memory_of(there, second) == LISBON
        assert "I live in Lisbon" in await said_to(there.home, second)

        await told(there.home, "ada", "/forget Lisbon", "/forget yes")
        await unlinked(there)
        assert await memory_of(there, second) == ""
        assert "Lisbon" not in await said_to(there.home, second)


async def test_a_line_in_other_words_is_found_where_it_came_from(tmp_path: Path) -> None:
    """A model has made one line of two: the other's own is offered with it, and goes with it."""
    one = "Plays the cello in an orchestra in Lisbon."
    same = [{"block": "human", "from": ["A1", "B1"], "line": one}]
    async with town(tmp_path, both(json.dumps({"same": same}))) as there:
        first, second = await of_both(there)
        await told(there.home, "ada", "/memory")
        ((_, shown),) = await told(there.home, "ada", "/forget 1")
        assert f"1. In my memory: “{one}”" in shown
        assert f"2. In my memory before I knew you here as well: “{LISBON}”" in shown
        await told(there.home, "ada", "/forget yes 1 2")
        assert await memory_of(there, first) == ""
        assert await memory_of(there, second) == ""


async def test_an_operator_sees_which_agent_answers_for_which(tmp_path: Path) -> None:
    async with town(tmp_path, both(NOTHING_THE_SAME)) as there:
        first, second = await of_both(there)
        commands = door_commands(there.home.parts.store)
        listed = await commands["agents.list"]({})
        shown = await commands["agents.show"]({"agent_id": second})
    assert {each["id"]: each["absorbed_by"] for each in listed} == {first: None, second: first}
    assert shown["absorbed_by"] == first


async def test_a_line_leads_back_to_where_it_was_told(tmp_path: Path) -> None:
    async with town(tmp_path, both(NOTHING_THE_SAME)) as there:
        await of_both(there)
        ((_, why),) = await told(there.home, "ada", "/why Lisbon")
    assert "“I live in Lisbon”" in why
    assert "when you linked the terminal" in why


async def test_what_was_told_in_either_place_is_found_by_the_agent(tmp_path: Path) -> None:
    """Both have the same numbers, and each of them its own neighbours."""
    search = calls(call("conversation_search", json.dumps({"query": "I play live in"})))
    async with town(tmp_path, model := both(NOTHING_THE_SAME, search, "I do.")) as there:
        await of_both(there)
        position = (await there.home.accept("ada", "Do you know where I live?")).position
        await there.home.heard("ada", until=position)
    found = str(model.requests[-1])
    assert "user: I play the cello" in found
    assert "user: I live in Lisbon" in found


async def test_once_they_part_neither_has_anything_of_the_other_in_view(tmp_path: Path) -> None:
    """Neither what came along nor what was looked up meanwhile, in any prompt or row of theirs."""
    search = calls(call("conversation_search", json.dumps({"query": "where do I live"})))
    model = both(NOTHING_THE_SAME, search, "In Lisbon.", "What?", "Who?")
    async with town(tmp_path, model) as there:
        first, _ = await of_both(there)
        await answered(there, "Where do I live?", "In Lisbon.")
        assert "I live in Lisbon" in str(model.requests[-1].prompt)
        await unlinked(there)
        for text, answer in (("And now?", "What?"), ("And now, again?", "Who?")):
            await answered(there, text, answer)
            for words in (LISBON, "I live in Lisbon"):
                assert words not in str(model.requests[-1].prompt)
        assert "In Lisbon." in str(model.requests[-1].prompt), "it was said aloud"
        assert "I play the cello" in (heard := await said_to(there.home, first))
        assert "I live in Lisbon" not in heard


async def test_whoever_follows_a_chat_reads_on_when_another_agent_answers(tmp_path: Path) -> None:
    """From any place in between they miss nothing, and nothing comes twice."""
    model = both("Five.", "Six.", NOTHING_THE_SAME, "Seven.")
    async with town(tmp_path, model) as there:
        await noted(there)
        await noted_at_the_terminal(there.home)
        for text in ("Five?", "Six?"):
            position = (await there.home.accept("ada", text)).position
            await there.home.heard("ada", until=position)
        async with aclosing(there.home.parts.gateway.watch(address_of("ada"), None)) as feed:
            begun = await anext(feed)
            assert isinstance(begun, FeedAnswered)
            await linked(there)
            await there.home.accept("ada", "/help")
            await there.home.accept("ada", "Seven?")
            events = await up_to(feed, "Seven.")
        assert [each.text for each in events if isinstance(each, FeedMessage)] == [
            "Seven?",
            "Seven.",
        ]
        assert FeedAnswered(0) not in events
        watch = there.home.parts.gateway.watch
        async with aclosing(watch(address_of("ada"), begun.cursor)) as feed:
            kept = spoken(await up_to(feed, "Seven."))  # all of it at once
        assert [each.text for each in kept] == [each.text for each in spoken(events)]
        for at, event in enumerate(kept[:-1], start=1):
            async with aclosing(watch(address_of("ada"), event.cursor)) as feed:
                assert spoken(await up_to(feed, "Seven.")) == kept[at:]


def spoken(events: Sequence[FeedEvent]) -> list[FeedMessage | FeedNotice]:
    return [each for each in events if isinstance(each, FeedMessage | FeedNotice)]


async def up_to(feed: FeedStream, text: str) -> list[FeedEvent]:
    events: list[FeedEvent] = []
    async for event in feed:
        events.append(event)
        if isinstance(event, FeedMessage) and event.text == text:
            break
    return events
