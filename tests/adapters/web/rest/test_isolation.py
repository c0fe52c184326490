"""A token that is for one agent shows nothing of another, and changes nothing there, whatever it is
shown for: every operation that the API describes is tried.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx

from agentcore.records import OWNER, AgentId
from agentcore.testing import ScriptedModel
from tests.adapters.web.rest.operations import Asked, requests
from tests.api_site import ApiSite, api_site
from tests.house import PATIENCE

MARK = "marzipan"
"""Stands in all that is the other agent's, and in nothing that is sent here."""


async def post(site: ApiSite, path: str, body: Any) -> Any:
    answer = await site.http.post(path, json=body)
    assert answer.status_code == 200, (path, answer.text)
    return answer.json()


async def the_other(site: ApiSite) -> Mapping[str, Any]:
    """The ids of an agent, and of all that is its own, by the names that the API has for them."""
    block = {"label": "human", "value": f"Likes {MARK}.", "description": f"{MARK} lover"}
    agent = await post(
        site,
        "/v1/agents",
        {"name": MARK, "memory_blocks": [block], "tags": [MARK], "metadata": {MARK: MARK}},
    )
    agent_id = agent["id"]
    [passage] = await post(site, f"/v1/agents/{agent_id}/archival-memory", {"text": f"On {MARK}."})
    said = await post(site, f"/v1/agents/{agent_id}/messages", {"input": f"Hello, {MARK}!"})
    message = said["messages"][-1]
    identity = await post(
        site,
        "/v1/identities",
        {"identifier_key": MARK, "name": MARK, "identity_type": "user", "agent_ids": [agent_id]},
    )
    hook, _ = await site.home.parts.store.webhooks.create(
        AgentId(agent_id), f"http://127.0.0.1:1/{MARK}", ["run.ended"], OWNER
    )
    return {
        "webhook_id": hook.webhook_id,
        "agent_id": agent_id,
        "block_id": agent["blocks"][0]["id"],
        "block_label": "human",
        "identity_id": identity["id"],
        "message_id": message["id"],
        "passage_id": passage["id"],
        "archive_id": passage["archive_id"],
        "run_id": message["run_id"],
        "step_id": message["step_id"],
        "tool_id": agent["tools"][0]["id"],
        "tool_name": agent["tools"][0]["name"],
        "conversation_id": agent_id.replace("agent", "conv"),
    }


async def state(site: ApiSite, agent_id: str) -> Any:
    """All that an administrator sees of an agent."""
    export = await site.http.get(f"/v1/agents/{agent_id}/export")
    agent = await site.http.get(f"/v1/agents/{agent_id}")
    return agent.json(), export.json()["blocks"], export.json()["agents"][0]["messages"]


async def asked(http: httpx.AsyncClient, each: Asked) -> tuple[int, str]:
    """The status and the text of an answer; of a feed that doesn't end by itself, none."""
    async with http.stream(each.method, each.path, params=each.query, json=each.body) as answer:
        endless = each.method == "GET" and "event-stream" in answer.headers.get("content-type", "")
        return answer.status_code, "" if endless else (await answer.aread()).decode()


@asynccontextmanager
async def beside_another(folder: Path) -> AsyncIterator[tuple[ApiSite, Mapping[str, Any], str]]:
    """A site with two agents: what is the one's, and the id of the other."""
    model = ScriptedModel(f"Yes, {MARK}.", *["Fine."] * 20)
    async with api_site(folder, model) as site:
        theirs = await the_other(site)
        mine = await post(site, "/v1/agents", {"name": "Mine"})
        yield site, theirs, mine["id"]


@asynccontextmanager
async def with_a_token_for(site: ApiSite, agent_id: str) -> AsyncIterator[httpx.AsyncClient]:
    made = await site.home.parts.store.tokens.create("widget", AgentId(agent_id))
    headers = {"Authorization": f"Bearer {made.text}"}
    async with httpx.AsyncClient(base_url=site.url, headers=headers, timeout=PATIENCE) as http:
        yield http


async def test_no_operation_shows_or_changes_another_agent(tmp_path: Path) -> None:
    async with (
        beside_another(tmp_path) as (site, theirs, mine),
        with_a_token_for(site, mine) as http,
    ):
        before = await state(site, theirs["agent_id"])
        document = (await site.http.get("/openapi.json")).json()
        for each in requests(document, theirs):
            status, text = await asked(http, each)
            told = (each, status, text[:200])
            assert MARK not in text, told
            assert status < 500 or status == 501, told
            if theirs["agent_id"] in each.path:
                assert status in {403, 404}, told
        assert await state(site, theirs["agent_id"]) == before


async def test_nor_does_one_that_names_the_token_s_own_agent(tmp_path: Path) -> None:
    async with (
        beside_another(tmp_path) as (site, theirs, mine),
        with_a_token_for(site, mine) as http,
    ):
        before = await state(site, theirs["agent_id"])
        document = (await site.http.get("/openapi.json")).json()
        for each in requests(document, {**theirs, "agent_id": mine}):
            if (each.method, each.path) == ("DELETE", f"/v1/agents/{mine}"):
                continue  # with it, the token would end
            status, text = await asked(http, each)
            assert MARK not in text, (each, status, text[:200])
            assert status < 500 or status == 501, (each, status, text[:200])
        assert await state(site, theirs["agent_id"]) == before


async def test_what_is_not_about_one_agent_takes_an_administrator(tmp_path: Path) -> None:
    async with (
        beside_another(tmp_path) as (site, _, mine),
        with_a_token_for(site, mine) as http,
    ):
        listed = await http.get("/v1/agents")
        assert [agent["id"] for agent in listed.json()] == [mine]
        assert (await http.post("/v1/agents", json={"name": "x"})).status_code == 403
