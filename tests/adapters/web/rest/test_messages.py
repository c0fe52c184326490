"""Saying something to an agent over the API, and what comes back."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import anyio
import pytest
from anyio import to_thread
from letta_client import APIStatusError, AsyncLetta, Letta

from agentcore.errors import ModelError, ModelRefused, ModelUnavailable
from agentcore.model import ModelAnswer, Usage
from agentcore.records import OWNER, AgentId
from agentcore.testing import ScriptedModel, ScriptLine
from tests.api_site import ApiSite, api_site, served
from tests.house import PATIENCE, call, calls, house


async def new_agent(site: ApiSite) -> str:
    answer = await site.http.post(
        "/v1/agents", json={"name": "Sam", "memory_blocks": [{"label": "human", "value": ""}]}
    )
    agent_id: str = answer.json()["id"]
    return agent_id


async def say(site: ApiSite, agent_id: str, body: Any, **headers: str) -> Any:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return await site.http.post(f"/v1/agents/{agent_id}/messages", json=body, headers=sent)


def kinds(messages: list[Any]) -> list[str]:
    return [message.message_type for message in messages]


INSERT = call("memory_insert", '{"label": "human", "new_string": "Name: Ada"}')


async def test_a_message_is_answered_with_all_that_the_turn_has_said(tmp_path: Path) -> None:
    thought = ModelAnswer(
        text="",
        tool_calls=(INSERT,),
        finish="tool_calls",
        reasoning="She says her name.",
        usage=Usage(100, 20, 60),
    )
    said = ModelAnswer(text="Hello Ada!", usage=Usage(150, 5, 90))
    async with (
        api_site(tmp_path, ScriptedModel(thought, said)) as site,
        AsyncLetta(base_url=site.url) as client,
    ):
        agent_id = await new_agent(site)
        answer = await client.agents.messages.create(
            agent_id, messages=[{"role": "user", "content": "My name is Ada."}]
        )
    assert kinds(answer.messages) == [
        "reasoning_message",
        "tool_call_message",
        "tool_return_message",
        "assistant_message",
    ]
    assert answer.stop_reason.stop_reason == "end_turn"
    assert [message.run_id for message in answer.messages] == (answer.usage.run_ids or []) * 4
    steps = [message.step_id for message in answer.messages]
    assert steps[0] == steps[1] == steps[2] != steps[3]
    used = answer.usage
    assert (used.prompt_tokens, used.completion_tokens, used.total_tokens) == (250, 25, 275)
    assert (used.step_count, used.cached_input_tokens, used.context_tokens) == (2, 150, 155)


async def test_the_synchronous_client_is_answered_as_well(tmp_path: Path) -> None:
    async with api_site(tmp_path, ScriptedModel("Hello!", "Hello again!")) as site:
        agent_id = await new_agent(site)

        def talk() -> list[Any]:
            with Letta(base_url=site.url) as client:
                first = client.agents.messages.create(agent_id, input="Hi")
                parts: Any = [{"type": "text", "text": "Hi"}, {"type": "text", "text": "there"}]
                again = client.agents.messages.create(agent_id, input=parts)
                return [*first.messages, *again.messages]

        answers = await to_thread.run_sync(talk)
    assert [message.content for message in answers] == ["Hello!", "Hello again!"]


async def test_a_client_says_which_messages_it_wants_and_how(tmp_path: Path) -> None:
    model = ScriptedModel(calls(INSERT, text="I note it."), "Noted.")
    async with api_site(tmp_path, model) as site:
        agent_id = await new_agent(site)
        wanted = {
            "input": "I am Ada.",
            "include_return_message_types": ["tool_call_message", "event_message"],
            "use_assistant_message": False,
            "include_compaction_messages": True,
        }
        messages = (await say(site, agent_id, wanted)).json()["messages"]
    names = [message["tool_call"]["name"] for message in messages]
    assert names == ["send_message", "memory_insert", "send_message"]


REFUSED: list[tuple[Any, int, str]] = [
    ({}, 422, "Exactly one of `messages` and `input`"),
    ({"input": "a", "messages": []}, 422, "Exactly one of `messages` and `input`"),
    ({"messages": []}, 422, "Messages must not be empty"),
    ({"input": ""}, 422, "Messages must not be empty"),
    ({"messages": [{"role": "owner", "content": "a"}]}, 422, "literal_error"),
    ({"messages": [{"role": "user"}]}, 422, "missing"),
    ({"messages": [{"type": "approval"}]}, 422, "an approval has"),
    ({"messages": [{"type": "approval", "approvals": []}]}, 422, "too_short"),
    ({"input": "a" * 1_000_001}, 422, "too_long"),
    ({"input": "a", "override_system": "a" * 1_000_000}, 400, "too much at once"),
    (
        {"input": "a", "client_tools": [{"name": "a", "parameters": {"a": "a" * 1_000_000}}]},
        400,
        "too much at once",
    ),
    ({"input": "a", "max_steps": 0}, 422, "greater_than_equal"),
    ({"input": [{"type": "image", "source": {}}]}, 501, "images"),
    ({"input": [{"type": "reasoning", "reasoning": "a"}]}, 422, "reasoning"),
    ({"input": "a", "client_skills": [{"name": "a"}]}, 501, "`client_skills`"),
    ({"input": "a", "enable_thinking": "False"}, 501, "`enable_thinking`"),
    ({"input": "a", "return_logprobs": True}, 501, "`return_logprobs`"),
    ({"input": "a", "override_model": "openai/none"}, 404, "openai/none"),
]


async def test_what_can_t_be_answered_is_refused_with_the_reason(tmp_path: Path) -> None:
    allowed = "offline,openai/gpt-4o-mini"
    async with house(tmp_path, ScriptedModel(), models=allowed) as home, served(home) as site:
        agent_id = await new_agent(site)
        for body, status, told in REFUSED:
            answer = await say(site, agent_id, body)
            assert (answer.status_code, told in answer.json()["detail"]) == (status, True), body
        missing = "agent-00000000-0000-4000-8000-000000000001"
        assert (await say(site, missing, {"input": "Hi"})).status_code == 404
        assert (await say(site, "agent-1", {"input": "Hi"})).status_code == 422


async def test_fields_of_other_servers_are_passed_over(tmp_path: Path) -> None:
    async with api_site(tmp_path, ScriptedModel("Hello!")) as site:
        agent_id = await new_agent(site)
        answer = await say(site, agent_id, {"input": "Hi", "moods": 1, "enable_thinking": "true"})
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("trouble", "status", "kind"),
    [
        (ModelRefused("the key is wrong"), 400, "llm_bad_request"),
        (ModelUnavailable("it sleeps"), 503, "llm_error"),
    ],
)
async def test_a_turn_that_no_model_answers_is_an_error_of_the_models(
    tmp_path: Path, trouble: ModelError, status: int, kind: str
) -> None:
    async with (
        api_site(tmp_path, ScriptedModel(trouble)) as site,
        AsyncLetta(base_url=site.url, max_retries=0) as client,
    ):
        agent_id = await new_agent(site)
        with pytest.raises(APIStatusError) as failure:
            await client.agents.messages.create(agent_id, input="Hi")
    assert failure.value.status_code == status
    body: Any = failure.value.body
    assert body["error"]["type"] == kind
    assert str(trouble) in body["error"]["detail"]


async def test_messages_that_come_at_once_are_answered_each_by_its_turn_in_order(
    tmp_path: Path,
) -> None:
    script: list[ScriptLine] = []
    for number in range(8):
        noted = call("memory_insert", f'{{"label": "human", "new_string": "Fact {number}"}}')
        script += [calls(noted), f"answer {number}"]
    model = ScriptedModel(*script)
    async with api_site(tmp_path, model) as site:
        agent_id = await new_agent(site)
        answers: dict[int, Any] = {}

        async def ask(number: int) -> None:
            answers[number] = await say(site, agent_id, {"input": f"message {number}"})

        async with anyio.create_task_group() as tasks:
            for number in range(8):
                tasks.start_soon(ask, number)
        blocks = await site.home.parts.store.for_agent(AgentId(agent_id), OWNER).blocks()
    assert {answer.status_code for answer in answers.values()} == {200}
    said = {number: answer.json()["messages"][-1]["content"] for number, answer in answers.items()}
    # Which came first is the network's choice; each has the answer to itself.
    asked = [request.prompt[-1].text.rpartition("message ")[2] for request in model.requests[::2]]
    assert said == {int(number): f"answer {place}" for place, number in enumerate(asked)}
    assert sorted(blocks[0].value.splitlines()) == [f"Fact {n}" for n in range(8)]


async def test_a_request_that_comes_again_has_the_turn_of_the_first(tmp_path: Path) -> None:
    gate = asyncio.Event()
    model = ScriptedModel(*(f"answer {number}" for number in range(9)), gate=gate)
    named = {"messages": [{"role": "user", "content": "Hi", "otid": "one"}]}
    plain = {"input": "Hi"}
    async with api_site(tmp_path, model) as site:
        agent_id = await new_agent(site)
        runs: list[str] = []

        async def ask(body: Any, **headers: str) -> None:
            answer = await say(site, agent_id, body, **headers)
            runs.append(answer.json()["messages"][0]["run_id"])

        with anyio.fail_after(PATIENCE):
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(ask, named)
                await model.called.wait()
                tasks.start_soon(ask, named)
                gate.set()
            await ask(named)
            assert len(set(runs)) == 1
            await ask(plain, idempotency_key="two")
            await ask(plain, idempotency_key="two")
            assert len(set(runs)) == 2
            await ask(plain)
            await ask(plain, x_stainless_retry_count="1")
            assert len(set(runs)) == 3
            await ask(plain)
            assert len(set(runs)) == 4
        other = await say(site, agent_id, {"input": "Bye"}, idempotency_key="two")
    assert other.status_code == 409
    assert len(model.requests) == 4


async def test_a_turn_goes_on_when_its_client_has_gone(tmp_path: Path) -> None:
    gate = asyncio.Event()
    model = ScriptedModel("Hello!", gate=gate)
    async with api_site(tmp_path, model) as site:
        agent_id = await new_agent(site)
        with anyio.fail_after(PATIENCE):
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(say, site, agent_id, {"input": "Hi"})
                await model.called.wait()
                tasks.cancel_scope.cancel()
            gate.set()
            again = await say(site, agent_id, {"input": "Hi"}, x_stainless_retry_count="1")
    assert again.json()["messages"][0]["content"] == "Hello!"
    assert len(model.requests) == 1


async def test_a_body_that_does_not_say_that_it_is_json_is_refused_with_how_to_say_so(
    tmp_path: Path,
) -> None:
    async with api_site(tmp_path) as site:
        path = f"/v1/agents/{await new_agent(site)}/messages"
        form = {"Content-Type": "application/x-www-form-urlencoded"}  # as curl says by itself
        answer = await site.http.post(path, content='{"input": "Hi"}', headers=form)
        broken = await site.http.post(
            path, content="{", headers={"Content-Type": "application/json"}
        )
    assert answer.status_code == broken.status_code == 422
    assert "`Content-Type: application/json`" in answer.json()["detail"]
    assert "Content-Type" not in broken.json()["detail"]
