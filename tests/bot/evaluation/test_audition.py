"""Scenes are counted, judged and paid for, and a model that fails is told from one that passes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pytest

from agentcore.errors import ModelRefused, ModelUnavailable
from agentcore.model import Capabilities, Emit, ModelAnswer, ModelRequest, Price, Usage, UserPrompt
from agentcore.offline_model import OfflineModel
from agentcore.testing import ScriptedModel
from bot.evaluation.checks import SOUND, language_of
from bot.evaluation.playing import Audition, audition
from bot.evaluation.scene import Exchange, Script, Transcript, Use
from bot.evaluation.scenes import SCENES
from bot.evaluation.scorecard import Result, Scorecard, expected
from bot.offers import template_of
from config.settings import Settings

BY_NAME = {scene.name: scene for scene in SCENES}


async def card_of(
    scripts: Mapping[str, Script], judge: ScriptedModel | None = None
) -> tuple[Scorecard, list[Result]]:
    """One scene after the other, each with its own lines."""
    told: list[Result] = []
    results: list[Result] = []
    for name, lines in scripts.items():
        wanted = Audition(ScriptedModel(*lines), Settings(), judge, told.append)
        card = await audition([BY_NAME[name]], wanted)
        results.extend(card.results)
    return Scorecard("scripted", "friend:1", judge.name if judge else "", tuple(results)), told


async def test_the_card_counts_what_passed_and_says_what_did_not() -> None:
    mood, name = BY_NAME["mood"], BY_NAME["name"]
    card, told = await card_of({"mood": mood.good, "name": name.bad[0]})
    assert (card.passed, card.percent) == (1, 50.0)
    assert [result.passed for result in told] == [True, False]
    assert card.results[1].missed == ("memory is written in turn 1", r"memory holds /\bada\b/")
    assert card.by_topic() == [("leaving out", 1, 1), ("saving", 0, 1)]
    data = card.as_data()
    assert (data["model"], data["passed"], data["scenes"]) == ("scripted", 1, 2)
    first = data["results"][0]
    assert first["checks"][0] == {"check": mood.checks[0].text, "held": True}
    expected_words = {"said": mood.says[0].text, "answer": "Poor you.", "calls": []}
    assert first["exchanges"][0] == expected_words


async def test_a_claim_that_had_to_be_asked_about_is_counted_and_fails() -> None:
    lines = (ModelAnswer("I'll remember that."), *BY_NAME["keeps_its_word"].good)
    card, _ = await card_of({"keeps_its_word": lines})
    (result,) = card.results
    assert result.warned == 1
    assert result.missed == ("nothing is called saved that isn't",)


@pytest.mark.parametrize("cost", [7, None])
async def test_what_all_calls_cost_is_added_and_an_unknown_price_stays_unknown(
    cost: int | None,
) -> None:
    used = Usage(100, 10, 5, cost)
    lines = tuple(ModelAnswer("Hm.", usage=used) for _ in range(3))
    card, _ = await card_of({"mood": lines})
    assert card.results[0].calls == 3
    assert card.usage == Usage(300, 30, 15, None if cost is None else 21)
    assert card.as_data()["cost_usd"] == (None if cost is None else 21 / 1_000_000)


@pytest.mark.parametrize(("said", "passed"), [("Yes.", True), ("no", False), ("Maybe", False)])
async def test_a_judge_is_asked_only_where_there_is_one(said: str, *, passed: bool) -> None:
    judge = ScriptedModel(ModelAnswer(said, usage=Usage(50, 1, cost=3)), name="judge")
    card, _ = await card_of({"mood": BY_NAME["mood"].good}, judge)
    (result,) = card.results
    assert result.passed is passed
    assert result.usage.prompt_tokens == 50
    assert BY_NAME["mood"].question in [verdict.text for verdict in result.verdicts]
    asked = judge.requests[0].prompt[-1]
    assert isinstance(asked, UserPrompt)
    assert "Person: Ugh, I'm so tired today.\nAssistant: Poor you." in asked.text


async def test_a_judge_that_cannot_be_reached_has_not_said_yes() -> None:
    judge = ScriptedModel(ModelUnavailable("503"), name="judge")
    card, _ = await card_of({"mood": BY_NAME["mood"].good}, judge)
    assert card.passed == 0


@pytest.mark.parametrize("error", [ModelUnavailable("503"), ModelRefused("wrong key")])
async def test_a_scene_that_could_not_be_played_has_failed_and_says_why(
    error: ModelUnavailable | ModelRefused,
) -> None:
    wanted = Audition(ScriptedModel(error, "a", "b"), Settings(), None, lambda _: None)
    (result,) = (await audition([BY_NAME["mood"]], wanted)).results
    assert not result.passed
    assert str(error) in result.trouble


async def test_where_no_scene_can_be_played_the_rest_is_not_tried() -> None:
    model = ScriptedModel(*[ModelUnavailable("503")] * 3)
    card = await audition(SCENES, Audition(model, Settings(), None, lambda _: None))
    assert len(card.results) == len(SCENES)
    assert card.passed == 0
    assert model.exhausted


async def test_scenes_share_nothing_and_keep_their_order() -> None:
    told: list[Result] = []
    scenes = [BY_NAME[each] for each in ("name", "from_memory", "small_talk", "mood", "german")]
    card = await audition(scenes, Audition(OfflineModel(), Settings(), None, told.append))
    assert [result.scene for result in card.results] == scenes
    assert len(told) == len(scenes)
    assert card.results[0].passed, card.results[0].missed


def test_the_cost_is_known_beforehand_from_the_price() -> None:
    template = template_of(Settings())
    calls, usage = expected(SCENES, template, Price(1.0, 2.0))
    assert calls == sum(len(scene.good) for scene in SCENES)
    assert usage.cost == Price(1.0, 2.0).of(usage.prompt_tokens, usage.completion_tokens)
    assert expected(SCENES, template, None)[1].cost is None


WIDE = Capabilities(window=100_000)


@dataclass
class _Counting:
    """A model that says little, and counts what it was sent as a provider would."""

    name: str = "counting"
    capabilities: Capabilities = WIDE
    sent: int = 0

    async def complete(self, request: ModelRequest) -> ModelAnswer:
        self.sent += sum(len(prompt.text) for prompt in request.prompt) // 4
        self.sent += sum(len(f"{t.description}{t.parameters}") for t in request.tools) // 4
        return ModelAnswer("Hm.", usage=Usage(cost=0))

    async def stream(self, request: ModelRequest, emit: Emit) -> ModelAnswer:
        del emit
        return await self.complete(request)


async def test_what_is_expected_is_not_far_from_what_is_sent() -> None:
    scenes = [BY_NAME[each] for each in ("mood", "small_talk", "full_block", "short")]
    model = _Counting()
    card = await audition(scenes, Audition(model, Settings(), None, lambda _: None))
    calls = sum(result.calls for result in card.results)
    expected_calls, usage = expected(scenes, template_of(Settings()), None)
    per_call = usage.prompt_tokens / expected_calls
    assert 0.8 <= per_call / (model.sent / calls) <= 2.0


def transcript(answer: str, uses: Sequence[Use] = (), ended: str = "end_turn") -> Transcript:
    return Transcript((Exchange("I like tea.", answer, tuple(uses), (), ended),), ())


SAVED = Use("memory_insert", {}, saved=True, returned="Saved.")


@pytest.mark.parametrize(
    ("number", "bad", "good"),
    [
        (0, transcript(""), transcript("Hm.")),
        (0, transcript("Hm.", ended="max_steps"), transcript("Hm.")),
        (1, transcript("[2026-11-20T18:00 Fri UTC | x | private]\nHm."), transcript("[1] Hm.")),
        (1, transcript("I call memory_insert."), transcript("I insert it.")),
        (2, transcript("I'll remember that."), transcript("I'll remember that.", [SAVED])),
    ],
)
def test_what_is_looked_at_in_every_scene(number: int, bad: Transcript, good: Transcript) -> None:
    assert not SOUND[number].holds(bad)
    assert SOUND[number].holds(good)


def test_languages_are_told_apart() -> None:
    said = {
        "German": "Das ist schön, und was hast du heute noch vor?",
        "Spanish": "No hago nada, pero estoy aquí para lo que necesites.",
        "French": "Je suis là pour toi, et la journée est belle.",
        "English": "I'm fine, and how are you?",
    }
    assert {name: language_of(text) for name, text in said.items()} == {n: n for n in said}
