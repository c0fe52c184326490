"""Agents behind OpenAI's chat completions, as OpenAI's own client asks them."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import anyio
import openai
import pytest
from anyio import to_thread

from adapters.web.rest.http import entrance
from agentcore.errors import ModelRefused
from agentcore.model import ModelAnswer, Usage
from agentcore.records import AgentId, StopReason, TurnId
from agentcore.testing import ScriptedModel
from tests.adapters.web.rest.test_messages import INSERT, new_agent
from tests.api_site import ApiSite, api_site, served
from tests.api_turns import ended, followed
from tests.house import PATIENCE, calls, house, working


def client_of(site: ApiSite) -> openai.AsyncOpenAI:
    return openai.AsyncOpenAI(base_url=f"{site.url}/v1", api_key="none")


def user(text: Any) -> Any:
    return {"role": "user", "content": text}


async def test_an_agent_answers_what_was_said_last(tmp_path: Path) -> None:
    said = ModelAnswer(text="Hello Ada!", usage=Usage(150, 5, 90))
    model = ScriptedModel(calls(INSERT, text="I note it."), said)
    async with api_site(tmp_path, model) as site, client_of(site) as client:
        agent_id = await new_agent(site)
        answer = await client.chat.completions.create(
            model=agent_id,
            messages=[
                {"role": "system", "content": "Be brief."},
                user("Hi"),
                {"role": "assistant", "content": "Hi!"},
                {"role": "user", "content": [{"type": "text", "text": "I am Ada."}]},
            ],
            temperature=0.5,
        )
    (choice,) = answer.choices
    assert choice.message.content == "I note it.\n\nHello Ada!"
    assert (choice.finish_reason, answer.object, answer.model) == (
        "stop",
        "chat.completion",
        agent_id,
    )
    assert answer.usage is not None
    assert answer.usage.total_tokens == 155
    prompt = [each.text for each in model.requests[0].prompt]
    assert prompt[-1].endswith("I am Ada.")
    assert not any("Be brief." in text for text in prompt)


async def test_an_answer_is_streamed(tmp_path: Path) -> None:
    model = ScriptedModel(calls(INSERT, text="I note it."), "Hello Ada, how are you?", "Hello!")
    async with api_site(tmp_path, model) as site:
        agent_id = await new_agent(site)
        async with client_of(site) as client:
            stream = await client.chat.completions.create(
                model=agent_id,
                messages=[user("I am Ada.")],
                stream=True,
                stream_options={"include_usage": True},
            )
            chunks = [chunk async for chunk in stream]

        def talk() -> str:
            with openai.OpenAI(base_url=f"{site.url}/v1", api_key="none") as plain:
                told = plain.chat.completions.create(
                    model=agent_id, messages=[user("Hi")], stream=True
                )
                return "".join(chunk.choices[0].delta.content or "" for chunk in told)

        assert await to_thread.run_sync(talk) == "Hello!"
    deltas = [chunk.choices[0].delta.content or "" for chunk in chunks[:-1]]
    assert "".join(deltas) == "I note it.\n\nHello Ada, how are you?"
    assert len([delta for delta in deltas if delta]) > 3
    assert chunks[0].choices[0].delta.role == "assistant"
    assert chunks[-2].choices[0].finish_reason == "stop"
    assert (chunks[-1].choices, chunks[-1].usage is not None) == ([], True)
    assert len({chunk.id for chunk in chunks}) == 1


async def test_each_person_has_an_agent_of_the_template_of_their_own(tmp_path: Path) -> None:
    model = ScriptedModel(*(f"answer {number}" for number in range(5)))
    async with api_site(tmp_path, model) as site, client_of(site) as client:

        async def ask(who: str, model: str = "template:friend") -> None:
            await client.chat.completions.create(model=model, messages=[user("Hi")], user=who)

        async with anyio.create_task_group() as tasks:
            for _ in range(2):
                tasks.start_soon(ask, "web:ada")
            tasks.start_soon(ask, "web:bob")
        await ask("web:ada")
        await ask("web:ada", "template:coach")
        agents = (await site.http.get("/v1/agents")).json()
        asked = {"identifier_key": "web:ada"}
        (ada,) = (await site.http.get("/v1/identities", params=asked)).json()
    assert sorted(len(each["identity_ids"]) for each in agents) == [1, 1, 1]
    assert len(ada["agent_ids"]) == 2


async def test_what_can_t_be_completed_is_refused_with_the_reason(tmp_path: Path) -> None:
    refused = ModelRefused("the key is wrong")
    async with (
        api_site(tmp_path, ScriptedModel(refused, refused)) as site,
        client_of(site) as client,
    ):
        agent_id = await new_agent(site)
        image = {"type": "image_url", "image_url": {"url": "data:,"}}
        for body, status, told in (
            ({"model": "gpt-4o"}, 404, "There is no agent gpt-4o"),
            ({"model": "template:friend"}, 422, "`user`"),
            ({"model": "template:none", "user": "ada"}, 404, "none"),
            ({"messages": [{"role": "assistant", "content": "Hi"}]}, 422, "must be `user`"),
            ({"messages": [user(" ")]}, 422, "empty"),
            ({"messages": [user([image])]}, 501, "images"),
            ({"tools": [{}]}, 501, "`tools`"),
            ({"n": 2}, 501, "`n`"),
            ({"response_format": {"type": "json_object"}}, 501, "`response_format`"),
            ({}, 400, "the key is wrong"),
        ):
            sent = {"model": agent_id, "messages": [user("Hi")], **body}
            answer = await site.http.post("/v1/chat/completions", json=sent)
            assert answer.status_code == status, body
            assert told in answer.json()["error"]["message"]
        stream = await client.chat.completions.create(
            model=agent_id, messages=[user("Hi")], stream=True
        )
        with pytest.raises(openai.APIError, match="the key is wrong"):
            [chunk async for chunk in stream]


async def test_an_answer_that_is_no_longer_read_is_called_off(tmp_path: Path) -> None:
    gate = asyncio.Event()
    model = ScriptedModel("A long story.", "Hello again!", gate=gate)
    async with api_site(tmp_path, model) as site, client_of(site) as client:
        agent_id = await new_agent(site)
        stream = await client.chat.completions.create(
            model=agent_id, messages=[user("Tell me a story.")], stream=True
        )
        first = await anext(aiter(stream))
        await model.called.wait()
        await stream.close()
        run = ended(await followed(site.home, TurnId(first.id.replace("chatcmpl-", "run-"))))
        gate.set()
        answer = await client.chat.completions.create(model=agent_id, messages=[user("Hi")])
    assert run.stop_reason is StopReason.CANCELLED
    assert answer.choices[0].message.content == "Hello again!"


async def test_whoever_reads_along_calls_no_answer_off_by_leaving(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(entrance, "MOST_AT_ONCE", 1)
    gate = asyncio.Event()
    model = ScriptedModel("A long story.", gate=gate)
    async with api_site(tmp_path, model) as site:
        agent_id = await new_agent(site)
        made = await site.home.parts.store.tokens.create("widget", AgentId(agent_id))
        widget = {"Authorization": f"Bearer {made.text}"}
        body = {"model": agent_id, "stream": True, "messages": [user("Tell me a story.")]}
        key = {"Idempotency-Key": "story"}
        path = "/v1/chat/completions"
        async with site.http.stream("POST", path, json=body, headers=key) as first:
            await model.called.wait()
            async with site.http.stream("POST", path, json=body, headers=key | widget) as second:
                await anext(aiter(second.aiter_lines()))
            with anyio.fail_after(PATIENCE):
                agent = f"/v1/agents/{agent_id}"
                while (await site.http.get(agent, headers=widget)).status_code == 429:
                    pass  # until the service has noticed that it left
            gate.set()
            assert (await first.aread()).endswith(b"data: [DONE]\n\n")
        (run,) = (await site.http.get(f"/v1/runs?agent_id={agent_id}")).json()
    assert run["stop_reason"] == "end_turn"


async def test_who_can_give_no_yes_is_not_asked_for_one(tmp_path: Path) -> None:
    model = ScriptedModel(calls(INSERT), "I leave it.", "Hello!")
    async with api_site(tmp_path, model) as site, client_of(site) as client:
        rule = {"type": "requires_approval", "tool_name": "memory_insert"}
        agent_id = (await site.agent(tool_rules=[rule]))["id"]
        path = f"/v1/agents/{agent_id}/messages"
        waits = (await site.http.post(path, json={"input": "I am Ada."})).json()
        said = [
            (await client.chat.completions.create(model=agent_id, messages=[user(line)])).choices[0]
            for line in ("Never mind.", "Hi")
        ]
    assert waits["stop_reason"]["stop_reason"] == "requires_approval"
    assert [each.message.content for each in said] == ["I leave it.", "Hello!"]
    asked, refused, _ = model.requests
    assert any("Not approved" in each.text for each in refused.prompt)
    offered = [{each.name for each in request.tools} for request in (asked, refused)]
    assert offered[0] - offered[1] == {"memory_insert"}


async def test_a_service_that_stops_calls_no_answer_off(tmp_path: Path) -> None:
    gate = asyncio.Event()
    model = ScriptedModel("Hello!", gate=gate)
    async with house(tmp_path, model) as home, working(home), AsyncExitStack() as clients:
        async with served(home) as site:
            client = await clients.enter_async_context(client_of(site))
            stream = await client.chat.completions.create(
                model=await new_agent(site), messages=[user("Hi")], stream=True
            )
            first = await anext(aiter(stream))
            await model.called.wait()
        gate.set()
        run = ended(await followed(home, TurnId(first.id.replace("chatcmpl-", "run-"))))
    assert run.stop_reason is StopReason.END_TURN
