"""One turn: what is asked of the model, what is committed, and how it ends."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agentcore.errors import (
    ContextOverflow,
    MalformedAnswer,
    ModelRefused,
    ModelUnavailable,
)
from agentcore.model import (
    AssistantPrompt,
    Capabilities,
    ModelAnswer,
    SystemPrompt,
    ToolPrompt,
    Usage,
    UserPrompt,
)
from agentcore.records import Role, StopReason, ToolCall
from agentcore.testing import ScriptedModel
from tests.house import call, calls, house


def insert(text: str, call_id: str = "call-1") -> ToolCall:
    return call("memory_insert", json.dumps({"label": "human", "new_string": text}), call_id)


async def test_a_plain_answer_is_stored_with_the_message_that_it_answers(tmp_path: Path) -> None:
    model = ScriptedModel("Hello Ada.")
    async with house(tmp_path, model) as home:
        end = await home.say("ada", "Hi!")
        history = await home.history("ada")
    assert end.reason is StopReason.END_TURN
    assert [(m.role, m.text) for m in history] == [
        (Role.USER, "Hi!"),
        (Role.ASSISTANT, "Hello Ada."),
    ]
    (request,) = model.requests
    system, said = request.prompt
    assert isinstance(system, SystemPrompt)
    assert '<block label="human"' in system.text
    assert isinstance(said, UserPrompt)
    assert said.text.endswith("terminal | private]\nHi!")
    assert [tool.name for tool in request.tools][:2] == ["memory_insert", "memory_replace"]


async def test_a_memory_edit_and_its_revision_are_committed_with_the_step(tmp_path: Path) -> None:
    model = ScriptedModel(calls(insert("Name: Ada")), "Noted.")
    async with house(tmp_path, model) as home:
        await home.say("ada", "I'm Ada.")
        (revision, *_) = await (await home.door("ada")).revisions(label="human")
        history = await home.history("ada")
        assert await home.block("ada") == "Name: Ada"
    assert (revision.before, revision.after, revision.version) == ("", "Name: Ada", 2)
    assert revision.message == history[0].seq
    returned = model.requests[1].prompt[-1]
    assert isinstance(returned, ToolPrompt)
    assert returned.text.startswith("Saved. The block now reads:\n<block ")


async def test_the_prompt_only_grows_at_its_end(tmp_path: Path) -> None:
    model = ScriptedModel(calls(insert("Name: Ada")), "Noted.", "Yes.", calls(insert("b")), "Ok.")
    async with house(tmp_path, model) as home:
        for text in ("I'm Ada.", "Really?", "b!"):
            await home.say("ada", text)
    for before, after in zip(model.requests, model.requests[1:], strict=False):
        assert tuple(after.prompt[: len(before.prompt)]) == tuple(before.prompt)


async def test_the_prompt_is_the_same_after_a_restart(tmp_path: Path) -> None:
    first, second = ScriptedModel(calls(insert("x")), "One."), ScriptedModel("Two.")
    async with house(tmp_path, first) as home:
        await home.say("ada", "Hi!")
    async with house(tmp_path, second) as home:
        await home.say("ada", "Again.")
    before, after = first.requests[-1].prompt, second.requests[0].prompt
    assert tuple(after[: len(before)]) == tuple(before)


async def test_parallel_calls_run_in_order_and_are_all_answered(tmp_path: Path) -> None:
    replace = call(
        "memory_replace",
        json.dumps({"label": "human", "old_string": "tea", "new_string": "milk"}),
        "call-2",
    )
    search = call("conversation_search", json.dumps({"query": "tea"}), "call-3")
    model = ScriptedModel(calls(insert("Likes tea."), replace, search), "Done.")
    async with house(tmp_path, model) as home:
        await home.say("ada", "I like tea, no, milk.")
        assert await home.block("ada") == "Likes milk."
    returns = [p for p in model.requests[1].prompt if isinstance(p, ToolPrompt)]
    assert [each.call_id for each in returns] == ["call-1", "call-2", "call-3"]


@pytest.mark.parametrize(
    ("name", "arguments", "told"),
    [
        ("memory_insert", "{not json", "not valid JSON"),
        ("memory_insert", "[1]", "must be a JSON object"),
        ("memory_insert", "{}", "`label` is missing"),
        ("memory_insert", '{"label": "human", "new_string": 3}', "must be a string"),
        ("no_such_tool", "{}", "There is no tool `no_such_tool`"),
        ("conversation_search", '{"limit": 1000}', "`limit` must be"),
        ("conversation_search", '{"start_date": "soon"}', "ISO date"),
    ],
)
async def test_a_bad_call_is_a_return_that_the_model_can_mend(
    tmp_path: Path, name: str, arguments: str, told: str
) -> None:
    model = ScriptedModel(calls(call(name, arguments)), "Sorry.")
    async with house(tmp_path, model) as home:
        end = await home.say("ada", "Hi!")
        blocks = await home.block("ada")
    assert end.reason is StopReason.END_TURN
    assert blocks == ""
    returned = model.requests[1].prompt[-1]
    assert isinstance(returned, ToolPrompt)
    assert told in returned.text


async def test_an_empty_answer_is_nudged_once(tmp_path: Path) -> None:
    model = ScriptedModel(ModelAnswer(""), "Here I am.")
    async with house(tmp_path, model) as home:
        end = await home.say("ada", "Hi!")
        history = await home.history("ada")
    assert end.reason is StopReason.END_TURN
    assert history[-1].text == "Here I am."
    assert model.requests[1].prompt[-1] != model.requests[0].prompt[-1]
    assert len(history) == 2, "the nudge is no part of the history"


async def test_a_model_that_stays_silent_gives_way_to_its_fallback(tmp_path: Path) -> None:
    silent = ScriptedModel(ModelAnswer(""), MalformedAnswer("no JSON"), name="silent")
    fallback = ScriptedModel("I can.", name="fallback")
    async with house(tmp_path, silent, fallback) as home:
        await home.say("ada", "Hi!")
        assert (await home.history("ada"))[-1].text == "I can."


async def test_when_no_model_answers_the_person_is_told_honestly(tmp_path: Path) -> None:
    model = ScriptedModel(ModelAnswer(""), ModelAnswer(""))
    async with house(tmp_path, model) as home:
        end = await home.say("ada", "Hi!")
        feed = await home.heard("ada", until=1)
    assert end.reason is StopReason.INVALID_LLM_RESPONSE
    assert [e.key for e in feed if e.type == "notice"] == ["turn.no_answer"]


async def test_silence_after_words_and_a_tool_ends_the_turn(tmp_path: Path) -> None:
    model = ScriptedModel(calls(insert("Name: Ada"), text="Nice to meet you."), ModelAnswer(""))
    async with house(tmp_path, model) as home:
        end = await home.say("ada", "I'm Ada.")
        feed = await home.heard("ada", until=1)
    assert end.reason is StopReason.END_TURN
    assert [e.text for e in feed if e.type == "message"] == ["I'm Ada.", "Nice to meet you."]
    assert [e.key for e in feed if e.type == "notice"] == ["turn.noted"]


async def test_a_refusal_ends_the_turn_and_the_fallback_is_asked_first(tmp_path: Path) -> None:
    refusing = ScriptedModel(ModelRefused("wrong key"), ModelRefused("wrong key"))
    async with house(tmp_path, refusing) as home:
        end = await home.say("ada", "Hi!")
        history = await home.history("ada")
    assert end.reason is StopReason.LLM_API_ERROR
    assert "wrong key" in end.error
    assert [m.text for m in history] == ["Hi!"], "what was said is kept"


async def test_an_unreachable_model_is_nobodys_fault_and_nothing_is_committed(
    tmp_path: Path,
) -> None:
    model = ScriptedModel(ModelUnavailable("503"), "Back again.")
    async with house(tmp_path, model) as home:
        with pytest.raises(ModelUnavailable):
            await home.say("ada", "Hi!")
        assert await home.history("ada") == []


async def test_one_that_is_down_is_passed_over(tmp_path: Path) -> None:
    down = ScriptedModel(ModelUnavailable("503"), name="down")
    async with house(tmp_path, down, ScriptedModel("Hello.", name="up")) as home:
        await home.say("ada", "Hi!")
        assert (await home.history("ada"))[-1].text == "Hello."


async def test_a_turn_stops_at_its_step_limit_and_says_so(tmp_path: Path) -> None:
    model = ScriptedModel(*[calls(insert(f"fact {n}", f"call-{n}")) for n in range(50)])
    async with house(tmp_path, model) as home:
        end = await home.say("ada", "Hi!")
        feed = await home.heard("ada", until=1)
    assert end.reason is StopReason.MAX_STEPS
    assert len(model.requests) == 50
    assert [e.key for e in feed if e.type == "notice"] == ["turn.max_steps", "turn.noted"]


async def test_a_turn_stops_at_its_token_limit(tmp_path: Path) -> None:
    greedy = ModelAnswer(
        "", (insert("x"),), "tool_calls", usage=Usage(prompt_tokens=250_000, cost=0)
    )
    async with house(tmp_path, ScriptedModel(greedy)) as home:
        end = await home.say("ada", "Hi!")
    assert end.reason is StopReason.MAX_TOKENS_EXCEEDED


async def test_an_overflow_is_mended_by_leaving_out_the_oldest_turns(tmp_path: Path) -> None:
    model = ScriptedModel("One.", "Two.", ContextOverflow("too long"), "Three.")
    async with house(tmp_path, model) as home:
        ends = [await home.say("ada", text) for text in ("1 " * 2_000, "2 " * 2_000, "3")]
    assert ends[-1].reason is StopReason.END_TURN
    before, after = model.requests[2].prompt, model.requests[3].prompt
    assert len(after) < len(before)
    assert "are out of sight here" in after[1].text


async def test_an_overflow_that_cannot_be_mended_is_said(tmp_path: Path) -> None:
    async with house(tmp_path, ScriptedModel(ContextOverflow("too long"))) as home:
        end = await home.say("ada", "Hi!")
        feed = await home.heard("ada", until=1)
    assert end.reason is StopReason.CONTEXT_OVERFLOW
    assert [e.key for e in feed if e.type == "notice"] == ["turn.too_large"]


async def test_a_long_chat_never_sends_more_than_the_window(tmp_path: Path) -> None:
    small = Capabilities(window=6_000)
    model = ScriptedModel(*["word " * 300] * 30, capabilities=small)
    async with house(tmp_path, model) as home:
        for number in range(30):
            await home.say("ada", f"{number} " + "wort " * 200)
    sizes = [sum(len(p.text) for p in r.prompt) for r in model.requests]
    assert max(sizes) < 6_000 * 4
    assert any("are out of sight here" in r.prompt[1].text for r in model.requests)


async def test_a_message_larger_than_the_window_is_clipped_there_and_whole_in_storage(
    tmp_path: Path,
) -> None:
    model = ScriptedModel("Long!", capabilities=Capabilities(window=4_000))
    text = "x" * 60_000
    async with house(tmp_path, model) as home:
        await home.say("ada", text)
        assert (await home.history("ada"))[0].text == text
    assert "cut here" in model.requests[0].prompt[-1].text


async def test_what_was_said_in_another_life_of_the_chat_is_found(tmp_path: Path) -> None:
    search = call("conversation_search", json.dumps({"query": "zeppelin"}))
    model = ScriptedModel("Ok.", calls(search), "Found it.")
    async with house(tmp_path, model) as home:
        await home.say("ada", "My zeppelin is red.")
        await home.say("ada", "What colour?")
    returned = model.requests[2].prompt[-1]
    assert isinstance(returned, ToolPrompt)
    assert "My zeppelin is red." in returned.text


async def test_a_model_without_tools_is_sent_none(tmp_path: Path) -> None:
    model = ScriptedModel("Hi.", capabilities=Capabilities(window=20_000, tools="none"))
    async with house(tmp_path, model) as home:
        await home.say("ada", "Hi!")
    assert model.requests[0].tools == ()


async def test_reasoning_is_kept_and_never_sent_back(tmp_path: Path) -> None:
    model = ScriptedModel(ModelAnswer("Hi.", reasoning="She greets me."), "Yes.")
    async with house(tmp_path, model) as home:
        await home.say("ada", "Hi!")
        await home.say("ada", "Ok?")
        history = await home.history("ada")
    assert [part.type for part in history[1].parts] == ["reasoning", "text"]
    sent = [p for p in model.requests[1].prompt if isinstance(p, AssistantPrompt)]
    assert [p.text for p in sent] == ["Hi."]


async def test_characters_that_cannot_be_stored_are_mended_wherever_a_model_puts_them(
    tmp_path: Path,
) -> None:
    hostile = '{"label": "human", "new_string": "a\\ud800b\\u0000c"}'
    model = ScriptedModel(calls(call("memory_insert", hostile, "id\x00"), text="x\ud800"), "y\x00z")
    async with house(tmp_path, model) as home:
        end = await home.say("ada", "Hi!")
        assert await home.block("ada") == "a?b\N{REPLACEMENT CHARACTER}c"
        history = await home.history("ada")
    assert end.reason is StopReason.END_TURN
    assert history[-1].text == "y\N{REPLACEMENT CHARACTER}z"
