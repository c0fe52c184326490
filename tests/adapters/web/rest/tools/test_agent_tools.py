"""The tools that an agent has, over the API."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import anyio
import pytest
from letta_client import APIStatusError, AsyncLetta, Letta, NotFoundError

from agentcore.testing import ScriptedCode, ScriptedModel
from agentcore.tools.code import Code, CodeResult
from bot.app import Replacements
from tests.api_site import ApiSite, api_site
from tests.house import FAST, call, calls
from tests.tool_sources import SOURCE, an_agent


async def test_agents_are_given_tools_and_have_them_taken(client: AsyncLetta) -> None:
    made = await client.tools.create(source_code=SOURCE)
    agent_id = await an_agent(client, "memory_insert")
    assert await client.agents.tools.attach(made.id, agent_id=agent_id) is None
    assert await client.agents.tools.attach(made.id, agent_id=agent_id) is None
    found = await client.agents.tools.list(agent_id, order="asc")
    assert [tool.name for tool in found.items] == ["memory_insert", "roll_dice"]
    state = await client.agents.retrieve(agent_id)
    assert [tool.id for tool in state.tools] == [tool.id for tool in found.items]
    assert await client.agents.tools.detach(found.items[0].id, agent_id=agent_id) is None
    left = await client.agents.tools.list(agent_id)
    assert [tool.name for tool in left.items] == ["roll_dice"]
    with pytest.raises(NotFoundError):
        await client.agents.tools.attach(
            "tool-00000000-0000-4000-8000-000000000000", agent_id=agent_id
        )
    with pytest.raises(NotFoundError):
        await client.agents.tools.attach(
            made.id, agent_id="agent-00000000-0000-4000-8000-000000000000"
        )


async def test_an_agent_s_tool_waits_for_a_yes_when_that_is_wanted(client: AsyncLetta) -> None:
    agent_id = await an_agent(client, "memory_insert")

    async def agreed(*, required: bool) -> list[Any] | None:
        answered = await client.agents.tools.update_approval(
            "memory_insert", agent_id=agent_id, body_requires_approval=required
        )
        assert answered is None
        return (await client.agents.retrieve(agent_id)).tool_rules

    rules = await agreed(required=True)
    assert rules is not None
    assert [(rule.type, rule.tool_name) for rule in rules] == [
        ("requires_approval", "memory_insert")
    ]
    assert await agreed(required=False) == []
    with pytest.raises(NotFoundError, match="no tool roll_dice"):
        await client.agents.tools.update_approval(
            "roll_dice", agent_id=agent_id, body_requires_approval=True
        )


async def test_the_older_client_is_answered_with_the_agent(
    client: AsyncLetta, site: ApiSite
) -> None:
    made = await client.tools.create(source_code=SOURCE)
    path = f"/v1/agents/{await an_agent(client)}/tools"
    older = {"User-Agent": "letta-client/0.1.324"}
    attached = await site.http.patch(f"{path}/attach/{made.id}", headers=older)
    assert [tool["name"] for tool in attached.json()["tools"]] == ["roll_dice"]
    waits = await site.http.patch(
        f"{path}/approval/roll_dice?requires_approval=true", headers=older
    )
    assert waits.json()["tool_rules"] == [{"tool_name": "roll_dice", "type": "requires_approval"}]
    detached = await site.http.patch(f"{path}/detach/{made.id}", headers=older)
    assert detached.json()["tools"] == []
    unsaid = await site.http.patch(f"{path}/approval/roll_dice", headers=older)
    assert (unsaid.status_code, "requires_approval" in unsaid.text) == (422, True)


async def test_a_tool_is_called_for_an_agent(client: AsyncLetta, code: ScriptedCode) -> None:
    code.will(CodeResult("success", "6", stdout="rolling\n"), CodeResult("error", "no"))
    await client.tools.create(source_code=SOURCE)
    agent_id = await an_agent(client, "roll_dice", "memory_insert")
    ran = await client.agents.tools.run("roll_dice", agent_id=agent_id, args={"sides": 6})
    assert (ran.status, ran.func_return, ran.stdout) == ("success", "6", ["rolling\n"])
    assert code.calls == [Code(SOURCE, "roll_dice", {"sides": 6}, 50_000)]
    failed = await client.agents.tools.run("roll_dice", agent_id=agent_id)
    assert (failed.status, failed.func_return) == ("error", "no")
    with pytest.raises(NotFoundError):
        await client.agents.tools.run("throw_dice", agent_id=agent_id)
    with pytest.raises(APIStatusError, match="outside a turn"):
        await client.agents.tools.run("memory_insert", agent_id=agent_id)


async def test_a_tool_is_given_its_agent_s_secrets(client: AsyncLetta, code: ScriptedCode) -> None:
    code.will("6")
    await client.tools.create(source_code=SOURCE)
    made = await client.agents.create(tools=["roll_dice"], secrets={"KEY": "x"})
    await client.agents.tools.run("roll_dice", agent_id=made.id)
    assert code.calls[0].environment == {"KEY": "x"}


async def test_from_a_source_to_an_answer(tmp_path: Path) -> None:
    if shutil.which("bwrap") is None:
        pytest.skip("bubblewrap isn't installed (on Debian and Ubuntu: apt install bubblewrap)")
    model = ScriptedModel(
        calls(call("add", '{"numbers": [20, 22]}')), "It is 42.", name="openai/gpt-4o-mini"
    )
    source = (
        'def add(numbers: list[int]) -> dict:\n    """Add."""\n    return {"sum": sum(numbers)}'
    )

    def talked(url: str) -> Any:
        with Letta(base_url=url, api_key="any") as client:
            made = client.tools.create(source_code=source)
            agent = client.agents.create(model="openai/gpt-4o-mini")
            client.agents.tools.attach(made.id, agent_id=agent.id)
            return client.agents.messages.create(agent.id, input="20 + 22?")

    async with api_site(tmp_path, model, model="openai/gpt-4o-mini", allow_code_tools=True) as site:
        answered = await anyio.to_thread.run_sync(talked, site.url)
    asked, returned, said = answered.messages
    assert (asked.message_type, asked.tool_call.name) == ("tool_call_message", "add")
    assert (returned.status, json.loads(returned.tool_return)) == ("success", {"sum": 42})
    assert said.content == "It is 42."


async def test_a_tool_that_needs_a_yes_runs_once_it_is_there(tmp_path: Path) -> None:
    rolls = calls(call("roll_dice", '{"sides": 6}', "c-1"))
    model = ScriptedModel(rolls, "It is a 6.", name="openai/gpt-4o-mini")
    code = ScriptedCode("6")
    replaced = Replacements(limits=FAST, code=code)
    async with (
        api_site(tmp_path, model, replacements=replaced, model="openai/gpt-4o-mini") as site,
        AsyncLetta(base_url=site.url, api_key="any", max_retries=0) as client,
    ):
        await client.tools.create(source_code=SOURCE, default_requires_approval=True)
        agent_id = await an_agent(client, "roll_dice")
        asked = await client.agents.messages.create(agent_id, input="Roll!")
        assert asked.stop_reason.stop_reason == "requires_approval"
        assert code.calls == []
        answered = await client.agents.messages.create(
            agent_id,
            messages=[
                {
                    "type": "approval",
                    "approvals": [{"type": "approval", "tool_call_id": "c-1", "approve": True}],
                }
            ],
        )
        assert answered.messages[-1].message_type == "assistant_message"
        assert [each.arguments for each in code.calls] == [{"sides": 6}]
