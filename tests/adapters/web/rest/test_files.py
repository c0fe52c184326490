"""Agents as files over the API."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import anyio.to_thread
import httpx
import pytest
from letta_client import AsyncLetta, Letta

from agentcore.model import UserPrompt
from agentcore.records import OWNER, AgentId, new_agent_id
from agentcore.records.content import Content
from agentcore.testing import ScriptedModel
from tests.agentcore.agentfile.test_agent_files import letta_file
from tests.api_site import ApiSite, api_site
from tests.contracts.plain_content import RICH


@pytest.fixture(scope="module")
def model() -> ScriptedModel:
    """Asked once, in one of the tests."""
    return ScriptedModel("Welcome back.")


@pytest.fixture(scope="module")
async def site_for_all(
    tmp_path_factory: pytest.TempPathFactory, model: ScriptedModel
) -> AsyncIterator[ApiSite]:
    async with api_site(tmp_path_factory.mktemp("files"), model) as site:
        yield site


@pytest.fixture
async def site(site_for_all: ApiSite) -> AsyncIterator[ApiSite]:
    """Without what tests before have brought."""
    yield site_for_all
    store = site_for_all.home.parts.store
    for agent in await store.list_agents():
        await site_for_all.http.delete(f"/v1/agents/{agent.agent_id}")
    for tool in await store.custom_tools.all():
        await store.custom_tools.delete(tool.tool_id)


async def bring(site: ApiSite, file: bytes | dict[str, Any], **form: Any) -> httpx.Response:
    data = file if isinstance(file, bytes) else json.dumps(file).encode()
    return await site.http.post("/v1/agents/import", files={"file": ("a.af", data)}, data=form)


async def brought(site: ApiSite, file: dict[str, Any], **form: Any) -> Any:
    (agent_id,) = (await bring(site, file, **form)).json()["agent_ids"]
    return (await site.http.get(f"/v1/agents/{agent_id}")).json()


async def content_of(site: ApiSite, *agents: str) -> Content:
    ids = [AgentId(each) for each in agents]
    return await site.home.parts.store.content.read(ids, OWNER)


async def test_an_agent_goes_out_and_comes_in_again_as_it_was(site: ApiSite) -> None:
    taken_in = await site.home.parts.store.content.add(RICH)
    export = await site.http.get(f"/v1/agents/{taken_in.agents[0]}/export")
    assert export.headers["content-type"] == "application/json"
    answer = (await bring(site, export.content)).json()
    assert await content_of(site, *answer["agent_ids"]) == await content_of(
        site, taken_in.agents[0]
    )
    # Its model isn't offered here, and another server might not have its tool.
    assert answer["left_out"] == []


async def test_an_agent_from_a_letta_server_goes_on_where_it_was(
    site: ApiSite, model: ScriptedModel
) -> None:
    answer = (await bring(site, letta_file())).json()
    (agent_id,) = answer["agent_ids"]
    assert answer["tools_to_switch_on"] == ["weather"]
    state = (await site.http.get(f"/v1/agents/{agent_id}")).json()
    assert {each["label"]: each["value"] for each in state["blocks"]}["human"] == "Name: Ada"
    said = {"messages": [{"role": "user", "content": "Hello again"}]}
    reply = (await site.http.post(f"/v1/agents/{agent_id}/messages", json=said)).json()
    assert reply["messages"][-1]["content"] == "Welcome back."
    (request,) = model.requests
    texts = [each.text for each in request.prompt]
    assert "You are helpful." in texts[0]
    assert "Name: Ada" in texts[0]
    # What was in view there is in view here; what had left it isn't.
    assert any("Let me note that." in each for each in texts)
    assert not any("Hi, I am Ada" in each for each in texts)
    assert isinstance(request.prompt[-1], UserPrompt)
    # A tool that was brought along runs only once somebody has switched it on.
    assert "weather" not in [tool.name for tool in request.tools]


async def test_wishes_are_heeded(site: ApiSite) -> None:
    file = letta_file()
    assert (await brought(site, file))["name"] == "GraciousYak"
    assert (await brought(site, file, append_copy_suffix="true"))["name"] == "GraciousYak_copy"
    assert (await brought(site, file, override_name="Yak"))["name"] == "Yak"
    named = await brought(site, file, name="Yak", strip_messages="true")
    (silent,) = (await content_of(site, named["id"])).agents
    assert (silent.messages, len(named["blocks"])) == ((), 2)
    for refused, status in (
        ({"secrets": '{"KEY": "x"}'}, 501),
        ({"strip_messages": "perhaps"}, 422),
    ):
        assert (await bring(site, file, **refused)).status_code == status


async def test_what_is_no_agent_file_is_refused_and_leaves_nothing(site: ApiSite) -> None:
    wrong = letta_file()
    wrong["agents"][0]["messages"][2]["role"] = 7
    answer = await bring(site, wrong)
    assert answer.status_code == 400
    assert "`agents[0].messages[2].role`" in answer.json()["detail"]
    for data in (b"", b"PK\x03\x04", b"[" * 100_000):
        assert (await bring(site, data)).status_code == 400
    missing = await site.http.post("/v1/agents/import", data={"name": "x"})
    assert missing.status_code == 422
    assert (await site.http.get("/v1/agents/")).json() == []
    assert await site.home.parts.store.custom_tools.all() == ()


async def test_a_file_of_five_megabytes_is_taken(site: ApiSite) -> None:
    file = letta_file()
    file["blocks"][1]["value"] = "x" * 100_000
    last = file["agents"][0]["messages"].pop()
    for number in range(50):
        said = {"id": f"more-{number}", "role": "user", "content": "y" * 100_000}
        file["agents"][0]["messages"].append({**last, **said})
    (agent_id,) = (await bring(site, file)).json()["agent_ids"]
    (agent,) = (await content_of(site, agent_id)).agents
    assert len(agent.messages) == 54


async def test_secrets_stay_here(site: ApiSite) -> None:
    (agent_id, *_) = (await site.home.parts.store.content.add(RICH)).agents
    await site.http.patch(f"/v1/agents/{agent_id}", json={"secrets": {"KEY": "s3cret"}})
    export = await site.http.get(f"/v1/agents/{agent_id}/export")
    assert "s3cret" not in export.text


async def test_what_was_said_can_be_left_out(site: ApiSite) -> None:
    (agent_id, *_) = (await site.home.parts.store.content.add(RICH)).agents
    path = f"/v1/agents/{agent_id}/export"
    file = (await site.http.get(path, params={"scrub_messages": True})).json()
    assert [each["role"] for each in file["agents"][0]["messages"]] == ["system"]
    assert "Lisbon" not in json.dumps(file["agents"][0]["familiar"]["threads"])
    assert (await bring(site, file)).status_code == 200
    for query in ({"use_legacy_format": True}, {"conversation_id": "conv-1"}):
        assert (await site.http.get(path, params=query)).status_code == 501
    assert (await site.http.get(f"/v1/agents/{new_agent_id()}/export")).status_code == 404


async def test_the_clients_export_and_import(site: ApiSite) -> None:
    (agent_id, *_) = (await site.home.parts.store.content.add(RICH)).agents

    def as_it_does() -> str:
        with Letta(base_url=site.url, api_key="none") as client:
            text = client.agents.export_file(agent_id)
            made = client.agents.import_file(file=("a.af", text.encode()), name="Copy")
            return made.agent_ids[0]

    copy = await anyio.to_thread.run_sync(as_it_does)
    async with AsyncLetta(base_url=site.url, api_key="none") as client:
        assert (await client.agents.retrieve(copy)).name == "Copy"
        text = await client.agents.export_file(copy)
        made = await client.agents.import_file(file=text.encode(), append_copy_suffix=True)
        assert (await client.agents.retrieve(made.agent_ids[0])).name == "Copy_copy"


async def test_a_model_that_is_not_offered_gives_way_to_the_services_own(tmp_path: Path) -> None:
    async with api_site(tmp_path, ScriptedModel(), model="openai/gpt-5-mini") as site:
        file = letta_file()
        answer = (await bring(site, file)).json()
        assert any("openai/gpt-4o-mini" in each for each in answer["left_out"])
        assert (await brought(site, file))["model"] == "openai/gpt-5-mini"
        assert (await bring(site, file, model="openai/gpt-4o-mini")).status_code == 404
        named = await brought(site, file, model="openai/gpt-5-mini")
        assert named["model"] == "openai/gpt-5-mini"
