"""Tools called with anything at all: each turn ends, each refusal is told, and what is kept is sound."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal
from hypothesis import given
from hypothesis import strategies as st

from adapters.base import Origin as PartOrigin
from agentcore.records import (
    Block,
    HeldEdit,
    Message,
    PassageQuery,
    StopReason,
    ToolCall,
    ToolCallPart,
    ToolReturnPart,
    TurnEnd,
    storable,
)
from agentcore.store import AgentStore
from agentcore.testing import ScriptedModel
from agentcore.tools.memory_tools import OLDER_TOOLS
from agentcore.tools.toolbox import default_tools, tools_on_request
from tests.fuzz.amounts import examples
from tests.fuzz.tool_calls import SOUND, tool_calls
from tests.house import House, call, calls, house, working

LONGEST = 3_000
"""Characters of a refusal, beside what it shows of a block."""

GOOD = (
    call("memory_rethink", json.dumps({"label": "human", "new_memory": "Ada. Likes rye."}), "g1"),
    call("memory_insert", json.dumps({"label": "human", "new_string": "Likes tea."}), "g2"),
    call("memory_replace", '{"label": "human", "old_string": "tea", "new_string": "mate"}', "g3"),
    call("archival_memory_insert", json.dumps({"content": "Plum cake."}), "g4"),
    call("archival_memory_search", json.dumps({"query": "plum"}), "g5"),
    call("conversation_search", json.dumps({"query": "rye"}), "g6"),
    call("memory", json.dumps({"command": "view"}), "g7"),
)


@dataclass(frozen=True, slots=True)
class Kept:
    """All that an agent has."""

    blocks: tuple[Block, ...]
    held: tuple[HeldEdit, ...]
    passages: tuple[str, ...]
    messages: tuple[Message, ...]


async def kept_by(door: AgentStore) -> Kept:
    found = await door.archive.search(PassageQuery("", limit=1_000))
    history = await door.history(limit=1_000)
    passages = tuple(hit.passage.text for hit in found)
    held = tuple(await door.held_edits())
    return Kept(tuple(await door.blocks()), held, passages, tuple(reversed(history)))


async def say(home: House, user: str, text: str, origin: PartOrigin = "owner") -> TurnEnd:
    """A message of these words, whoever's they are, and its turn."""
    inbound = home.inbound(user, text)
    part = replace(inbound.parts[0], origin=origin)
    await home.parts.gateway.accept(replace(inbound, parts=(part,)))
    (claim,) = await home.claim()
    return await home.run(claim)


async def answered(home: House, user: str, command: str) -> None:
    """Have a command carried out."""
    async with working(home):
        receipt = await home.accept(user, command)
        await home.heard(user, until=receipt.position)


def returns(messages: Sequence[Message]) -> list[ToolReturnPart]:
    return [p for m in messages for p in m.parts if isinstance(p, ToolReturnPart)]


def check(messages: Sequence[Message]) -> None:
    """Every call has one return, and every refusal a reason."""
    called = [p.call.call_id for m in messages for p in m.parts if isinstance(p, ToolCallPart)]
    told = returns(messages)
    assert [each.call_id for each in told] == called
    assert len(set(called)) == len(called)
    for each in told:
        assert each.text == storable(each.text)
        assert len(each.text.strip()) > 3
        assert "failed inside" not in each.text
        assert "took too long" not in each.text
        if each.status == "error":
            assert len(each.text.split("The block reads:")[0]) < LONGEST, each.text[:200]


def check_changes(there: Kept, after: Kept, origin: PartOrigin) -> None:
    """What is refused changes nothing, and whatever is kept fits and can be stored."""
    told = returns(after.messages[len(there.messages) :])
    if all(each.status == "error" for each in told):
        unchanged = replace(after, messages=there.messages)
        assert unchanged == there
    made = [each.call_id for each in told if each.status == "success" and each.name == "memory"]
    asked = [call for message in after.messages for call in message.tool_calls]
    creating = [each for each in asked if each.call_id in made and '"create"' in each.arguments]
    assert len(after.blocks) == len(there.blocks) + len(creating)
    assert not after.held or origin == "forwarded"
    assert {each.label for each in there.blocks} <= {each.label for each in after.blocks}
    for block in after.blocks:
        assert len(block.value) <= block.limit
        assert block.value == storable(block.value)


def test_every_tool_that_agents_have_is_tried() -> None:
    names = {tool.schema.name for tool in (*default_tools(), *tools_on_request())}
    assert set(SOUND) == names | set(OLDER_TOOLS)


@pytest.fixture(scope="module")
def portal() -> Iterator[BlockingPortal]:
    with start_blocking_portal() as portal:
        yield portal


async def _tried(folder: Path, answers: list[list[ToolCall]], origin: PartOrigin) -> None:
    """A turn with these calls beside somebody else's agent; after a restart one with good calls."""
    model = ScriptedModel("Hello Bob.", "Hello Ada.", *(calls(*each) for each in answers), "Fine.")
    async with house(folder, model) as home:
        await home.say("bob", "I am Bob, and I like rye.")
        await home.say("ada", "I am Ada, and I like rye.")
        door = await home.door("ada")
        await door.tools.attach("memory")
        there, elsewhere = await kept_by(door), await kept_by(await home.door("bob"))

        end = await say(home, "ada", "Go on.", origin)
        assert end.reason in {StopReason.END_TURN, StopReason.CONTEXT_OVERFLOW}
        assert model.exhausted or end.reason is StopReason.CONTEXT_OVERFLOW
        after = await kept_by(door)
        check(after.messages[len(there.messages) :])
        check_changes(there, after, origin)

    async with house(folder, ScriptedModel(calls(*GOOD), "Done.")) as home:
        door = await home.door("ada")
        assert await kept_by(door) == after
        if after.held:
            await answered(home, "ada", "/keep")
            assert not await door.held_edits()
        assert await say(home, "ada", "Once more.") == TurnEnd(StopReason.END_TURN)
        good = returns((await kept_by(door)).messages)[-len(GOOD) :]
        assert [each.status for each in good] == ["success"] * len(GOOD), good
        assert await home.block("ada") == "Ada. Likes rye.\nLikes mate."
        assert await kept_by(await home.door("bob")) == elsewhere


@examples(12)
@given(
    st.lists(st.lists(tool_calls(), min_size=1, max_size=3), min_size=1, max_size=3),
    st.sampled_from(("owner", "owner", "forwarded")),
)
def test_whatever_tools_are_called_with_the_turn_ends_and_the_memory_is_sound(
    portal: BlockingPortal, answers: list[list[ToolCall]], origin: PartOrigin
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        portal.call(_tried, Path(folder), answers, origin)
