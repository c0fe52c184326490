"""What a model is told, word for word: small, and as it was agreed.

The files in `snapshots` are read like prose when they change. After a change that is meant:
`python -m pytest tests/agentcore/loop/test_told.py --rewrite-snapshots`, and read the difference.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from agentcore.clock import DAY
from agentcore.loop.asking import NUDGE
from agentcore.loop.instructions import BASE, INCOGNITO
from agentcore.loop.prompt import UNKNOWN_OUTCOME
from agentcore.loop.window import estimate
from agentcore.memory.tidying import TASK
from agentcore.model import AssistantPrompt, ModelRequest, Prompt, SystemPrompt, ToolSchema
from agentcore.records import ToolCall
from agentcore.testing import FakeClock, ScriptedModel
from agentcore.tools.toolbox import Toolbox, default_tools
from bot.app import Replacements
from tests.bot.commands.talk import said, told
from tests.house import FAST, call, calls, house, working
from tests.nights import nights, saved, tidy

Agreed = Callable[[str, str], None]
TEMPLATES = ["coach", "friend", "tutor", "work"]


def as_text(prompts: Sequence[Prompt]) -> str:
    return "\n".join(f"== {prompt.role} ==\n{_shown(prompt)}\n" for prompt in prompts)


def _shown(prompt: Prompt) -> str:
    if not isinstance(prompt, AssistantPrompt):
        return prompt.text
    made = (f"-> {each.name} {each.arguments}" for each in prompt.tool_calls)
    return "\n".join([*([prompt.text] if prompt.text else []), *made])


def as_sent(schema: ToolSchema) -> dict[str, object]:
    """As providers of the common interface get it."""
    told = {
        "name": schema.name,
        "description": schema.description,
        "parameters": schema.parameters,
    }
    return {"type": "function", "function": told}


def test_the_base_instructions_are_small(tokens: Callable[[str], int]) -> None:
    # Other tokenizers make up to a quarter more of the same English.
    assert tokens(BASE + INCOGNITO) * 5 / 4 <= 800
    assert tokens(BASE) * 5 / 4 <= 700


def test_the_default_tools_are_small(tokens: Callable[[str], int]) -> None:
    toolbox = Toolbox(default_tools())
    schemas = toolbox.schemas(toolbox.names)
    # The schemas themselves: what wraps them is each provider's own.
    told = [as_sent(each)["function"] for each in schemas]
    assert tokens(json.dumps(told, separators=(",", ":"))) <= 800
    sent = json.dumps([as_sent(each) for each in schemas], separators=(",", ":"))
    assert estimate([], schemas) >= tokens(sent)


def test_a_tool_says_when_to_use_it_when_it_fails_and_gives_an_example() -> None:
    for tool in default_tools():
        when, fails, example = tool.schema.description.split("\n")
        assert len(when) <= 100, tool.schema.name
        assert "fail" in fails.lower() or "no error" in fails, tool.schema.name
        arguments = json.loads(example.removeprefix("Example: "))
        properties = tool.schema.parameters["properties"]
        assert set(tool.schema.parameters.get("required", [])) <= set(arguments) <= set(properties)
        assert all(each.get("description") for each in properties.values()), tool.schema.name


def test_the_tools_read_as_agreed(agreed: Agreed) -> None:
    shown = [json.dumps(as_sent(each.schema), indent=1) for each in default_tools()]
    agreed("tools", "\n".join(shown) + "\n")


@pytest.mark.parametrize("name", TEMPLATES)
async def test_the_head_of_a_bundled_template_reads_as_agreed(
    tmp_path: Path, name: str, agreed: Agreed
) -> None:
    model = ScriptedModel("Hello.")
    real = Replacements(clock=FakeClock(), limits=FAST)
    async with house(tmp_path, model, replacements=real, template=name) as home:
        await home.say("ada", "Hi!")
    agreed(f"head_{name}", as_text(model.requests[0].prompt))


def test_what_is_said_in_passing_reads_as_agreed(agreed: Agreed) -> None:
    asides = {"incognito": INCOGNITO, "nudge": NUDGE, "unknown outcome": UNKNOWN_OUTCOME}
    agreed("asides", "\n".join(f"== {name} ==\n{text}\n" for name, text in asides.items()))


def insert(text: str, **more: object) -> ToolCall:
    return made("memory_insert", label="human", new_string=text, **more)


def replace(old: str, new: str) -> ToolCall:
    return made("memory_replace", label="human", old_string=old, new_string=new)


def made(name: str, **arguments: object) -> ToolCall:
    return call(name, json.dumps(arguments, ensure_ascii=False), f"call-{name}")


FULL = "\n".join(f"Knows the town number {n} of the long road south." for n in range(60))


async def test_what_tools_return_reads_as_agreed(tmp_path: Path, agreed: Agreed) -> None:
    clock = FakeClock()
    scripts = {
        "I'm Ada, I like tea.": calls(insert("Name: Ada"), insert("Likes tea.")),
        "No more tea, and two cats.": calls(
            replace("Likes tea", "Dislikes tea"), replace("Likes dogs.", "Likes cats."), insert("")
        ),
        "You mix things up.": calls(
            replace("i", "o"),
            insert("1→ Name: Eve"),
            insert("Late", insert_line=9),
            made("memory_insert", label="diary", new_string="x"),
            made("memory_rethink", label="human"),
            call("memory_insert", '{"label": "human"', "call-broken"),
            call("remember", "{}", "call-unknown"),
        ),
        "Here is all of it.": calls(
            made("memory_rethink", label="human", new_memory=FULL),
            replace("Knows the town number 30 on the long road.", "Knows it."),
            insert("More than fits. " * 1_200),
            replace("number 31 of", "number 31, on"),
        ),
        "When did I speak of tea?": calls(
            made("conversation_search", query="tea"),
            made("conversation_search", query="zeppelin"),
            made("conversation_search", limit=99),
            made("conversation_search", start_date="last week"),
        ),
    }
    lines = [line for answer in scripts.values() for line in (answer, "Good.")]
    model = ScriptedModel(*lines)
    real = Replacements(clock=clock, limits=FAST)
    async with house(tmp_path, model, replacements=real) as home:
        for message in scripts:
            await home.say("ada", message)
            clock.advance(DAY)
    agreed("returns", as_text(_after_head(model.requests[-1])))


def _after_head(request: ModelRequest) -> Sequence[Prompt]:
    return [each for each in request.prompt if not isinstance(each, SystemPrompt)]


async def test_a_note_of_the_service_reads_as_agreed(tmp_path: Path, agreed: Agreed) -> None:
    model = ScriptedModel(calls(insert("Likes tea.")), "Good.", "Yes.")
    real = Replacements(clock=FakeClock(), limits=FAST)
    async with house(tmp_path, model, replacements=real) as home, working(home):
        await said(home, "ada", "I like tea.")
        await told(home, "ada", "/undo")
        await said(home, "ada", "Is it gone?")
    agreed("notes", as_text(_after_head(model.requests[-1])))


def test_a_sleep_time_run_is_small(tokens: Callable[[str], int]) -> None:
    assert tokens(TASK) * 5 / 4 <= 700


async def test_a_sleep_time_run_reads_as_agreed(tmp_path: Path, agreed: Agreed) -> None:
    async with nights(tmp_path) as it:
        await it.say("I live in Paris, and I like </memory> | tea.", *saved("Lives in Paris."))
        await it.pass_by(tidy())
        it.clock.advance(DAY)
        await it.say("I have moved to Lisbon.\nToday, in fact.", "How is it there?")
        await it.pass_by(tidy())
    agreed("sleep", as_text(it.night.requests[-1].prompt))
