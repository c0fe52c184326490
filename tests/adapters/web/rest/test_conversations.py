"""Conversations of an agent: each with a window of its own."""

from __future__ import annotations

from pathlib import Path

import pytest
from letta_client import AsyncLetta, InternalServerError

from agentcore.testing import ScriptedModel
from tests.adapters.web.rest.test_messages import new_agent, say
from tests.api_site import api_site
from tests.house import call, calls


async def test_a_conversation_is_looked_at_and_gone_on_with(tmp_path: Path) -> None:
    async with (
        api_site(tmp_path, ScriptedModel("Hello!", "Hello again!", "And again!")) as site,
        AsyncLetta(base_url=site.url) as client,
    ):
        agent_id = await new_agent(site)
        await say(site, agent_id, {"input": "Hi"})
        (place,) = await client.conversations.list(agent_id=agent_id)
        stream = await client.conversations.messages.create(place.id, input="Hi again")
        events = [event async for event in stream]
        path = f"/v1/conversations/{place.id}/messages"
        whole = await site.http.post(path, json={"input": "Once more", "streaming": False})
        there = await client.conversations.retrieve(place.id)
        said = (await client.conversations.messages.list(place.id)).items
        one = await client.messages.retrieve(said[-1].id)
        with pytest.raises(InternalServerError, match="not offered by this server") as refused:
            await client.conversations.delete(place.id)
        for path in (
            "steps?tags=a",
            "conversations?summary_search=a",
            f"agents/{agent_id}/messages?group_id=a",
        ):
            assert (await site.http.get(f"/v1/{path}")).status_code == 501
        assert (await client.conversations.list(archive_status="archived")) == []
        missing = "conv-00000000-0000-4000-8000-000000000001"
        nowhere = await site.http.post(
            f"/v1/conversations/{missing}/messages", json={"input": "Hi"}
        )
    assert (place.agent_id, place.in_context_message_ids) == (agent_id, [])
    assert [each.content for each in events if each.message_type == "assistant_message"] == [
        "Hello again!"
    ]
    assert whole.json()["messages"][0]["content"] == "And again!"
    assert there.in_context_message_ids == [each.id for each in said[1:]]
    assert there.last_message_at is not None
    assert [each.id for each in one] == [said[-1].id]
    assert refused.value.response.request.headers["x-stainless-retry-count"] == "0"
    assert nowhere.status_code == 404


async def test_conversations_with_one_agent_have_a_view_each_and_one_memory(tmp_path: Path) -> None:
    note = call("memory_insert", '{"label": "human", "new_string": "Name: Ada"}')
    model = ScriptedModel(calls(note), "Hello Ada!", "You are Ada.", "Hello!")
    async with (
        api_site(tmp_path, model) as site,
        AsyncLetta(base_url=site.url) as client,
    ):
        agent_id = await new_agent(site)
        first, second = [await client.conversations.create(agent_id=agent_id) for _ in range(2)]
        for place, line in ((first, "I am Ada."), (second, "Who am I?")):
            async for _ in await client.conversations.messages.create(place.id, input=line):
                pass
        shown = str(model.requests[-1])
        await say(site, agent_id, {"input": "Hi"})
        listed = await client.conversations.list(agent_id=agent_id)
        there = (await client.conversations.messages.list(second.id)).items
        everywhere = (await client.agents.messages.list(agent_id)).items
        refused = {
            (await site.http.post("/v1/conversations", params=asked, json=body)).status_code
            for asked, body in (
                ({"agent_id": agent_id}, {"summary": "Ada"}),
                ({"agent_id": agent_id}, {"isolated_block_labels": ["human"]}),
            )
        }
        nobody = {"agent_id": "agent-00000000-0000-4000-8000-000000000001"}
        missing = await site.http.post("/v1/conversations", params=nobody)
    assert "Name: Ada" in shown
    assert "I am Ada." not in shown
    assert {each.id for each in listed} > {first.id, second.id}
    assert len(listed) == 3
    assert [each.content for each in there if each.message_type == "user_message"] == ["Who am I?"]
    assert [each.content for each in everywhere if each.message_type == "user_message"] == [
        "I am Ada.",
        "Who am I?",
        "Hi",
    ]
    assert refused == {501}
    assert missing.status_code == 404
