"""The log has one line for each turn that ends, and never a word of anybody's."""

from __future__ import annotations

import io
import json
import logging
from pathlib import Path
from typing import Any

import pytest

from adapters.feed import FeedEvent
from adapters.testing import Failure, FakePushAdapter, PushPlatform
from adapters.testing.platform import FailureKind
from agentcore.errors import MalformedAnswer, ModelRefused, ModelUnavailable
from agentcore.model import ModelAnswer, ModelRequest, Usage
from agentcore.testing import ScriptedModel
from bot.app import Replacements
from bot.host.logs import set_up
from tests.house import FAST, call, calls, house, replies, working

MARKER = "MARKER-words"


@pytest.fixture
def out() -> io.StringIO:
    stream = io.StringIO()
    set_up(stream)
    return stream


def lines(out: io.StringIO, event: str = "") -> list[dict[str, Any]]:
    found = [json.loads(line) for line in out.getvalue().splitlines()]
    return [line for line in found if event in ("", line["event"])]


async def test_a_turns_last_line_tells_what_it_took(out: io.StringIO, tmp_path: Path) -> None:
    insert = call("memory_insert", '{"label": "human", "new_string": "Likes tea."}')
    first = ModelAnswer("", (insert,), usage=Usage(100, 5, cost=300))
    second = ModelAnswer("Noted.", usage=Usage(120, 7, cached_tokens=90, cost=None))
    async with house(tmp_path, ScriptedModel(first, second)) as home, working(home):
        receipt = await home.accept("ada", "I like tea.")
        await home.heard("ada", until=receipt.position)
        (turn,) = await (await home.door("ada")).turns(limit=2)

    (line,) = lines(out, "turn ended")
    assert line["turn"] == turn.turn_id
    assert line["agent"].startswith("agent-")
    assert (line["platform"], line["kind"], line["messages"]) == ("terminal", "message", 1)
    assert (line["reason"], line["error"], line["attempt"]) == ("end_turn", "", 1)
    assert (line["steps"], line["models"]) == (2, ["scripted"])
    assert (line["prompt_tokens"], line["completion_tokens"], line["cached_tokens"]) == (
        220,
        12,
        90,
    )
    assert (line["cost_usd"], line["unpriced_steps"]) == (0.0003, 1)
    assert 0 <= line["first_token_ms"] <= line["run_ms"] <= line["total_ms"]


async def test_all_lines_of_a_turn_have_its_trace_over_all_attempts(
    out: io.StringIO, tmp_path: Path
) -> None:
    def heard_by_a_library(_: ModelRequest) -> ModelAnswer:
        logging.getLogger("some.library").warning("slow")
        return ModelAnswer("Hello.")

    down = ModelUnavailable("down", retry_after=0.01)
    model = ScriptedModel(down, heard_by_a_library, "Hello.")
    async with house(tmp_path, model) as home, working(home):
        for user in ("ada", "bob"):
            receipt = await home.accept(user, "Hi!")
            await home.heard(user, until=receipt.position)

    ada, bob = lines(out, "turn ended")
    of_ada = [line["event"] for line in lines(out) if line.get("trace") == ada["trace"]]
    assert of_ada == ["model unavailable", "slow", "turn ended"]
    assert len(ada["trace"]) == 32
    assert int(ada["trace"], 16)
    assert ada["trace"] != bob["trace"]


async def test_no_word_of_a_person_or_a_model_is_in_the_log_whatever_fails(
    out: io.StringIO, tmp_path: Path
) -> None:
    def bug(_: ModelRequest) -> ModelAnswer:
        raise RuntimeError(MARKER)

    model = ScriptedModel(
        f"{MARKER} plain",
        calls(call("memory_insert", json.dumps({"label": MARKER, "text": MARKER}))),
        calls(call("memory_insert", f"{{{MARKER}", "call-2"), text=MARKER),
        calls(call(f"do_{MARKER}", "{}", "call-3")),
        calls(call("conversation_search", json.dumps({"query": MARKER}), "call-4")),
        f"{MARKER} after tools",
        ModelRefused("the provider of scripted refused the request (status 400)"),
        MalformedAnswer("scripted sent something that is no chat completion"),
        f"{MARKER} nudged",
        bug,
        f"{MARKER} after a bug",
        ModelUnavailable("scripted did not answer", retry_after=0.01),
        f"{MARKER} after an outage",
    )
    platform = PushPlatform()
    replacements = Replacements(
        limits=FAST, adapters=lambda context: [FakePushAdapter(context.service, platform)]
    )
    kinds: tuple[FailureKind, ...] = ("server_error", "cut_after_delivery", "rejected", "blocked")
    async with house(tmp_path, model, replacements=replacements) as home, working(home):
        events: list[FeedEvent] = []
        for _ in range(6):
            receipt = await home.accept(MARKER, f"{MARKER} {'x' * 2_000}")
            events = await home.heard(MARKER, until=receipt.position)
        for line in (f"/new {MARKER}", f"/forget {MARKER}", f"/{MARKER}", "/memory", "/undo"):
            receipt = await home.accept(MARKER, line)
            await home.heard(MARKER, until=receipt.position)
        platform.fail(MARKER, *(Failure(kind) for kind in kinds))
        for kind in kinds[1:]:
            model.add(f"{MARKER} {kind}")
            platform.write(MARKER, f"{MARKER} {kind}", name=MARKER)
            await platform.until(lambda: model.exhausted)

    assert model.exhausted
    assert any(MARKER in text for text in replies(events))
    assert len(lines(out, "turn ended")) >= 9
    assert {"turn failed", "model unavailable"} <= {line["event"] for line in lines(out)}
    assert MARKER not in out.getvalue()
    assert "words" not in out.getvalue()
