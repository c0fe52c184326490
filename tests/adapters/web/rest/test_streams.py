"""A turn as it happens: step by step, or text by text."""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import anyio
import pytest
from anyio import to_thread
from letta_client import APIStatusError, AsyncLetta, Letta

from agentcore.errors import ModelRefused
from agentcore.model import ModelAnswer, TextDelta
from agentcore.testing import ScriptedModel
from bot.api import runs
from tests.adapters.web.rest.test_messages import INSERT, new_agent
from tests.api_site import ApiSite, api_site
from tests.house import PATIENCE, calls

pytestmark = pytest.mark.filterwarnings("ignore:deprecated:DeprecationWarning")
"""`messages.stream` is deprecated in the client, and used all the same."""

TEXT = "It is a fine day to be called Ada, I think."


async def told(site: ApiSite, path: str, body: Any) -> list[Any]:
    """The events of a stream, as they were sent."""
    answer = await site.http.post(f"/v1/{path}", json=body)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/event-stream")
    blocks = answer.text.removesuffix("\n\n").split("\n\n")
    assert blocks[-1] == "data: [DONE]"
    return [json.loads(block.removeprefix("event: error\n")[6:]) for block in blocks[:-1]]


def kinds(events: list[Any]) -> list[str]:
    return [event["message_type"] for event in events]


def put_together(events: list[Any]) -> dict[str, str]:
    """The texts of a stream, put together as clients do."""
    texts: defaultdict[str, str] = defaultdict(str)
    for event in events:
        if event["message_type"] == "assistant_message":
            texts[event["id"] + event["otid"]] += event["content"]
    return dict(texts)


async def test_a_step_is_told_once_it_is_committed(tmp_path: Path) -> None:
    model = ScriptedModel(calls(INSERT, text="I note it."), TEXT)
    async with api_site(tmp_path, model) as site:
        agent_id = await new_agent(site)
        path = f"agents/{agent_id}/messages"
        events = await told(site, f"{path}/stream", {"input": "I am Ada."})
        stored = (await site.http.get(f"/v1/{path}")).json()
        run_id = events[0]["run_id"]
        rest = await told(site, f"runs/{run_id}/stream", {"starting_after": 2})
    assert kinds(events) == [
        "ping",
        "assistant_message",
        "tool_call_message",
        "tool_return_message",
        "assistant_message",
        "stop_reason",
        "usage_statistics",
    ]
    messages = events[1:5]
    assert [each["seq_id"] for each in messages] == [1, 2, 3, 4]
    assert [{**each, "seq_id": None} for each in messages] == stored[2:]
    assert events[-1]["step_count"] == 2
    assert rest[1:] == events[3:]


async def test_what_a_client_doesn_t_want_is_left_out_of_its_stream(tmp_path: Path) -> None:
    model = ScriptedModel(calls(INSERT, text="I note it."), TEXT)
    wanted = {
        "input": "I am Ada.",
        "streaming": True,
        "stream_tokens": True,
        "include_pings": False,
        "include_return_message_types": ["tool_return_message"],
    }
    async with api_site(tmp_path, model) as site:
        path = f"agents/{await new_agent(site)}/messages"
        events = await told(site, path, wanted)
    assert kinds(events) == ["tool_return_message", "stop_reason", "usage_statistics"]
    assert events[0]["seq_id"] == 3


async def test_whoever_puts_pieces_together_has_each_text_once(tmp_path: Path) -> None:
    thought = ModelAnswer(
        text="I note it.", tool_calls=(INSERT,), finish="tool_calls", reasoning="A name."
    )
    async with api_site(tmp_path, ScriptedModel(thought, TEXT)) as site:
        path = f"agents/{await new_agent(site)}/messages"
        wanted = {"input": "I am Ada.", "stream_tokens": True, "background": True}
        events = await told(site, f"{path}/stream", wanted)
        stored = (await site.http.get(f"/v1/{path}")).json()
        whole = await told(site, f"runs/{events[0]['run_id']}/stream", {})
    assert list(put_together(events).values()) == ["I note it.", TEXT]
    assert put_together(events) == put_together(stored)
    assert put_together(whole) == put_together(stored)
    pieces = [each for each in events if each["message_type"] == "assistant_message"]
    assert len(pieces) > 4
    durable = [each for each in events if each.get("seq_id") is not None]
    assert [each["seq_id"] for each in durable] == [1, 2, 3, 4, 5]
    assert kinds(durable) == kinds(whole[1:-2])


async def test_the_first_piece_is_there_before_the_answer_is_whole(tmp_path: Path) -> None:
    gate = asyncio.Event()

    class Halting(ScriptedModel):
        """Says half of it, and the rest once it may."""

        async def stream(self, request: Any, emit: Any) -> ModelAnswer:
            answer = await super().stream(request, emit)
            await gate.wait()
            return answer

    async with (
        api_site(tmp_path, Halting(TEXT)) as site,
        AsyncLetta(base_url=site.url) as client,
    ):
        agent_id = await new_agent(site)
        with anyio.fail_after(PATIENCE):
            stream = await client.agents.messages.stream(agent_id, input="Hi", stream_tokens=True)
            heard = []
            async for event in stream:
                heard.append(event.message_type)
                if event.message_type == "assistant_message":
                    gate.set()
    assert heard[0] == "ping"
    assert heard[-2:] == ["stop_reason", "usage_statistics"]


