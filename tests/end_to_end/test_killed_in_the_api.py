"""A service that is killed in the middle of turns that clients of its API wait for: afterwards each
has been carried out once, and the clients go on where they were.
"""

from __future__ import annotations

import asyncio
import json
import threading
from typing import Any

import httpx
import pytest

from tests.end_to_end.home import PATIENCE, Home
from tests.simulators.openai_replies import Answer, Body, Call, Reply
from tests.simulators.provider import provider

LINE = "Lives in Lisbon."


class Halting:
    """Notes a line for each request, then says so; until it is told to go on, nobody hears that."""

    def __init__(self) -> None:
        self.noted = threading.Event()
        self.may_answer = threading.Event()
        self.insertions = 0

    async def __call__(self, body: Body) -> Reply:
        if body["messages"][-1]["role"] != "tool":
            self.insertions += 1
            line = f"{LINE} {self.insertions}"
            arguments = json.dumps({"label": "human", "new_string": line})
            return Answer(calls=(Call("memory_insert", arguments),))
        self.noted.set()
        await asyncio.to_thread(self.may_answer.wait, PATIENCE)
        return Answer("I have noted it.")


def events(http: httpx.Client, run_id: str, after: int) -> list[Any]:
    """What is told of a run from there on, to its end."""
    path = f"/v1/runs/{run_id}/stream"
    with http.stream("POST", path, json={"starting_after": after}) as answer:
        assert answer.status_code == 200
        lines = [line.removeprefix("data: ") for line in answer.iter_lines() if line]
    assert lines[-1] == "[DONE]"
    return [json.loads(line) for line in lines[:-1] if line.startswith("{")]


def kinds(told: list[Any]) -> list[str]:
    return [each["message_type"] for each in told if each["message_type"] != "ping"]


def test_requests_that_a_kill_cuts_off_are_each_carried_out_once(home: Home) -> None:
    brain = Halting()
    said = {"input": "I live in Lisbon."}
    again = {"x-stainless-retry-count": "1"}
    with provider(brain) as at:
        home = Home(
            home.folder,
            {"FAMILIAR_MODEL": "openai/gpt-4o-mini", "FAMILIAR_MODEL_BASE_URL": at.url},
        )
        with home.serving() as service, httpx.Client(base_url=service.url, timeout=60) as http:
            blocks = [{"label": "human", "value": ""}]
            agent = http.post("/v1/agents", json={"memory_blocks": blocks}).json()["id"]
            path = f"/v1/agents/{agent}/messages"
            waiting = http.post(f"{path}/async", json={**said, "background": True}).json()["id"]
            asking = threading.Thread(target=ask, args=(service.url, path, said), daemon=True)
            assert brain.noted.wait(PATIENCE)
            asking.start()
            while len(http.get("/v1/runs", params={"agent_id": agent}).json()) < 2:
                pass  # what is asked for takes its time
            service.kill()
            asking.join(PATIENCE)
        brain.may_answer.set()
        with (
            home.serving(PORT=service.url.rpartition(":")[2]) as service,
            httpx.Client(base_url=service.url, timeout=60) as http,
        ):
            told = events(http, waiting, after=1)
            answer = http.post(path, json=said, headers=again).json()
            runs = [run["id"] for run in http.get(f"/v1/runs?agent_id={agent}").json()]
            history = http.get(path, params={"order": "asc"}).json()
            block = http.get(f"/v1/agents/{agent}/core-memory/blocks/human").json()["value"]
    assert kinds(told) == [
        "tool_return_message",
        "assistant_message",
        "stop_reason",
        "usage_statistics",
    ]
    assert sorted(runs) == sorted([waiting, *answer["usage"]["run_ids"]])
    assert block.split("\n") == [f"{LINE} 1", f"{LINE} 2"]
    once = ["user_message", "tool_call_message", "tool_return_message", "assistant_message"]
    assert kinds(history) == ["system_message", *once, *once]


def ask(url: str, path: str, body: Any) -> None:
    """As a client does whose connection breaks."""
    with httpx.Client(base_url=url, timeout=60) as http, pytest.raises(httpx.TransportError):
        http.post(path, json=body)
