"""Many edit one block at once, through real turns: no edit is lost, and no conflict lasts for ever."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import anyio

from agentcore.errors import BlockConflict
from agentcore.model import Capabilities, Emit, ModelAnswer, ModelRequest, Price, ToolPrompt
from agentcore.model import ToolSchema as Schema
from agentcore.records import OWNER, BlockEdit, Claim, EditActor, Origin, StopReason
from agentcore.sqlstore.content import blocks
from agentcore.testing import ScriptedModel
from agentcore.tools.base import Effect, Tier, ToolContext, ToolResult
from bot.app import Replacements
from tests.agentcore.loop.teams import family, listed, note
from tests.bot.commands.talk import said, told
from tests.house import FAST, House, call, calls, house, notices, working


class Noter:
    """Notes every line that it is told, each with a call of its own, then says that it did."""

    name = "noter"
    capabilities = Capabilities(window=100_000, price=Price(0, 0))

    async def complete(self, request: ModelRequest) -> ModelAnswer:
        if isinstance(request.prompt[-1], ToolPrompt):
            return ModelAnswer("Saved.")
        lines = request.prompt[-1].text.split("\n")[1:]
        made = [note(line, call_id=f"c{at}") for at, line in enumerate(lines)]
        return ModelAnswer("", tuple(made), "tool_calls")

    async def stream(self, request: ModelRequest, emit: Emit) -> ModelAnswer:
        return await self.complete(request)


async def edit_over_the_api(home: House, user: str, line: str) -> None:
    """As a client would: from the block as it reads now, again where it has changed."""
    door: Any = await home.door(user)
    agent = await door.agent()
    cause = blocks.Cause(agent.agent_id, None, None, None)
    for _ in range(50):
        (block,) = [each for each in await door.blocks() if each.label == "list"]
        edit = BlockEdit(block, f"{block.value}\n{line}", EditActor.API, Origin.OPERATOR)
        apply = partial(blocks.apply_edits, edits=[edit], cause=cause, now=home.parts.clock.now())
        try:
            await door._database.write(apply)
        except BlockConflict:
            continue
        return
    raise AssertionError("it never got through")


async def test_a_hundred_inserts_by_ten_people_at_once_are_all_there(tmp_path: Path) -> None:
    people = [f"p{number}" for number in range(10)]
    lines = {who: [f"{who} wants thing {n}" for n in range(10)] for who in people}
    async with house(tmp_path, Noter(), **family(tmp_path)) as home, working(home):

        async def one(who: str) -> None:
            await said(home, who, "\n".join(lines[who]))

        async with anyio.create_task_group() as tasks:
            for who in people:
                tasks.start_soon(one, who)
        assert sorted(await listed(home, "p0")) == sorted(
            ["Bread", *(line for each in lines.values() for line in each)]
        )
        for who in people:
            assert (await home.history(who))[-1].text == "Saved."
        revisions = await (await home.door("p0")).revisions(label="list", limit=200)
        assert [each.version for each in revisions] == list(range(101, 0, -1))


async def test_a_person_a_tool_and_the_api_at_once_lose_none_of_their_edits(
    tmp_path: Path,
) -> None:
    async with house(tmp_path, Noter(), **family(tmp_path)) as home, working(home):
        await said(home, "ada", "Cake")
        await said(home, "bob", "Beer")

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(told, home, "ada", "/undo")
            tasks.start_soon(said, home, "bob", "Milk\nEggs")
            for number in range(5):
                tasks.start_soon(edit_over_the_api, home, "bob", f"api {number}")
        assert sorted(await listed(home, "bob")) == sorted(
            ["Bread", "Beer", "Milk", "Eggs", *(f"api {number}" for number in range(5))]
        )


class Meddling:
    """A tool that edits the block each time it is called, as somebody else would."""

    schema = Schema("meddle", "", {"type": "object", "properties": {}})
    effect = Effect.READ
    tier = Tier.USER
    idempotent = True
    home: House
    times = 0

    async def run(self, context: ToolContext, arguments: Mapping[str, Any]) -> ToolResult:
        self.times += 1
        door: Any = self.home.parts.store.for_agent(context.agent_id, OWNER)
        (human,) = [b for b in await door.blocks() if b.label == "human"]
        edit = BlockEdit(human, f"others: {self.times}", EditActor.API, Origin.OPERATOR)
        cause = blocks.Cause(context.agent_id, None, None, None)
        apply = partial(blocks.apply_edits, edits=[edit], cause=cause, now=context.now)
        await door._database.write(apply)
        return ToolResult("ok")


async def test_a_conflict_without_end_is_told_to_the_model_and_nothing_is_saved(
    tmp_path: Path,
) -> None:
    meddling = Meddling()
    insert = call("memory_insert", json.dumps({"label": "human", "new_string": "mine"}))
    model = ScriptedModel(calls(call("meddle", "{}", "call-0"), insert), "It isn't saved.")
    replacements = Replacements(limits=FAST, tools=(meddling,))
    async with house(tmp_path, model, replacements=replacements) as home:
        meddling.home = home
        end = await home.say("bob", "Note this.")
        assert await home.block("bob") == f"others: {meddling.times}"
        assert (await home.history("bob"))[-1].text == "It isn't saved."
    assert end.reason is StopReason.END_TURN
    returned = model.requests[-1].prompt[-1]
    assert isinstance(returned, ToolPrompt)
    assert "Not saved" in returned.text
    assert "mine" not in returned.text


async def test_a_command_whose_conflict_never_ends_is_given_up_and_said(tmp_path: Path) -> None:
    class Stubborn:
        tries = 0

        async def run(self, claim: Claim) -> None:
            self.tries += 1
            raise BlockConflict("Block 'human' changed while it was being edited.")

    stubborn: Any = Stubborn()
    twice = Replacements(limits=replace(FAST, attempts=2))
    model = ScriptedModel("Hi.", "Yes.")
    async with house(tmp_path, model, replacements=twice) as home, working(home):
        await said(home, "ada", "Hello")
        dispatcher = home.parts.dispatcher
        dispatcher.crew = replace(dispatcher.crew, commands=stubborn)
        undo = await home.accept("ada", "/undo")
        assert notices(await home.heard("ada", until=undo.position)) == ["turn.error"]
        await said(home, "ada", "Are you still there?")
        assert (await home.history("ada"))[-1].text == "Yes."
    assert stubborn.tries == 2
