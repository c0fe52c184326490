"""A model behind HTTP, reached directly and through litellm: it remembers as well, and its errors
tell nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.end_to_end.home import Home, Serving
from tests.simulators.offline_brain import offline_brain
from tests.simulators.openai_replies import Answer, Body, Call, Failure, Raw, Reply
from tests.simulators.openai_rules import Refusal
from tests.simulators.provider import Provider, provider

MARKER = "MARKER-f3a9"
KEY = "sk-MARKER-KEY-0123456789"


@dataclass(frozen=True)
class Connected:
    """A home whose service has a model at a provider of ours."""

    home: Home
    service: Serving
    provider: Provider


@pytest.fixture(scope="module")
def connected(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connected]:
    with provider(Brain()) as at:
        home = Home(tmp_path_factory.mktemp("connected"), settings_for(at))
        with home.serving(PYTHONPROFILEIMPORTTIME="1") as service:  # it tells what it loads
            yield Connected(home, service, at)


def settings_for(at: Provider, **more: str) -> dict[str, str]:
    return {
        "FAMILIAR_MODEL": "openai/gpt-4o-mini",
        "FAMILIAR_MODEL_BASE_URL": at.url,
        "FAMILIAR_MODEL_API_KEY": KEY,
        **more,
    }


class Brain:
    """The offline model, but for messages that say what to do instead; a fault passes in time."""

    def __init__(self) -> None:
        self._faults = {"break": 4, "babble": 1, "babble html": 1}

    async def __call__(self, body: Body) -> Reply:
        said = [each for each in body["messages"] if each["role"] == "user"][-1]["content"]
        wish = str(said).rsplit("please ", maxsplit=1)[-1].strip().rstrip(".")
        if body["messages"][-1]["role"] == "tool":
            return await offline_brain(body) if wish not in CALLS else Answer(f"Seen: {MARKER}.")
        if wish in self._faults and not self._faults[wish]:
            return Answer(f"Seen: {MARKER}.")
        if wish in self._faults:
            self._faults[wish] -= 1
        return _reply(wish, json.dumps(body)) or await offline_brain(body)


CALLS = {
    "misuse": Call("memory_insert", f'{{"label": "{MARKER}'),
    "invent": Call(f"do_{MARKER}", f'{{"x": "{MARKER}"}}'),
}


def _reply(wish: str, echo: str) -> Reply | None:
    match wish:
        case "refuse":
            return Failure(Refusal(401, f"Incorrect API key {KEY} for {echo}", "bad", echo))
        case "break":
            return Failure(Refusal(500, f"no room for {echo} of {KEY}", echo))
        case "babble":
            return Raw(echo.encode())
        case "babble html":
            return Raw(f"<html>{KEY} {echo}</html>".encode(), "text/html")
        case "misuse" | "invent":
            return Answer(calls=(CALLS[wish],))
        case _:
            return None


def test_what_it_was_told_it_remembers_and_a_stranger_is_not_told(connected: Connected) -> None:
    told = connected.home.chat("My name is Ada and I live in Lisbon.")
    asked = connected.home.chat("Where do I live?")
    stranger = connected.home.chat("Where do I live?", user="bob")

    assert [each.code for each in (told, asked, stranger)] == [0, 0, 0]
    assert told.told_terms
    assert stranger.told_terms
    assert asked.err == ""
    assert "Lisbon" in asked.out
    assert "Lisbon" not in stranger.out
    assert set(connected.provider.server.keys) == {KEY}


def test_a_model_at_an_address_of_its_own_is_reached_without_litellm(connected: Connected) -> None:
    told = connected.home.chat("My name is Eve.", user="eve")

    lines = connected.service.said.splitlines()
    loaded = {each.rpartition("|")[2].strip() for each in lines if each.startswith("import time:")}
    assert "Eve" in told.out
    assert "httpx" in loaded
    assert not {"litellm", "openai", "aiohttp"} & loaded


def test_litellm_reaches_it_as_well(tmp_path: Path) -> None:
    with provider(Brain()) as at:
        home = Home(tmp_path, settings_for(at, FAMILIAR_MODEL_CLIENT="litellm"))
        told = home.chat("My name is Ada and I live in Lisbon.", "Where do I live?")

    assert told.code == 0
    assert "Lisbon" in told.out.splitlines()[-1]


def test_neither_words_nor_keys_are_in_the_log_whatever_fails(connected: Connected) -> None:
    wishes = ("refuse", "babble", "babble html", "misuse", "invent", "break")

    said = connected.home.chat(*(f"{MARKER} please {wish}" for wish in wishes), user="carol")

    assert said.code == 1
    assert said.out.count(MARKER) == len(wishes) - 1
    assert "refused to answer that" in said.err
    assert "can't reach my language model" in said.err
    assert KEY not in said.out + said.err
    assert MARKER not in said.err
    assert MARKER not in connected.service.said
    assert "MARKER-KEY" not in connected.service.said


def test_the_operator_sees_what_failed_without_the_words(connected: Connected) -> None:
    connected.home.chat(f"{MARKER} please refuse", user="dave")
    newest = json.loads(connected.home.run("agents", "list", "--json").out)[0]["id"]

    shown = connected.home.run("agents", "show", newest)

    assert "llm_api_error" in shown.out
    assert "check the key" in shown.out
    assert KEY not in shown.out
    assert MARKER not in shown.out
