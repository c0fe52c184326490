"""Crashes, fences, conflicts and cancellations: a turn goes on from its last commit, once."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import anyio
import pytest

from agentcore.clock import SECOND
from agentcore.core import TurnControl
from agentcore.errors import Fenced
from agentcore.model import ModelAnswer, ModelRequest, ToolPrompt, ToolSchema
from agentcore.records import OWNER, BlockEdit, EditActor, Origin, Role, StepCommit, StopReason
from agentcore.testing import FakeClock, ScriptedModel
from agentcore.tools.base import Effect, Tier, ToolContext, ToolResult
from bot.app import Replacements
from tests.house import FAST, House, call, calls, house


class Crash(BaseException):
    """The process ends here, as far as the turn can tell."""


@dataclass
class Outside:
    """An external tool that notes the keys it was called with; it may crash the turn."""

    crashes: int = 0
    repeatable: bool = False
    keys: list[str] = field(default_factory=list)

    @property
    def schema(self) -> ToolSchema:
        return ToolSchema("send_mail", "Send a mail.", {"type": "object", "properties": {}})

    @property
    def effect(self) -> Effect:
        return Effect.EXTERNAL

    @property
    def tier(self) -> Tier:
        return Tier.USER

    @property
    def idempotent(self) -> bool:
        return self.repeatable

    async def run(self, context: ToolContext, arguments: Mapping[str, Any]) -> ToolResult:
        self.keys.append(context.idempotency_key)
        if len(self.keys) <= self.crashes:
            raise Crash
        return ToolResult("Sent.")


def with_tool(tool: Outside, clock: FakeClock) -> Replacements:
    return Replacements(clock=clock, limits=FAST, tools=(tool,))


def roles(history: Sequence[Any]) -> list[Role]:
    return [message.role for message in history]


async def resumed(home: House, clock: FakeClock) -> StopReason:
    """What the next worker makes of a turn whose lease has run out."""
    clock.advance(61 * SECOND)
    (claim,) = await home.claim()
    assert claim.attempt == 2
    return (await home.run(claim)).reason


async def test_a_turn_cut_off_after_a_step_goes_on_from_there(tmp_path: Path) -> None:
    clock = FakeClock()
    insert = call("memory_insert", json.dumps({"label": "human", "new_string": "Name: Ada"}))

    def crash(_request: ModelRequest) -> ModelAnswer:
        raise Crash

    model = ScriptedModel(calls(insert), crash, "Hello Ada.")
    async with house(tmp_path, model, replacements=Replacements(clock, FAST)) as home:
        with pytest.raises(Crash):
            await home.say("ada", "I'm Ada.")
        assert await resumed(home, clock) is StopReason.END_TURN
        assert roles(await home.history("ada")) == [
            Role.USER,
            Role.ASSISTANT,
            Role.TOOL,
            Role.ASSISTANT,
        ]
        assert await home.block("ada") == "Name: Ada", "the edit happened once"
    assert model.requests[1].prompt == model.requests[2].prompt


async def test_an_external_call_of_unknown_outcome_is_reported_as_such(tmp_path: Path) -> None:
    clock, tool = FakeClock(), Outside(crashes=1)
    model = ScriptedModel(calls(call("send_mail", "{}")), "I am not sure that it went out.")
    async with house(tmp_path, model, replacements=with_tool(tool, clock)) as home:
        with pytest.raises(BaseException, match=r".*") as caught:
            await home.say("ada", "Send it.")
        assert caught.group_contains(Crash)
        assert await resumed(home, clock) is StopReason.END_TURN
    assert len(tool.keys) == 1, "it was not repeated"
    returned = model.requests[1].prompt[-1]
    assert isinstance(returned, ToolPrompt)
    assert "outcome is unknown" in returned.text


async def test_an_idempotent_external_call_is_repeated_under_the_same_key(tmp_path: Path) -> None:
    clock, tool = FakeClock(), Outside(crashes=1, repeatable=True)
    model = ScriptedModel(calls(call("send_mail", "{}")), "Sent.")
    async with house(tmp_path, model, replacements=with_tool(tool, clock)) as home:
        with pytest.raises(BaseException, match=r".*"):
            await home.say("ada", "Send it.")
        assert await resumed(home, clock) is StopReason.END_TURN
        door = await home.door("ada")
        assert await door.unfinished_calls(1) == ()
    assert len(tool.keys) == 2
    assert len(set(tool.keys)) == 1


async def test_inside_and_outside_calls_of_one_answer_are_all_answered(tmp_path: Path) -> None:
    clock, tool = FakeClock(), Outside()
    insert = call("memory_insert", json.dumps({"label": "human", "new_string": "a"}), "call-2")
    model = ScriptedModel(calls(call("send_mail", "{}"), insert), "Done.")
    async with house(tmp_path, model, replacements=with_tool(tool, clock)) as home:
        await home.say("ada", "Both.")
        assert await home.block("ada") == "a"
    returns = [p.call_id for p in model.requests[1].prompt if isinstance(p, ToolPrompt)]
    assert returns == ["call-1", "call-2"]


async def test_a_worker_that_was_overtaken_writes_nothing_more(tmp_path: Path) -> None:
    clock = FakeClock()
    gate = asyncio.Event()
    slow, fast = ScriptedModel("Late.", gate=gate), ScriptedModel("In time.")
    async with house(tmp_path, slow, replacements=Replacements(clock, FAST)) as home:
        await home.accept("ada", "Hi!")
        (first,) = await home.claim()

        async def frozen() -> None:
            with pytest.raises(Fenced):
                await home.run(first)

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(frozen)
            await slow.called.wait()
            clock.advance(61 * SECOND)
            async with house(tmp_path, fast, replacements=Replacements(clock, FAST)) as other:
                (second,) = await other.claim()
                await other.run(second)
            gate.set()
        assert [m.text for m in await home.history("ada")] == ["Hi!", "In time."]


async def test_an_edit_from_outside_during_a_step_is_not_lost(tmp_path: Path) -> None:
    insert = call("memory_insert", json.dumps({"label": "human", "new_string": "by the model"}))
    async with house(tmp_path, ScriptedModel("Hello.")) as home:
        await home.say("ada", "Hi!")

    class Meddling:
        """A tool that runs before the memory tool of the same answer, and edits the block."""

        schema = ToolSchema("meddle", "", {"type": "object", "properties": {}})
        effect = Effect.READ
        tier = Tier.USER
        idempotent = True
        home: House
        done = False

        async def run(self, context: ToolContext, arguments: Mapping[str, Any]) -> ToolResult:
            if not self.done:
                self.done = True
                await self._edit(context)
            return ToolResult("ok")

        async def _edit(self, context: ToolContext) -> None:
            await edit_from_outside(self.home, context)

    meddling = Meddling()
    model = ScriptedModel(calls(call("meddle", "{}", "call-0"), insert), "Done.")
    replacements = Replacements(limits=FAST, tools=(meddling,))
    async with house(tmp_path, model, replacements=replacements) as home:
        meddling.home = home
        await home.say("bob", "Hi!")
        assert await home.block("bob") == "from outside\nby the model"


async def edit_from_outside(home: House, context: ToolContext) -> None:
    """Another way into the same block: a shared one would be edited so by another agent's turn."""
    from functools import partial  # noqa: PLC0415

    from agentcore.sqlstore.content import blocks  # noqa: PLC0415

    door: Any = home.parts.store.for_agent(context.agent_id, OWNER)
    (human,) = [b for b in await door.blocks() if b.label == "human"]
    edit = BlockEdit(human, "from outside", EditActor.API, Origin.OPERATOR)
    cause = blocks.Cause(context.agent_id, None, None, None)
    database = door._database
    await database.write(partial(blocks.apply_edits, edits=[edit], cause=cause, now=context.now))


