"""`/timezone`, `/usage` and `/privacy`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentcore.clock import DAY
from agentcore.model import ModelAnswer, Usage
from agentcore.records import Actor, AgentPatch, BlockPatch
from agentcore.testing import FakeClock, ScriptedModel, WordEmbedder
from bot.app import Replacements
from bot.commands.account import money
from bot.commands.zones import zones_like
from tests.bot.commands.talk import insert, said, told
from tests.house import FAST, calls, house, working


@pytest.mark.parametrize(
    ("written", "zones"),
    [
        ("Europe/Lisbon", ["Europe/Lisbon"]),
        ("europe/lisbon", ["Europe/Lisbon"]),
        (" LISBON ", ["Europe/Lisbon"]),
        ("new york", ["America/New_York"]),
        ("New_York", ["America/New_York"]),
        ("utc", ["UTC"]),
        ("Wien", ["Europe/Vienna"]),
        ("Zürich", ["Europe/Zurich"]),
        ("São Paulo", ["America/Sao_Paulo"]),
        ("nowhere at all", []),
        ("", []),
        ("../../etc/passwd", []),
    ],
)
def test_a_zone_is_known_by_its_name_or_its_city(written: str, zones: list[str]) -> None:
    assert list(zones_like(written)) == zones


def test_where_several_are_meant_all_are_given() -> None:
    assert list(zones_like("louisville")) == ["America/Kentucky/Louisville", "America/Louisville"]
    assert "Australia/Melbourne" in zones_like("mel")
    assert len(zones_like("a")) == 10


@given(st.text(max_size=40))
def test_any_text_can_be_asked_for(text: str) -> None:
    assert len(zones_like(text)) <= 10


async def test_a_zone_is_set_by_city_and_every_message_after_bears_its_time(tmp_path: Path) -> None:
    model = ScriptedModel("Hi.", "Hi.")
    replaced = Replacements(clock=FakeClock(), limits=FAST)
    async with house(tmp_path, model, replacements=replaced) as home, working(home):
        await said(home, "ada", "Hello")
        answers = await told(
            home, "ada", "/timezone", "/timezone kolkata", "/timezone", "/timezone louisville"
        )
        answers += await told(home, "ada", "/timezone Atlantis")
        await said(home, "ada", "Hello")
    texts = [text for _, text in answers]
    assert "is UTC; there it is 2026-11-20 23:15" in texts[0]
    assert "Asia/Kolkata; there it is 2026-11-21 04:45" in texts[1]
    assert "is Asia/Kolkata;" in texts[2]
    assert texts[3] == "Which one do you mean?"
    assert "“Atlantis”" in texts[4]
    lines = [request.prompt[-1].text.splitlines()[0] for request in model.requests]
    assert lines == [
        "[2026-11-20T23:15 Fri UTC | terminal | private]",
        "[2026-11-21T04:45 Sat Asia/Kolkata | terminal | private]",
    ]


async def test_a_zone_is_its_users_own(tmp_path: Path) -> None:
    async with house(tmp_path, ScriptedModel()) as home, working(home):
        await told(home, "ada", "/timezone Lisbon")
        ((_, text),) = await told(home, "bob", "/timezone")
    assert "is UTC;" in text


def priced(text: str, cost: int | None) -> ModelAnswer:
    return ModelAnswer(text, usage=Usage(prompt_tokens=1_000, completion_tokens=200, cost=cost))


async def test_usage_counts_today_and_this_month_and_tells_unknown_prices(tmp_path: Path) -> None:
    clock = FakeClock()
    model = ScriptedModel(priced("1", 12_345), priced("2", 4_000_000), priced("3", None), "bob")
    replaced = Replacements(clock=clock, limits=FAST)
    settings = {"daily_budget_usd": "2.5", "daily_messages_per_user": 50}
    async with house(tmp_path, model, replacements=replaced, **settings) as home, working(home):  # type: ignore[arg-type]
        await said(home, "ada", "a")
        clock.advance(DAY)
        await said(home, "ada", "b")
        ((_, known),) = await told(home, "ada", "/usage")
        await said(home, "ada", "c")
        ((_, unknown),) = await told(home, "ada", "/usage")
        await said(home, "bob", "d")
        clock.advance(15 * DAY)
        ((_, later),) = await told(home, "ada", "/usage")
    assert known.startswith(
        "Today: messages: 1, tokens: 1,200, cost: $4.00\n"
        "This month: messages: 2, tokens: 2,400, cost: $4.01\n"
    )
    assert (
        "Today: messages: 2, tokens: 2,400, cost: $4.00, and calls whose price I don't know: 1\n"
        in unknown
    )
    assert later.startswith("Today: messages: 0, tokens: 0, cost: $0.00\nThis month: messages: 0")
    assert "You can send 50 messages a day.\nAll people here together can use $2.50 a day." in later


@pytest.mark.parametrize(
    ("micros", "shown"),
    [(0, "$0.00"), (1, "$0.000001"), (4_200, "$0.0042"), (10_000, "$0.01"), (10**9, "$1,000.00")],
)
def test_less_than_a_cent_is_shown_in_full(micros: int, shown: str) -> None:
    assert money(micros) == shown


async def test_privacy_says_what_is_stored_and_who_looked(tmp_path: Path) -> None:
    clock = FakeClock()
    model = ScriptedModel(calls(insert("Name: Ada")), "Hi Ada.", "Hi Bob.")
    replaced = Replacements(clock=clock, limits=FAST)
    async with house(tmp_path, model, replacements=replaced) as home, working(home):
        await said(home, "ada", "I'm Ada.")
        ((_, before),) = await told(home, "ada", "/privacy")
        agent_id = await home.agent_of("ada")
        await said(home, "bob", "I'm Bob.")
        clock.advance(DAY)
        for actor in (Actor("operator", "root"), Actor("operator", "root"), Actor("api")):
            await home.parts.store.for_agent(agent_id, actor).blocks()
        await home.parts.store.for_agent(agent_id, Actor("operator", "root")).history(limit=1)
        ((_, after),) = await told(home, "ada", "/privacy")
        ((_, bobs),) = await told(home, "bob", "/privacy")
    assert "2 messages of our conversations and 3 lines of memory, since 2026-11-20." in before
    assert "nowhere. The built-in offline model" in before
    assert before.endswith("Who has looked at it:\nnobody but you.")
    looks = after.partition("Who has looked at it:\n")[2].splitlines()
    assert sorted(looks) == [
        "• 2026-11-21: a program with access: what I keep in mind",
        "• 2026-11-21: the people who run me (root): what I keep in mind",
        "• 2026-11-21: the people who run me (root): what we said",
    ]
    assert bobs.endswith("nobody but you.")


async def test_privacy_says_what_a_program_saw_and_changed_of_an_agent(tmp_path: Path) -> None:
    program = Actor("api", "console")
    fixed = Replacements(clock=FakeClock(), limits=FAST)
    async with house(tmp_path, ScriptedModel("Hi Ada."), replacements=fixed) as home, working(home):
        await said(home, "ada", "I'm Ada.")
        store, agent_id = home.parts.store, await home.agent_of("ada")
        await store.agents.view(agent_id, program)
        await store.agents.update(agent_id, AgentPatch(name="Other"), program)
        await store.shelf.change_of(agent_id, "human", BlockPatch(value="Name: Ada"), program)
        ((_, text),) = await told(home, "ada", "/privacy")
    looks = text.partition("Who has looked at it:\n")[2].splitlines()
    assert sorted(looks) == [
        "• 2026-11-20: a program with access (console): my settings, and changed them",
        "• 2026-11-20: a program with access (console): what I keep in mind",
        "• 2026-11-20: a program with access (console): what I keep in mind, and changed it",
    ]


async def test_privacy_names_every_model_that_may_be_sent_what_is_said(tmp_path: Path) -> None:
    settings: dict[str, Any] = {
        "model": "openai/gpt-4o-mini",
        "fallback_models": ("offline", "groq/llama"),
        "sleep_model": "mistral/small",
    }
    async with house(tmp_path, ScriptedModel(), **settings) as home:
        ((_, text),) = await told(home, "ada", "/privacy")
        await home.accept("ada", "/model offline")
        (claim,) = await home.claim()
        await home.parts.dispatcher.crew.commands.run(claim)
        ((_, chosen),) = await told(home, "ada", "/privacy")
    assert "a language model: openai/gpt-4o-mini, groq/llama, mistral/small." in text
    assert "mistral" not in chosen, "a choice of one's own is for all"


async def test_privacy_names_who_makes_messages_findable(tmp_path: Path) -> None:
    settings: dict[str, Any] = {"embedding_model": "mistral/mistral-embed"}
    given = Replacements(limits=FAST, embedder=WordEmbedder())
    async with (
        house(tmp_path, ScriptedModel(), replacements=given, **settings) as home,
        working(home),
    ):
        ((_, text),) = await told(home, "ada", "/privacy")
    assert "on the machine where I run. So that I find again" in text
    assert "go to Mistral AI, too." in text
    assert "nowhere" not in text
