"""`familiar eval` over real HTTP, against a server whose brain is the offline model's."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot.cli import app
from tests.simulators.offline_brain import offline_brain
from tests.simulators.openai_replies import Failure
from tests.simulators.openai_rules import wrong_key
from tests.simulators.openai_server import API_KEY
from tests.simulators.provider import provider


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with provider(offline_brain) as server:
        yield server.url


def evaluate(*options: str, **settings: str) -> Result:
    return CliRunner().invoke(app, ["eval", *options], env=settings)


def at(url: str) -> dict[str, str]:
    return {
        "FAMILIAR_MODEL": "openai/gpt-4o-mini",
        "FAMILIAR_MODEL_BASE_URL": url,
        "FAMILIAR_MODEL_API_KEY": API_KEY,
    }


def test_scenes_are_played_and_their_cost_is_said_before_and_after(home: Path, url: str) -> None:
    result = evaluate("--scene", "name", "--scene", "mood", "--scene", "german", **at(url))
    assert result.exit_code == 0, result.output
    assert "openai/gpt-4o-mini as friend:1: 3 scenes, about" in result.stderr
    assert "$0.0" in result.stderr
    assert "ok   name: saves a name" in result.stdout
    assert "BAD  german: " in result.stdout
    assert "not so: the answer is in German in turn 1" in result.stdout
    assert "2 of 3 scenes, 67 %" in result.stdout
    assert "tokens in" in result.stdout
    assert list(home.iterdir()) == [], "it leaves nothing behind"


@pytest.mark.parametrize(("threshold", "code"), [("50", 0), ("51", 1)])
def test_a_threshold_that_is_missed_is_an_exit_code(url: str, threshold: str, code: int) -> None:
    options = ("--json", "--threshold", threshold, "--scene", "name", "--scene", "german")
    result = evaluate(*options, **at(url))
    data = json.loads(result.stdout)
    assert result.exit_code == code
    assert (data["passed"], data["scenes"], data["percent"]) == (1, 2, 50.0)
    assert data["template"] == "friend:1"
    assert data["cost_usd"] > 0


def test_another_template_can_be_looked_at(url: str) -> None:
    result = evaluate("--json", "--template", "coach", "--scene", "mood", **at(url))
    assert json.loads(result.stdout)["template"] == "coach:1"


def test_the_offline_model_is_not_looked_at() -> None:
    result = evaluate()
    assert result.exit_code == 1
    assert "offline model follows fixed rules" in result.stderr
    assert "--model openai/gpt-4o-mini" in result.stderr


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--scene", "none"), "There is no scene none. There are: name, preference,"),
        (("--template", "none"), "'none'"),
        (("--judge", "openai/gpt-4o"), "openai/gpt-4o needs a key: set OPENAI_API_KEY"),
        (("--judge", "offline"), "offline model follows fixed rules"),
    ],
)
def test_what_cannot_be_done_is_said(options: tuple[str, ...], said: str, url: str) -> None:
    result = evaluate(*options, **at(url))
    assert result.exit_code == 1
    assert said in result.stderr


def test_a_model_that_refuses_is_said_to_and_fails() -> None:
    with provider(lambda _: Failure(wrong_key(API_KEY))) as server:
        result = evaluate("--scene", "mood", **at(server.url))
    assert result.exit_code == 1
    assert "could not be played: openai/gpt-4o-mini: " in result.stdout
