"""What an agent has in view, looked at and begun anew over the API."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import anyio
from letta_client import AsyncLetta

from agentcore.testing import ScriptedModel
from tests.adapters.web.rest.test_messages import INSERT, new_agent, say
from tests.api_site import api_site
from tests.house import PATIENCE, calls


async def test_a_context_is_told_part_by_part(tmp_path: Path) -> None:
    async with api_site(tmp_path, ScriptedModel(calls(INSERT), "Hello Ada!")) as site:
        agent_id = await new_agent(site)
        path = f"/v1/agents/{agent_id}/context"
        before = (await site.http.get(path)).json()
        await say(site, agent_id, {"input": "I am Ada."})
        after = (await site.http.get(path)).json()
    assert (before["num_messages"], before["num_tokens_messages"]) == (0, 0)
    assert [each["role"] for each in after["messages"]] == [
        "user",
        "assistant",
        "tool",
        "assistant",
    ]
    parts = ("system", "core_memory", "summary_memory", "functions_definitions", "messages")
    for told in (before, after):
        total = sum(told[f"num_tokens_{part}"] for part in parts)
        assert told["context_window_size_current"] == total > 0
    assert after["num_tokens_functions_definitions"] > 0
    assert "human" in after["core_memory"]
    assert after["num_recall_memory"] == 4


async def test_a_prompt_is_made_anew_from_the_blocks_as_they_are(tmp_path: Path) -> None:
    model = ScriptedModel(calls(INSERT), "Hello Ada!", "Yes?", "Here.")
    async with (
        api_site(tmp_path, model) as site,
        AsyncLetta(base_url=site.url) as client,
    ):
        agent_id = await new_agent(site)
        await say(site, agent_id, {"input": "I am Ada."})
        tried = await client.agents.recompile(agent_id, dry_run=True)
        await say(site, agent_id, {"input": "Hm."})
        made = await client.agents.recompile(agent_id)
        await say(site, agent_id, {"input": "Hello?"})
    assert "Name: Ada" in tried
    assert made == tried
    heads = [request.prompt[0].text for request in model.requests]
    assert ["Name: Ada" in head for head in heads] == [False, False, False, True]
    assert any("I am Ada." in each.text for each in model.requests[-1].prompt)


async def test_a_window_begins_anew_and_the_history_stays(tmp_path: Path) -> None:
    model = ScriptedModel("Hello!", "Who?")
    async with (
        api_site(tmp_path, model) as site,
        AsyncLetta(base_url=site.url) as client,
    ):
        agent_id = await new_agent(site)
        assert await client.agents.messages.reset(agent_id) is None  # nothing was said yet
        await say(site, agent_id, {"input": "The word is kestrel."})
        path = f"/v1/agents/{agent_id}/reset-messages"
        older = {"user-agent": "letta-client/0.1.324"}
        state = (await site.http.patch(path, headers=older, json={})).json()
        await say(site, agent_id, {"input": "What was the word?"})
        found: list[Any] = await client.messages.search(query="kestrel", agent_id=agent_id)
        refused = await site.http.patch(path, json={"add_default_initial_messages": True})
    assert state["id"] == agent_id
    assert len(state["message_ids"]) <= 1
    assert not any("kestrel" in each.text for each in model.requests[-1].prompt)
    assert found[0].content == "The word is kestrel."
    assert refused.status_code == 501


async def test_a_reset_over_the_api_leaves_the_chats_of_people_as_they_were(
    tmp_path: Path,
) -> None:
    model = ScriptedModel("Hello!", "Kestrel.")
    async with api_site(tmp_path, model) as site:
        first = await site.home.accept("ada", "The word is kestrel.")
        await site.home.heard("ada", until=first.position)
        (agent,) = await site.home.parts.store.list_agents()
        path = f"/v1/agents/{agent.agent_id}/reset-messages"
        assert (await site.http.patch(path, json={})).status_code == 200
        second = await site.home.accept("ada", "What was the word?")
        await site.home.heard("ada", until=second.position)
    assert any("The word is kestrel." in each.text for each in model.requests[-1].prompt)


async def test_a_window_stays_while_a_turn_is_open(tmp_path: Path) -> None:
    gate = asyncio.Event()
    model = ScriptedModel("Hello!", "Hello!", gate=gate)
    async with api_site(tmp_path, model) as site:
        agent_id = await new_agent(site)
        gate.set()
        await say(site, agent_id, {"input": "Hi"})
        gate.clear()
        model.called.clear()
        with anyio.fail_after(PATIENCE):
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(say, site, agent_id, {"input": "Hi again"})
                await model.called.wait()
                answer = await site.http.patch(f"/v1/agents/{agent_id}/reset-messages", json={})
                gate.set()
    assert answer.status_code == 409
    assert "A turn of this agent is open" in answer.json()["detail"]


async def test_a_search_goes_through_all_agents_within_its_dates(tmp_path: Path) -> None:
    async with (
        api_site(tmp_path, ScriptedModel(*["Fine."] * 2)) as site,
        AsyncLetta(base_url=site.url) as client,
    ):
        agents = [await new_agent(site) for _ in range(2)]
        for number, agent_id in enumerate(agents):
            await say(site, agent_id, {"input": f"kestrel {number}"})
        found = await client.messages.search(query="kestrel")
        early: Any = await client.messages.search(query="kestrel", end_date="2020-01-01")
        late = await client.messages.search(query="kestrel", start_date="2020-01-01T00:00:00Z")
        other = await site.http.post(
            "/v1/messages/search", json={"query": "a", "search_mode": "vector"}
        )
    assert {each.agent_id for each in found} == set(agents)
    assert [each.message_type for each in found[:2]] == ["user_message"] * 2
    assert all(each.conversation_id for each in found)
    assert early == []
    assert late == found
    assert other.status_code == 501
