"""Templates over REST, as clients of both generations use them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any

import anyio.to_thread
import pytest
from letta_client import AsyncLetta, Letta

from tests.api_site import ApiSite, api_site


@pytest.fixture(scope="module")
async def site(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ApiSite]:
    async with api_site(tmp_path_factory.mktemp("site")) as site:
        yield site


async def agent(site: ApiSite, agent_id: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = (await site.http.get(f"/v1/agents/{agent_id}")).json()
    return found


async def test_the_templates_that_there_are_are_listed(site: ApiSite) -> None:
    found = (await site.http.get("/v1/templates/")).json()
    assert {each["name"] for each in found["templates"]} >= {"friend", "coach", "tutor", "work"}
    named = (await site.http.get("/v1/templates", params={"name": "tutor"})).json()["templates"]
    assert [each["template_deployment_slug"] for each in named] == ["tutor:1"]
    assert (await site.http.get("/v1/templates/tutor")).json() == named[0]
    assert {each["key"] for each in named[0]["memory_variables"]} == {"bot_name", "subject"}


async def test_the_sdk_makes_an_agent_from_a_template(site: ApiSite) -> None:
    async with AsyncLetta(base_url=site.url, api_key="none") as client:
        made = await client.templates.agents.create(
            "tutor:1",
            agent_name="Ada's tutor",
            memory_variables={"subject": "the lute"},
            tags=["music"],
        )
    view = await agent(site, made.agent_ids[0])
    assert (view["name"], view["tags"]) == ("Ada's tutor", ["music"])
    assert "the lute" in view["system"]

    def sync() -> str:
        client = Letta(base_url=site.url, api_key="none")
        return client.templates.agents.create("friend:latest").agent_ids[0]

    view = await agent(site, await anyio.to_thread.run_sync(sync))
    assert {block["label"] for block in view["blocks"]} == {"human", "persona"}


async def test_older_clients_name_a_project(site: ApiSite) -> None:
    made = await site.http.post("/v1/templates/default/friend:1/agents", json={})
    assert made.status_code == 200
    assert (await agent(site, made.json()["agent_ids"][0]))["name"] == "friend"


async def test_an_agent_from_a_template_answers_the_identities_it_is_made_for(
    site: ApiSite,
) -> None:
    key = {"identifier_key": "terminal:local:kim", "name": "Kim", "identity_type": "user"}
    identity = (await site.http.post("/v1/identities/", json=key)).json()["id"]
    made = await site.http.post("/v1/templates/coach:1/agents", json={"identity_ids": [identity]})
    found = (await site.http.get(f"/v1/identities/{identity}")).json()
    assert found["agent_ids"] == made.json()["agent_ids"]


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/v1/templates/nothing:1/agents", {}, 404),
        ("/v1/templates/friend:99/agents", {}, 404),
        ("/v1/templates/friend:1/agents", {"memory_variables": {"nothing": "x"}}, 400),
        ("/v1/templates/friend:1/agents", {"memory_variables": {"bot_name": 1}}, 422),
        ("/v1/templates/friend:1/agents", {"tool_variables": {"KEY": "x"}}, 501),
        ("/v1/templates", {"type": "agent"}, 501),
        ("/v1/templates/friend/save", {}, 501),
    ],
)
async def test_what_wont_do_is_refused(
    site: ApiSite, path: str, body: Mapping[str, Any], status: int
) -> None:
    answer = await site.http.post(path, json=body)
    assert answer.status_code == status, answer.text
    assert answer.json()["detail"]


async def test_templates_are_files_and_dont_change_over_the_api(site: ApiSite) -> None:
    for method in ("PATCH", "DELETE"):
        answer = await site.http.request(method, "/v1/templates/friend", json={})
        assert answer.status_code == 501
        assert "FAMILIAR_TEMPLATES_DIR" in answer.json()["detail"]