async def test_a_turn_that_is_asked_to_stop_gives_up_the_model(tmp_path: Path) -> None:
    model = ScriptedModel("Never said.", gate=asyncio.Event())
    control = TurnControl()
    ends = []
    async with house(tmp_path, model) as home:
        await home.accept("ada", "Write a novel.")
        (claim,) = await home.claim()

        async def turn() -> None:
            ends.append(await home.run(claim, control=control))

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(turn)
            await model.called.wait()
            control.request_cancel()
        feed = await home.heard("ada", until=1)
    assert ends[0].reason is StopReason.CANCELLED
    assert [e.key for e in feed if e.type == "notice"] == ["turn.cancelled"]


async def test_a_turn_asked_to_stop_before_it_began_calls_no_model(tmp_path: Path) -> None:
    model = ScriptedModel()
    async with house(tmp_path, model) as home:
        await home.accept("ada", "Hi!")
        (claim,) = await home.claim()
        end = await home.run(claim, control=TurnControl(cancelled=True))
        assert [m.text for m in await home.history("ada")] == ["Hi!"]
    assert end.reason is StopReason.CANCELLED
    assert model.requests == []


async def test_a_tools_bug_is_told_to_the_model_without_its_text(tmp_path: Path) -> None:
    class Broken(Outside):
        async def run(self, context: ToolContext, arguments: Mapping[str, Any]) -> ToolResult:
            raise RuntimeError("secret detail")

    model = ScriptedModel(calls(call("send_mail", "{}")), "It failed.")
    async with house(tmp_path, model, replacements=with_tool(Broken(), FakeClock())) as home:
        end = await home.say("ada", "Send it.")
    assert end.reason is StopReason.END_TURN
    returned = model.requests[1].prompt[-1]
    assert isinstance(returned, ToolPrompt)
    assert "failed inside" in returned.text
    assert "secret" not in returned.text


