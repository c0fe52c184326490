"""The model without delay: what it says, streamed and not, and that it keeps what it was asked."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx

from benchmarks.api_client import bodies
from benchmarks.processes import simulator
from tests.house import PATIENCE

TOOLS = [{"type": "function", "function": {"name": "memory_insert", "parameters": {}}}]


def asked(*messages: tuple[str, str], **more: Any) -> dict[str, Any]:
    said = [{"role": role, "content": content} for role, content in messages]
    return {"model": "gpt-4o-mini", "messages": said, **more}


async def test_it_answers_edits_when_told_a_name_and_keeps_what_it_was_asked(
    tmp_path: Path,
) -> None:
    told = ("user", "My name is Ada. Please store this.")
    requests = [
        asked(("user", "Hello")),
        asked(told, tools=TOOLS),
        asked(told, ("tool", "Saved."), tools=TOOLS),
        asked(("user", "Hello " * 50_000), stream=True),
    ]
    with simulator(tmp_path, "benchmarks.lean_model") as url:
        async with httpx.AsyncClient(base_url=url, trust_env=False, timeout=PATIENCE) as client:
            answers = [await client.post("/chat/completions", json=each) for each in requests]
            assert [*await bodies(client, url, 3)] == requests[1:]
    plain, edit, after = (each.json()["choices"][0]["message"] for each in answers[:3])
    assert plain["content"].startswith("Hello there")
    call = edit["tool_calls"][0]["function"]
    assert call["name"] == "memory_insert"
    assert json.loads(call["arguments"]) == {"label": "human", "new_string": "Name: Ada"}
    assert "Ada" in after["content"]
    events = answers[3].text.split("\n\n")
    assert events[-2] == "data: [DONE]"
    pieces = [json.loads(each.removeprefix("data: ")) for each in events[:-2]]
    said = "".join(each["choices"][0]["delta"].get("content") or "" for each in pieces)
    assert said == plain["content"]
