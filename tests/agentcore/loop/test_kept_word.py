"""A final answer that claims a save which wasn't made is asked about once, before it is said."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.base import InboundPart
from agentcore.errors import BudgetSpent, ContextOverflow, ModelError, ModelUnavailable
from agentcore.loop.asking import UNKEPT
from agentcore.loop.honesty import NO_TOOL, REMINDER
from agentcore.model import AssistantPrompt, Capabilities, ModelAnswer, TextDelta, Usage, UserPrompt
from agentcore.offline_model import OfflineModel
from agentcore.records import Role, StepRecord, StopReason, ToolCall, TurnEnd
from agentcore.testing import ScriptedModel
from bot.offers import BUNDLED_TEMPLATES
from tests.house import House, call, calls, house

CLAIM = "How nice, I'll remember that!"


def insert(text: str, label: str = "human") -> ToolCall:
    return call("memory_insert", json.dumps({"label": label, "new_string": text}))


async def say(home: House, text: str, steps: list[StepRecord] | None = None) -> TurnEnd:
    await home.accept("ada", text)
    (claim,) = await home.claim()
    return await home.run(claim, stepped=None if steps is None else steps.append)


async def said(home: House) -> list[str]:
    history = await home.history("ada")
    return [m.text for m in history if m.role is Role.ASSISTANT and m.text]


async def test_an_answer_that_claims_a_save_is_asked_about_and_the_save_is_made(
    tmp_path: Path,
) -> None:
    steps: list[StepRecord] = []
    model = ScriptedModel(CLAIM, calls(insert("Has a sister, Eva.")), "Lovely. Saved.")
    async with house(tmp_path, model) as home:
        end = await say(home, "My sister is called Eva.", steps)
        assert await home.block("ada") == "Has a sister, Eva."
        assert await said(home) == ["Lovely. Saved."]
    assert end.reason is StopReason.END_TURN
    first, again, after = (request.prompt for request in model.requests)
    assert tuple(again) == (*first, AssistantPrompt(CLAIM), UserPrompt(REMINDER))
    assert REMINDER not in [prompt.text for prompt in after], "it is no part of the history"
    assert [(s.outcome, s.detail) for s in steps] == [
        ("tools", f"scripted: {UNKEPT}"),
        ("answered", ""),
    ]


async def test_if_nothing_is_saved_again_the_second_answer_stands(tmp_path: Path) -> None:
    model = ScriptedModel(CLAIM, "Right. Noted!")
    async with house(tmp_path, model) as home:
        await say(home, "My sister is called Eva.")
        assert await said(home) == ["Right. Noted!"]
        assert await home.block("ada") == ""
    assert model.exhausted


async def test_a_turn_is_asked_about_its_word_once(tmp_path: Path) -> None:
    search = call("conversation_search", '{"query": "sister"}')
    model = ScriptedModel(CLAIM, calls(search), "I've saved that.")
    async with house(tmp_path, model) as home:
        await say(home, "My sister is called Eva.")
        assert await said(home) == ["I've saved that."]


async def test_a_save_that_failed_is_none(tmp_path: Path) -> None:
    model = ScriptedModel(calls(insert("x", label="diary")), "I've noted that.", "It failed.")
    async with house(tmp_path, model) as home:
        await say(home, "My sister is called Eva.")
        assert await said(home) == ["It failed."]


@pytest.mark.parametrize("answer", ["Hello Ada!", "I remember that.", "Shall I remember that?"])
async def test_any_other_answer_is_asked_for_once(tmp_path: Path, answer: str) -> None:
    model = ScriptedModel(answer)
    async with house(tmp_path, model) as home:
        await say(home, "I'm Ada.")
        assert await said(home) == [answer]


async def test_both_calls_count_in_the_step_and_in_the_limits(tmp_path: Path) -> None:
    steps: list[StepRecord] = []
    used = Usage(prompt_tokens=100, completion_tokens=10, cached_tokens=5, cost=7)
    model = ScriptedModel(ModelAnswer(CLAIM, usage=used), ModelAnswer("Fine.", usage=used))
    async with house(tmp_path, model) as home:
        await say(home, "My sister is called Eva.", steps)
    (step,) = steps
    assert (step.prompt_tokens, step.completion_tokens, step.cached_tokens) == (200, 20, 10)
    assert (step.cost, step.detail) == (14, f"scripted: {UNKEPT}")


def with_limits(folder: Path, limits: str) -> Path:
    """A folder with the template `short`: a friend with these limits."""
    folder.mkdir()
    text = (BUNDLED_TEMPLATES / "friend.yaml").read_text("utf-8")
    text = text.replace("name: friend", "name: short") + f"limits:\n  {limits}\n"
    (folder / "short.yaml").write_text(text, "utf-8")
    return folder


@pytest.mark.parametrize(
    ("limits", "used"), [("steps: 1", 0), ("tokens: 1000", 1_000)], ids=["steps", "tokens"]
)
async def test_a_turn_at_its_limit_is_not_asked_again(
    tmp_path: Path, limits: str, used: int
) -> None:
    templates = with_limits(tmp_path / "own", limits)
    model = ScriptedModel(ModelAnswer(CLAIM, usage=Usage(prompt_tokens=used, cost=0)))
    async with house(tmp_path, model, templates_dir=templates, template="short") as home:
        end = await say(home, "My sister is called Eva.")
        assert await said(home) == [CLAIM]
    assert end.reason is StopReason.END_TURN


@pytest.mark.parametrize(
    "trouble",
    [ModelUnavailable("503"), ContextOverflow("long"), BudgetSpent("spent"), ModelAnswer("")],
    ids=lambda each: type(each).__name__,
)
async def test_the_first_answer_stands_if_there_is_no_other(
    tmp_path: Path, trouble: ModelError | ModelAnswer
) -> None:
    steps: list[StepRecord] = []
    async with house(tmp_path, ScriptedModel(CLAIM, trouble)) as home:
        end = await say(home, "My sister is called Eva.", steps)
        assert await said(home) == [CLAIM]
    assert end.reason is StopReason.END_TURN
    assert UNKEPT in steps[0].detail


async def test_the_preview_of_the_first_answer_is_void_once_the_second_begins(
    tmp_path: Path,
) -> None:
    pieces: list[TextDelta] = []
    async with house(tmp_path, ScriptedModel(CLAIM, "Right, and how is she?")) as home:
        await home.accept("ada", "My sister is called Eva.")
        (claim,) = await home.claim()
        await home.run(claim, emit=pieces.append)
    begins = [at for at, piece in enumerate(pieces) if piece.begins]
    assert [piece.text for piece in pieces if piece.begins] == ["How nice", "Right, a"]
    assert "".join(p.text for p in pieces[begins[-1] :]) == "Right, and how is she?"


async def test_the_pieces_of_an_answer_have_the_id_that_it_is_stored_under(tmp_path: Path) -> None:
    pieces: list[TextDelta] = []
    async with house(tmp_path, ScriptedModel(CLAIM, "Right, and how is she?")) as home:
        await home.accept("ada", "My sister is called Eva.")
        (claim,) = await home.claim()
        await home.run(claim, emit=pieces.append)
        answer = (await home.history("ada"))[-1]
    begins = next(at for at, piece in enumerate(pieces) if at and piece.begins)
    assert {piece.message for piece in pieces[begins:]} == {answer.message_id}
    assert answer.message_id not in {piece.message for piece in pieces[:begins]}


async def test_a_model_that_can_call_no_tools_is_asked_to_take_it_back(tmp_path: Path) -> None:
    mute = Capabilities(window=100_000, tools="none")
    model = ScriptedModel(CLAIM, "How nice!", capabilities=mute)
    async with house(tmp_path, model) as home:
        await say(home, "My sister is called Eva.")
        assert await said(home) == ["How nice!"]
    assert model.requests[1].prompt[-1] == UserPrompt(NO_TOOL)
    assert not model.requests[1].tools


async def test_a_save_that_waits_for_the_person_s_word_is_none_yet(tmp_path: Path) -> None:
    model = ScriptedModel(calls(insert("Rent: 950")), "I've noted that.", "They want 950.")
    async with house(tmp_path, model) as home:
        parts = (InboundPart("What do they want?"), InboundPart("The rent is 950.", "forwarded"))
        await home.parts.gateway.accept(replace(home.inbound("ada", ""), parts=parts))
        (claim,) = await home.claim()
        await home.run(claim)
        assert await said(home) == ["They want 950."]
    assert model.requests[-1].prompt[-1] == UserPrompt(NO_TOOL)


OFFLINE = [
    "Hi!",
    "I'm Ada and I live in Rome.",
    "I live in Rome.",
    "Remember that the door code is kept by Eva.",
    "What do you know about me?",
    "What is my favourite colour?",
    "My password is hunter2.",
    "Forget that.",
    "I'm tired.",
    "Blue is a colour.",
    "What did I say about Rome?",
]


async def test_the_offline_model_keeps_its_word(tmp_path: Path) -> None:
    steps: list[StepRecord] = []
    async with house(tmp_path, OfflineModel()) as home:
        for text in OFFLINE:
            await say(home, text, steps)
    assert not [step for step in steps if UNKEPT in step.detail]
    assert len(steps) > len(OFFLINE)
