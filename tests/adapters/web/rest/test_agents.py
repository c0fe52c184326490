"""Agents over REST, as clients of both generations use them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import anyio.to_thread
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from letta_client import APIStatusError, AsyncLetta, Letta, NotFoundError

from adapters.web.rest.agents.bodies import AgentChanges
from adapters.web.rest.agents.making import BASE_TOOLS
from agentcore.records import AgentId
from agentcore.templates import PLAIN_SYSTEM
from agentcore.testing import ScriptedModel
from tests.api_site import ApiSite, api_site

NOBODY = "00000000-0000-4000-8000-000000000000"
OLDER = {"User-Agent": "letta-client/0.1.324"}


@pytest.fixture(scope="module")
async def site(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ApiSite]:
    async with api_site(tmp_path_factory.mktemp("site")) as site:
        yield site


async def refused(site: ApiSite, method: str, path: str, body: Any = None) -> tuple[int, str]:
    answer = await site.http.request(method, path, json=body)
    assert answer.status_code >= 400, answer.text
    return answer.status_code, str(answer.json()["detail"])


async def test_an_agent_that_was_made_is_found_changed_and_deleted(site: ApiSite) -> None:
    async with AsyncLetta(base_url=site.url) as client:
        made = await client.agents.create(
            name="Ada",
            model="openai/gpt-4o-mini",
            embedding="openai/text-embedding-3-small",
            memory_blocks=[{"label": "human", "value": "Name: Eva", "limit": 500}],
            tags=["b", "a"],
            metadata={"team": 7},
            description="For tests.",
            timezone="Asia/Tokyo",
            context_window_limit=8_000,
        )
        assert await client.agents.retrieve(made.id) == made
        assert [each.id for each in (await client.agents.list(name="Ada")).items] == [made.id]
        changed = await client.agents.update(
            made.id, name="Bea", tags=[], description=None, metadata={}, context_window_limit=9_000
        )
        assert await client.agents.retrieve(made.id) == changed
        await client.agents.delete(made.id)
        with pytest.raises(NotFoundError):
            await client.agents.retrieve(made.id)
    assert (made.name, made.tags, made.metadata) == ("Ada", ["a", "b"], {"team": 7})
    assert (made.description, made.timezone) == ("For tests.", "Asia/Tokyo")
    assert (made.embedding, made.llm_config.context_window) == (
        "openai/text-embedding-3-small",
        8_000,
    )
    [block] = made.memory.blocks
    assert (block.label, block.value, block.limit) == ("human", "Name: Eva", 500)
    assert made.blocks == made.memory.blocks
    assert (changed.name, changed.tags, changed.description) == ("Bea", [], None)
    assert (changed.metadata, changed.llm_config.context_window) == ({}, 9_000)
    assert changed.timezone == "Asia/Tokyo"


async def test_the_synchronous_client_does_the_same(site: ApiSite) -> None:
    def work() -> tuple[Any, Any]:
        with Letta(base_url=site.url) as client:
            made = client.agents.create(model="openai/gpt-4o-mini", tags=["sync"])
            [found] = client.agents.list(tags=["sync"])
            client.agents.delete(made.id)
            return made, found

    made, found = await anyio.to_thread.run_sync(work)
    assert found.id == made.id


async def test_an_agent_made_of_nothing_has_all_that_one_needs(site: ApiSite) -> None:
    state = (await site.http.post("/v1/agents/", json={})).json()
    assert state["name"].isalpha()
    assert state["agent_type"] == "letta_v1_agent"
    assert state["system"] == PLAIN_SYSTEM
    assert [tool["name"] for tool in state["tools"]] == list(BASE_TOOLS)
    assert (state["blocks"], state["sources"], state["tags"]) == ([], [], [])
    assert state["llm_config"]["handle"] == state["model"] == "offline"


async def test_with_the_built_in_model_alone_any_handle_is_kept_and_the_state_says_who_answers(
    site: ApiSite,
) -> None:
    state = await site.agent(model="anthropic/claude-sonnet")
    assert (state["model"], state["answered_by"]) == ("anthropic/claude-sonnet", "offline")
    assert state["llm_config"]["model"] == "claude-sonnet"
    answer = await site.http.post(f"/v1/agents/{state['id']}/messages", json={"input": "Hello"})
    assert answer.json()["stop_reason"]["stop_reason"] == "end_turn"


async def test_a_model_off_the_allow_list_is_not_found(tmp_path: Path) -> None:
    async with api_site(
        tmp_path, ScriptedModel(), model="openai/gpt-4o-mini", models=["openai/gpt-4o"]
    ) as site:
        state = (await site.http.post("/v1/agents", json={"model": "openai/gpt-4o"})).json()
        assert state["answered_by"] == "openai/gpt-4o"
        status, detail = await refused(site, "POST", "/v1/agents", {"model": "openai/gpt-5"})
        assert (status, "openai/gpt-4o" in detail) == (404, True)
        path = f"/v1/agents/{state['id']}"
        assert (await refused(site, "PATCH", path, {"model": "openai/gpt-5"}))[0] == 404
        default = (await site.http.post("/v1/agents", json={})).json()
        assert default["model"] == "openai/gpt-4o-mini"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"model": "gpt-4o-mini"}, 400),
        ({"tools": ["no_such_tool"]}, 404),
        ({"tool_ids": [f"tool-{NOBODY}"]}, 404),
        ({"block_ids": [f"block-{NOBODY}"]}, 404),
        ({"identity_ids": [f"identity-{NOBODY}"]}, 404),
        ({"from_template": "nobody"}, 404),
        ({"block_ids": ["block-1"]}, 422),
        ({"name": ""}, 422),
        ({"name": 7}, 422),
        ({"context_window_limit": 1}, 422),
        ({"llm_config": {"handle": "a/b", "context_window": "wide"}}, 422),
        ({"timezone": "Middle/Earth"}, 422),
        ({"agent_type": "robot"}, 422),
        ({"memory_variables": {"name": "Ada"}}, 422),
        ({"memory_blocks": [{"label": "a"}, {"label": "a"}]}, 422),
        ({"memory_blocks": [{"label": "a", "value": "12345", "limit": 4}]}, 422),
        ({"memory_blocks": [{"value": "no label"}]}, 422),
        ({"metadata": {"a": "b" * 100_000}}, 422),
        ({"tool_rules": [{"a": "b" * 60_000}] * 2}, 422),
        ({"secrets": {"A": "b" * 60_000, "B": "b" * 60_000}}, 422),
    ],
)
async def test_what_can_not_be_made_is_refused_and_nothing_is_left_of_it(
    site: ApiSite, body: dict[str, Any], status: int
) -> None:
    before = (await site.http.get("/v1/agents/count")).json()
    assert (await refused(site, "POST", "/v1/agents", body))[0] == status
    assert (await site.http.get("/v1/agents/count")).json() == before


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({"message_buffer_autoclear": True}, "message_buffer_autoclear"),
        ({"enable_sleeptime": True}, "enable_sleeptime"),
        ({"model_settings": {"provider_type": "openai", "temperature": 1}}, "temperature"),
        ({"response_format": {"type": "json_object"}}, "response_format"),
        ({"compaction_settings": {"prompt": "Short."}}, "compaction_settings.prompt"),
        ({"tool_rules": [{"type": "run_first", "tool_name": "memory_insert"}]}, "run_first"),
        ({"tool_rules": [{"tool_name": "memory_insert"}]}, "a rule of `tool_rules` without a type"),
        ({"folder_ids": ["folder-1"]}, "folder_ids"),
        ({"max_tokens": 5}, "max_tokens"),
    ],
)
async def test_what_is_not_built_is_refused_by_name_when_made_and_when_changed(
    site: ApiSite, body: dict[str, Any], named: str
) -> None:
    agent = await site.agent()
    for method, path in (("POST", "/v1/agents"), ("PATCH", f"/v1/agents/{agent['id']}")):
        status, detail = await refused(site, method, path, body)
        assert status == 501
        assert named in detail
        assert detail.endswith("Leave it out.")


async def test_what_a_list_shows_can_be_deleted_page_by_page(site: ApiSite) -> None:
    async with AsyncLetta(base_url=site.url) as client:
        for number in range(5):
            await client.agents.create(name=f"gone {number}", tags=["gone"])
            await client.blocks.create(label="gone", value=str(number))
        async for agent in client.agents.list(tags=["gone"], limit=2):
            await client.agents.delete(agent.id)
        async for block in client.blocks.list(label="gone", limit=2):
            await client.blocks.delete(block.id)
        left = await client.agents.list(tags=["gone"]), await client.blocks.list(label="gone")
    assert [each.items for each in left] == [[], []]


async def test_who_asks_for_tools_that_are_not_there_reads_which_there_are(site: ApiSite) -> None:
    body = {"tools": ["web_search", "memory_insert", "run_code"]}
    _, detail = await refused(site, "POST", "/v1/agents", body)
    assert detail.startswith("Tools not found: web_search, run_code. ")
    assert "archival_memory_search, " in detail
    assert "/v1/tools" in detail


async def test_what_changes_nothing_here_is_kept_and_given_back(site: ApiSite) -> None:
    kept: dict[str, Any] = {
        "agent_type": "memgpt_v2_agent",
        "tool_rules": [{"type": "requires_approval", "tool_name": "memory_insert"}],
        "model_settings": {"provider_type": "openai", "parallel_tool_calls": True},
        "response_format": {"type": "text"},
        "project_id": "project-1",
    }
    agent = await site.agent(**kept)
    again = (await site.http.get(f"/v1/agents/{agent['id']}")).json()
    assert {name: again[name] for name in kept} == kept


async def test_tools_are_named_by_their_names_older_names_and_ids(site: ApiSite) -> None:
    agent = await site.agent(
        tools=["send_message", "core_memory_append", "archival_memory_search"],
        include_base_tools=False,
    )
    names = [tool["name"] for tool in agent["tools"]]
    assert names == ["memory_insert", "archival_memory_search"]
    ids = [agent["tools"][1]["id"]]
    path = f"/v1/agents/{agent['id']}"
    changed = (await site.http.patch(path, json={"tool_ids": ids})).json()
    assert [tool["id"] for tool in changed["tools"]] == ids


async def test_an_agent_is_made_from_a_template_and_from_what_else_is_said(site: ApiSite) -> None:
    agent = await site.agent(
        from_template="friend",
        memory_variables={"bot_name": "Pip"},
        memory_blocks=[{"label": "human", "value": "Name: Ada"}, {"label": "extra"}],
    )
    blocks = {block["label"]: block["value"] for block in agent["blocks"]}
    assert blocks["human"] == "Name: Ada"
    assert "Pip" in blocks["persona"]
    assert "extra" in blocks
    assert "Pip" in agent["system"]


async def test_secrets_are_shown_only_to_who_asks_for_them(site: ApiSite) -> None:
    agent = await site.agent(secrets={"KEY": "hush-hush"})
    path = f"/v1/agents/{agent['id']}"
    assert agent["secrets"] == []
    listed = await site.http.get("/v1/agents")
    assert "hush-hush" not in listed.text
    shown = (await site.http.get(path, params={"include": "agent.secrets"})).json()
    assert [(each["key"], each["value"]) for each in shown["secrets"]] == [("KEY", "hush-hush")]
    token = await site.home.parts.store.tokens.create("app", AgentId(agent["id"]))
    bearer = {"Authorization": f"Bearer {token.text}"}
    for each in (path, "/v1/agents"):
        found = await site.http.get(each, params={"include": "agent.secrets"}, headers=bearer)
        assert found.status_code == 200
        assert "hush-hush" not in found.text


async def test_people_whom_an_agent_answers_are_found_in_its_state_and_find_it(
    site: ApiSite,
) -> None:
    made = await site.http.post(
        "/v1/identities",
        json={"identifier_key": "customer-9", "name": "Nine", "identity_type": "user"},
    )
    identity = made.json()["id"]
    agent = await site.agent(identity_ids=[identity])
    assert agent["identity_ids"] == [identity]
    for query in ({"identity_id": identity}, {"identifier_keys": "customer-9"}):
        found = await site.http.get("/v1/agents", params={**query, "include": "agent.identities"})
        [state] = found.json()
        assert [each["identifier_key"] for each in state["identities"]] == ["customer-9"]
    path = f"/v1/agents/{agent['id']}"
    assert (await site.http.patch(path, json={"identity_ids": []})).json()["identity_ids"] == []


async def test_a_list_goes_on_where_its_page_ended(site: ApiSite) -> None:
    made = {(await site.agent(tags=["paged"]))["id"] for _ in range(5)}
    async with AsyncLetta(base_url=site.url) as client:
        found = [each.id async for each in await client.agents.list(tags=["paged"], limit=2)]
    assert len(found) == 5
    assert set(found) == made
    newest_last = await site.http.get("/v1/agents", params={"tags": "paged", "order": "asc"})
    assert [each["id"] for each in newest_last.json()] == found[::-1]


async def test_tags_are_listed_by_name(site: ApiSite) -> None:
    await site.agent(tags=["zebra-1", "zebra-2", "zebra-3"])

    async def tags(**query: Any) -> Any:
        return (await site.http.get("/v1/tags/", params={"name": "Zebra", **query})).json()

    assert await tags() == ["zebra-1", "zebra-2", "zebra-3"]
    assert await tags(limit=2) == ["zebra-1", "zebra-2"]
    assert await tags(after="zebra-2") == ["zebra-3"]
    assert await tags(order="desc", after="zebra-2") == ["zebra-1"]
    assert await tags(before="zebra-3", limit=1) == ["zebra-2"]


@pytest.mark.parametrize("path", ["/v1/agents/agent-1", "/v1/agents?after=agent-1"])
async def test_an_id_of_another_form_is_refused_as_such(site: ApiSite, path: str) -> None:
    assert (await refused(site, "GET", path))[0] == 422


async def test_an_agent_that_is_not_there_is_not_found_by_any_way(site: ApiSite) -> None:
    path = f"/v1/agents/agent-{NOBODY}"
    for method, body in (("GET", None), ("PATCH", {"name": "Ada"}), ("DELETE", None)):
        status, detail = await refused(site, method, path, body)
        assert status == 404
        assert f"agent-{NOBODY}" in detail


async def test_a_deleted_agent_says_so_and_is_gone_with_all_it_knew(site: ApiSite) -> None:
    agent = await site.agent(memory_blocks=[{"label": "human", "value": "Likes quinces."}])
    path = f"/v1/agents/{agent['id']}"
    await site.http.post(f"{path}/messages", json={"input": "Hello"})
    block = f"/v1/blocks/{agent['blocks'][0]['id']}"
    assert (await site.http.get(block)).status_code == 200
    gone = await site.http.delete(path)
    assert gone.json() == {"message": f"Agent id={agent['id']} successfully deleted"}
    for each in (path, block, f"{path}/messages", f"{path}/core-memory/blocks"):
        assert (await refused(site, "GET", each))[0] == 404
    assert (await refused(site, "DELETE", path))[0] == 404


async def test_the_older_client_is_shown_what_it_can_not_ask_for(site: ApiSite) -> None:
    agent = await site.agent(secrets={"KEY": "value"})
    path = f"/v1/agents/{agent['id']}"
    state = (await site.http.get(path, headers=OLDER)).json()
    assert [each["key"] for each in state["secrets"]] == ["KEY"]
    new = {**OLDER, "x-stainless-package-version": "1.12.1"}
    assert (await site.http.get(path, headers=new)).json()["secrets"] == []
    config = {"model": "gpt-4o-mini", "model_endpoint_type": "openai", "context_window": 32_000}
    body = {"llm_config": {**config, "temperature": 0.7}}
    older = (await site.http.post("/v1/agents/", json=body, headers=OLDER)).json()
    assert older["model"] == "openai/gpt-4o-mini"
    assert older["llm_config"] | config | {"temperature": 0.7} == older["llm_config"]


async def test_the_client_says_what_went_wrong(site: ApiSite) -> None:
    async with AsyncLetta(base_url=site.url, max_retries=0) as client:
        with pytest.raises(APIStatusError) as caught:
            await client.agents.create(model="openai/gpt-4o-mini", enable_sleeptime=True)
    assert caught.value.status_code == 501
    assert "enable_sleeptime" in str(caught.value)


SETTABLE = sorted(AgentChanges.model_fields)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["type", "a"]), inner, max_size=2)
    ),
    max_leaves=5,
)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(body=st.dictionaries(st.sampled_from(SETTABLE), JSON, max_size=4))
async def test_whatever_is_sent_as_a_change_is_made_as_a_whole_or_refused_as_a_whole(
    site: ApiSite, one: AgentId, body: dict[str, Any]
) -> None:
    path = f"/v1/agents/{one}"
    before = (await site.http.get(path)).json()
    answer = await site.http.patch(path, json=body)
    after = (await site.http.get(path)).json()
    assert answer.status_code < 500 or answer.status_code == 501, answer.text
    if answer.status_code == 200:
        changed = answer.json()
        assert changed["id"] == one
        assert {name: after[name] for name in ("name", "tags", "system")} == {
            name: changed[name] for name in ("name", "tags", "system")
        }
    else:
        assert after == before


@pytest.fixture(scope="module")
async def one(site: ApiSite) -> AgentId:
    return AgentId((await site.agent())["id"])
