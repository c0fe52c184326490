"""Tools that the client carries out, over the API."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from letta_client import AsyncLetta

from agentcore.testing import ScriptedModel
from tests.adapters.web.rest.test_messages import new_agent, say
from tests.api_site import api_site
from tests.house import call, calls

LAMP: Any = {
    "name": "switch_lamp",
    "description": "Switch the lamp.",
    "parameters": {"type": "object", "properties": {"on": {"type": "boolean"}}},
}
SWITCH = calls(call("switch_lamp", '{"on": true}', "call-7"))


async def test_a_client_carries_out_its_own_tools(tmp_path: Path) -> None:
    model = ScriptedModel(SWITCH, "It is on.")
    async with api_site(tmp_path, model) as site, AsyncLetta(base_url=site.url) as client:
        agent_id = await new_agent(site)
        asked = await client.agents.messages.create(
            agent_id, input="Light, please.", client_tools=[LAMP]
        )
        early = await say(site, agent_id, {"input": "Well?"})
        returned = {"type": "tool", "tool_call_id": "call-7", "tool_return": "lit"}
        lit: Any = {"type": "approval", "approvals": [{**returned, "status": "success"}]}
        answer = await client.agents.messages.create(agent_id, messages=[lit], client_tools=[LAMP])
        late = await say(
            site,
            agent_id,
            {
                "messages": [
                    {"type": "tool_return", "tool_returns": [{**returned, "status": "error"}]}
                ]
            },
        )
    assert asked.stop_reason.stop_reason == "requires_approval"
    (request,) = asked.messages
    assert request.message_type == "approval_request_message"
    assert request.tool_call.tool_call_id == "call-7"
    assert (early.status_code, late.status_code) == (409, 409)
    assert [each.message_type for each in answer.messages] == [
        "tool_return_message",
        "assistant_message",
    ]
    assert model.requests[-1].prompt[-1].text == "lit"


async def test_all_calls_of_a_message_are_refused_at_once(tmp_path: Path) -> None:
    model = ScriptedModel(SWITCH, "Then not.")
    async with api_site(tmp_path, model) as site:
        agent_id = await new_agent(site)
        asked = (await say(site, agent_id, {"input": "Light!", "client_tools": [LAMP]})).json()
        refusal = {
            "type": "approval",
            "approve": False,
            "approval_request_id": asked["messages"][0]["id"],
            "reason": "It is day.",
        }
        answer = await say(site, agent_id, {"messages": [refusal], "client_tools": [LAMP]})
        unknown = {**refusal, "approval_request_id": agent_id}
        assert (await say(site, agent_id, {"messages": [unknown]})).status_code == 404
    assert [each["message_type"] for each in answer.json()["messages"]] == [
        "tool_return_message",
        "assistant_message",
    ]
    assert "It is day." in answer.json()["messages"][0]["tool_return"]
