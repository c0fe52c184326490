"""Turns of agents that have tools of somebody's own code."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from agentcore.loop.gated import needing_a_yes
from agentcore.records import Origin, Role, ToolReturnPart
from agentcore.store import AgentStore
from agentcore.store.custom_tools import ToolDraft
from agentcore.testing import ScriptedCode, ScriptedModel
from agentcore.tools.code import Code, CodeResult
from agentcore.tools.code_tools import CustomToolShelf
from bot.app import Replacements
from tests.house import FAST, House, call, calls, house

SOURCE = "def roll_dice(sides: int) -> str: ..."
ROLL = ToolDraft(
    name="roll_dice",
    description="Roll a die.",
    parameters={"type": "object", "properties": {"sides": {"type": "integer"}}},
    source=SOURCE,
)


def with_code(code: ScriptedCode) -> Replacements:
    return Replacements(limits=FAST, code=code)


async def has_dice(home: House, draft: ToolDraft = ROLL) -> AgentStore:
    """The one person's agent, which can roll dice from now on."""
    await home.parts.store.custom_tools.add(draft)
    door = await home.door("ada")
    await door.tools.attach("roll_dice")
    return door


async def test_a_call_is_run_as_source_and_its_return_is_trusted_by_nobody(tmp_path: Path) -> None:
    code = ScriptedCode("6")
    model = ScriptedModel("Hi.", calls(call("roll_dice", '{"sides": 6}')), "It is a 6.")
    async with house(tmp_path, model, replacements=with_code(code)) as home:
        await home.say("ada", "Hello")
        await has_dice(home)
        await home.say("ada", "Roll!")
        assert code.calls == [Code(SOURCE, "roll_dice", {"sides": 6}, ROLL.return_limit)]
        assert "roll_dice" not in [tool.name for tool in model.requests[0].tools]
        offered = {tool.name: tool for tool in model.requests[1].tools}["roll_dice"]
        assert (offered.description, offered.parameters) == (ROLL.description, ROLL.parameters)
        (returned,) = [m for m in await home.history("ada") if m.role is Role.TOOL]
        (part,) = returned.parts
        assert isinstance(part, ToolReturnPart)
        assert (part.text, part.status, part.origin) == ("6", "success", Origin.TOOL)


async def test_what_it_led_to_is_kept_only_when_the_person_says_so(tmp_path: Path) -> None:
    remembers = call("memory_insert", '{"label": "human", "new_string": "Rolls sixes."}', "m-1")
    model = ScriptedModel(
        "Hi.", calls(call("roll_dice", '{"sides": 6}')), calls(remembers), "Asked you."
    )
    async with house(tmp_path, model, replacements=with_code(ScriptedCode("6"))) as home:
        await home.say("ada", "Hello")
        door = await has_dice(home)
        await home.say("ada", "Roll!")
        assert "Rolls sixes." not in await home.block("ada")
        assert [held.tool for held in await door.held_edits()] == ["memory_insert"]


async def test_a_failure_is_read_by_the_model(tmp_path: Path) -> None:
    code = ScriptedCode(CodeResult("error", "ValueError: no sides"))
    model = ScriptedModel("Hi.", calls(call("roll_dice", "{}")), "Sorry.")
    async with house(tmp_path, model, replacements=with_code(code)) as home:
        await home.say("ada", "Hello")
        await has_dice(home)
        await home.say("ada", "Roll!")
        assert "The tool `roll_dice` failed: ValueError: no sides" in str(model.requests[-1].prompt)


async def test_what_is_switched_off_is_not_offered(tmp_path: Path) -> None:
    model = ScriptedModel("Hi.", calls(call("roll_dice", "{}")), "I can't.")
    code = ScriptedCode()
    async with house(tmp_path, model, replacements=with_code(code)) as home:
        await home.say("ada", "Hello")
        await has_dice(home, replace(ROLL, enabled=False))
        await home.say("ada", "Roll!")
        assert "roll_dice" not in [tool.name for tool in model.requests[1].tools]
        assert code.calls == []


async def test_a_changed_tool_is_another_in_the_next_turn(tmp_path: Path) -> None:
    model = ScriptedModel("Hi.", "One.", "Two.", "Three.")
    async with house(tmp_path, model, replacements=with_code(ScriptedCode())) as home:
        await home.say("ada", "Hello")
        await has_dice(home)
        tools = home.parts.store.custom_tools
        (tool,) = await tools.all()
        await home.say("ada", "1")
        await tools.change(tool.tool_id, replace(ROLL, description="Roll one die."))
        await home.say("ada", "2")
        await tools.delete(tool.tool_id)
        await home.say("ada", "3")
    offered = [
        [tool.description for tool in request.tools if tool.name == "roll_dice"]
        for request in model.requests
    ]
    assert offered == [[], ["Roll a die."], ["Roll one die."], []]


async def test_nothing_runs_where_code_is_not_allowed(tmp_path: Path) -> None:
    model = ScriptedModel("Hi.", calls(call("roll_dice", "{}")), "I can't.")
    async with house(tmp_path, model) as home:
        await home.say("ada", "Hello")
        await has_dice(home)
        await home.say("ada", "Roll!")
        assert "FAMILIAR_ALLOW_CODE_TOOLS=1" in str(model.requests[-1].prompt)


@pytest.mark.parametrize(
    ("by_default", "agreed", "waits"),
    [(False, None, False), (True, None, True), (True, False, False), (False, True, True)],
)
async def test_an_agent_s_own_word_comes_before_the_tool_s(
    tmp_path: Path, by_default: bool, agreed: bool | None, waits: bool
) -> None:
    async with house(tmp_path, ScriptedModel("Hi.")) as home:
        await home.say("ada", "Hello")
        door = await has_dice(home, replace(ROLL, needs_approval=by_default))
        if agreed is not None:
            await door.tools.set_approval("roll_dice", required=agreed)
        shelf = CustomToolShelf(home.parts.store.custom_tools, ScriptedCode())
        agent = await door.agent()
        toolbox = await shelf.equipped(home.parts.toolbox, agent, 1)
        assert ("roll_dice" in needing_a_yes(agent, toolbox)) is waits
        assert "memory_insert" not in needing_a_yes(agent, toolbox)
