"""Runs and their steps, and looking back at what was said."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import anyio
from anyio import to_thread
from letta_client import AsyncLetta, Letta

from agentcore.clock import SECOND
from agentcore.testing import FakeClock, ScriptedModel
from bot.app import Replacements
from tests.adapters.web.rest.test_messages import INSERT, new_agent, say
from tests.api_site import ApiSite, api_site
from tests.house import FAST, PATIENCE, calls


async def got(site: ApiSite, path: str, **params: Any) -> Any:
    answer = await site.http.get(f"/v1/{path}", params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


def shown(messages: list[Any]) -> list[str]:
    return [each["content"] for each in messages if "content" in each]


async def test_a_run_in_the_background_is_followed_to_its_end(tmp_path: Path) -> None:
    gate = asyncio.Event()
    model = ScriptedModel(calls(INSERT), "Noted.", gate=gate)
    async with api_site(tmp_path, model) as site, AsyncLetta(base_url=site.url) as client:
        agent_id = await new_agent(site)
        run = await client.agents.messages.create_async(agent_id, input="I am Ada.")
        assert (run.status, run.background, run.agent_id) == ("created", True, agent_id)
        await model.called.wait()
        assert (await client.runs.retrieve(run.id)).status == "running"
        assert [r.id for r in (await client.runs.list(active=True)).items] == [run.id]
        assert [each["id"] for each in await got(site, "runs/active")] == [run.id]
        gate.set()
        with anyio.fail_after(PATIENCE):
            stream = await client.runs.messages.stream(run.id)
            told = [event async for event in stream]
        assert told[-1].message_type == "usage_statistics"
        run = await client.runs.retrieve(run.id)
        assert (run.status, run.stop_reason) == ("completed", "end_turn")
        assert (await client.runs.list(active=True)).items == []
        messages = (await client.runs.messages.list(run.id)).items
        steps = (await client.runs.steps.list(run.id, order="asc")).items
        usage = await client.runs.usage.retrieve(run.id)
        of_step = (await client.steps.messages.list(steps[1].id)).items
        same = await client.steps.retrieve(steps[1].id)
        metrics = await client.steps.metrics.retrieve(steps[1].id)
        everywhere = (await client.steps.list(agent_id=agent_id)).items
        missing = await site.http.get(f"/v1/runs/{run.id}/steps?after={run.id}")
    assert [each.message_type for each in messages] == [
        "user_message",
        "tool_call_message",
        "tool_return_message",
        "assistant_message",
    ]
    assert [each.id for each in everywhere] == [each.id for each in reversed(steps)]
    assert [each.step_id for each in messages] == [steps[0].id] * 3 + [steps[1].id]
    assert [each.message_type for each in of_step] == ["assistant_message"]
    assert (same.run_id, same.stop_reason, metrics.run_id) == (run.id, "end_turn", run.id)
    assert usage.total_tokens == 0
    assert missing.status_code == 404


async def test_runs_are_called_off(tmp_path: Path) -> None:
    gate = asyncio.Event()
    model = ScriptedModel("Hello!", gate=gate)
    async with api_site(tmp_path, model) as site, AsyncLetta(base_url=site.url) as client:
        agent_id = await new_agent(site)
        first = await client.agents.messages.create_async(agent_id, input="One")
        await model.called.wait()
        second = await client.agents.messages.create_async(agent_id, input="Two")
        told = await client.agents.messages.cancel(agent_id)
        assert told == {first.id: "cancelled", second.id: "cancelled"}
        with anyio.fail_after(PATIENCE):
            async for _ in await client.runs.messages.stream(first.id):
                pass
        listed = await got(site, "runs", agent_id=agent_id, statuses="cancelled")
        assert await got(site, "runs", statuses="completed") == []
    assert {each["id"] for each in listed} == {first.id, second.id}
    assert {each["stop_reason"] for each in listed} == {"cancelled"}


async def test_a_history_is_read_page_by_page(tmp_path: Path) -> None:
    clock = FakeClock()
    model = ScriptedModel(*(f"answer {number}" for number in range(6)))
    given = Replacements(limits=FAST, clock=clock)
    async with api_site(tmp_path, model, replacements=given) as site:
        agent_id, other = await new_agent(site), await new_agent(site)
        for number in range(6):
            clock.advance(SECOND)
            await say(site, other if number == 2 else agent_id, {"input": f"message {number}"})
        path = f"agents/{agent_id}/messages"
        whole = await got(site, path)
        pages = [await got(site, path, limit=4)]
        while pages[-1]:
            pages.append(await got(site, path, limit=4, before=pages[-1][0]["id"]))
        ahead = [await got(site, path, limit=4, order="asc")]
        while ahead[-1]:
            ahead.append(await got(site, path, limit=4, order="asc", after=ahead[-1][-1]["id"]))
        asked = await got(site, path, include_return_message_types="user_message", limit=2)
        everywhere = await got(site, "messages", limit=5)
        before = await got(site, "messages", limit=2, before=everywhere[0]["id"])
        one = await got(site, f"messages/{whole[1]['id']}")
        thread = (await got(site, "conversations", agent_id=agent_id))[0]
        of_thread = await got(site, f"conversations/{thread['id']}/messages")
        unknown = await site.http.get(f"/v1/{path}", params={"after": other})

        def read() -> list[Any]:
            with Letta(base_url=site.url) as client:
                return [
                    each.id for each in client.agents.messages.list(agent_id, order="asc", limit=3)
                ]

        by_client = await to_thread.run_sync(read)
    assert whole[0]["message_type"] == "system_message"
    said = [text for n in (0, 1, 3, 4, 5) for text in (f"message {n}", f"answer {n}")]
    assert shown(whole)[1:] == said
    assert [each for page in reversed(pages) for each in page] == whole
    assert [each for page in ahead for each in page] == whole
    assert by_client == [each["id"] for each in whole]
    assert shown(asked) == ["message 4", "message 5"]
    assert shown(everywhere) == said[-5:]
    assert shown(before) == ["answer 2", "message 3"]
    assert one == [whole[1]]
    assert of_thread == whole
    assert (thread["agent_id"], unknown.status_code) == (agent_id, 404)