async def test_a_request_that_comes_again_in_the_middle_has_the_text_once(tmp_path: Path) -> None:
    half, gate = asyncio.Event(), asyncio.Event()

    class Halting(ScriptedModel):
        """Says a half, and the other once it may."""

        async def stream(self, request: Any, emit: Any) -> ModelAnswer:
            emit(TextDelta(TEXT[:10]))
            half.set()
            await gate.wait()
            emit(TextDelta(TEXT[10:]))
            return await self.complete(request)

    async with api_site(tmp_path, Halting(TEXT)) as site:
        agent_id = await new_agent(site)
        path = f"/v1/agents/{agent_id}/messages/stream"
        body = {"input": "Hi", "stream_tokens": True}
        again = {"x-stainless-retry-count": "1"}
        texts: list[str] = []
        with anyio.fail_after(PATIENCE):
            async with site.http.stream("POST", path, json=body) as first:
                await half.wait()
                async with site.http.stream("POST", path, json=body, headers=again) as second:
                    lines = second.aiter_lines()
                    await anext(lines)  # the ping: the turn is found
                    gate.set()
                    for each in (first.aiter_lines(), lines):
                        events = [json.loads(line[6:]) async for line in each if "{" in line]
                        texts += put_together(events).values()
    assert texts == [TEXT, TEXT]


async def test_the_synchronous_client_reads_streams(tmp_path: Path) -> None:
    async with api_site(tmp_path, ScriptedModel("Hello!", "Hello again!")) as site:
        agent_id = await new_agent(site)

        def talk() -> list[Any]:
            with Letta(base_url=site.url) as client:
                first = client.agents.messages.stream(agent_id, input="Hi")
                again = client.agents.messages.create(agent_id, input="Hi", streaming=True)
                return [*first, *again]

        events = await to_thread.run_sync(talk)
    said = [each.content for each in events if each.message_type == "assistant_message"]
    assert said == ["Hello!", "Hello again!"]


async def test_a_stream_tells_why_there_is_no_answer(tmp_path: Path) -> None:
    refused = ModelRefused("the key is wrong")
    async with (
        api_site(tmp_path, ScriptedModel(refused, refused)) as site,
        AsyncLetta(base_url=site.url) as client,
    ):
        agent_id = await new_agent(site)
        events = await told(site, f"agents/{agent_id}/messages/stream", {"input": "Hi"})
        with pytest.raises(APIStatusError):
            async for _ in await client.agents.messages.stream(agent_id, input="Hi"):
                pass
    assert kinds(events) == ["ping", "stop_reason", "error_message"]
    assert events[1]["stop_reason"] == "llm_api_error"
    assert (events[2]["run_id"], events[2]["seq_id"]) == (events[0]["run_id"], 1)
    assert "the key is wrong" in events[2]["detail"]


async def test_a_stream_ends_with_a_word_when_its_agent_is_deleted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "LOOK_AGAIN", 0.05)
    gate = asyncio.Event()
    async with api_site(tmp_path, ScriptedModel("Hello!", gate=gate)) as site:
        agent_id = await new_agent(site)
        body = {"model": agent_id, "stream": True, "messages": [{"role": "user", "content": "Hi"}]}
        with anyio.fail_after(PATIENCE):
            async with (
                site.http.stream(
                    "POST", f"/v1/agents/{agent_id}/messages/stream", json={"input": "Hi"}
                ) as first,
                site.http.stream("POST", "/v1/chat/completions", json=body) as second,
            ):
                assert (await site.http.delete(f"/v1/agents/{agent_id}")).status_code == 200
                told = [(await each.aread()).decode() for each in (first, second)]
        gate.set()
    assert all("There is no run" in each for each in told)
    assert all(each.endswith("data: [DONE]\n\n") for each in told)
    assert "event: error" in told[0]


async def test_a_turn_goes_on_when_the_reader_of_its_stream_has_gone(tmp_path: Path) -> None:
    gate = asyncio.Event()
    model = ScriptedModel("Hello!", gate=gate)
    async with api_site(tmp_path, model) as site:
        agent_id = await new_agent(site)
        with anyio.fail_after(PATIENCE):
            body = {"input": "Hi", "streaming": True}
            path = f"/v1/agents/{agent_id}/messages"
            async with site.http.stream("POST", path, json=body) as answer:
                first = await anext(aiter(answer.aiter_lines()))
            run_id = json.loads(first[6:])["run_id"]
            gate.set()
            events = await told(site, f"runs/{run_id}/stream", {})
    assert list(put_together(events).values()) == ["Hello!"]


async def test_what_can_t_be_streamed_is_refused_before_the_stream_begins(tmp_path: Path) -> None:
    async with api_site(tmp_path, ScriptedModel()) as site:
        agent_id = await new_agent(site)
        path = f"/v1/agents/{agent_id}/messages/stream"
        assert (await site.http.post(path, json={})).status_code == 422
        missing = "/v1/runs/run-00000000-0000-4000-8000-000000000001/stream"
        assert (await site.http.post(missing)).status_code == 404