async def test_a_commit_after_the_end_of_a_turn_is_fenced(tmp_path: Path) -> None:
    async with house(tmp_path, ScriptedModel("Hello.")) as home:
        await home.accept("ada", "Hi!")
        (claim,) = await home.claim()
        await home.run(claim)
        door = home.parts.store.for_agent(claim.agent_id, OWNER)
        with pytest.raises(Fenced):
            await door.commit(claim, StepCommit())


async def test_a_model_that_repeats_its_call_ids_confuses_nobody(tmp_path: Path) -> None:
    tool = Outside()
    same = call("send_mail", "{}", "call_0")
    model = ScriptedModel(calls(same, same), calls(same), "Three mails.")
    async with house(tmp_path, model, replacements=with_tool(tool, FakeClock())) as home:
        end = await home.say("ada", "Send three.")
    assert end.reason is StopReason.END_TURN
    assert len(set(tool.keys)) == 3
    returns = [p.call_id for p in model.requests[2].prompt if isinstance(p, ToolPrompt)]
    assert returns == ["call_0", "call_0-2", "call_0-3"]


async def test_a_tool_that_hangs_is_given_up_at_the_turns_deadline(tmp_path: Path) -> None:
    clock = FakeClock()

    class Hanging(Outside):
        async def run(self, context: ToolContext, arguments: Mapping[str, Any]) -> ToolResult:
            await anyio.sleep_forever()
            raise AssertionError

    def late(_request: ModelRequest) -> ModelAnswer:
        clock.advance(301 * SECOND)
        return calls(call("send_mail", "{}"))

    async with house(tmp_path, ScriptedModel(late), replacements=with_tool(Hanging(), clock)) as h:
        end = await h.say("ada", "Send it.")
        history = await h.history("ada")
    assert end.reason is StopReason.MAX_STEPS
    assert "took too long" in str(history[-1].parts)
