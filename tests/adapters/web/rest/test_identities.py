"""Identities over REST, as clients of both generations use them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any

import anyio.to_thread
import pytest
from letta_client import AsyncLetta, Letta

from agentcore.records import AgentId
from tests.api_site import ApiSite, api_site
from tests.house import address_of


@pytest.fixture(scope="module")
async def site(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ApiSite]:
    async with api_site(tmp_path_factory.mktemp("site")) as site:
        yield site


async def made(site: ApiSite, **fields: Any) -> Mapping[str, Any]:
    body = {"name": "Somebody", "identity_type": "user", **fields}
    answer = await site.http.post("/v1/identities/", json=body)
    assert answer.status_code == 200, answer.text
    found: Mapping[str, Any] = answer.json()
    return found


async def agent_of(site: ApiSite) -> str:
    answer = await site.http.post("/v1/agents/", json={"model": "offline"})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["id"])


async def test_an_identity_is_made_read_changed_and_deleted(site: ApiSite) -> None:
    properties = [{"key": "plan", "value": "pro", "type": "string"}]
    identity = await made(site, identifier_key="customer-1", properties=properties)
    assert identity == {
        "id": identity["id"],
        "identifier_key": "customer-1",
        "name": "Somebody",
        "identity_type": "user",
        "project_id": None,
        "agent_ids": [],
        "block_ids": [],
        "properties": properties,
    }
    path = f"/v1/identities/{identity['id']}"
    assert (await site.http.get(path)).json() == identity
    age = {"key": "age", "value": 7, "type": "number"}
    changed = (await site.http.patch(path, json={"name": "N", "properties": [age]})).json()
    assert changed == {**identity, "name": "N", "properties": [*properties, age]}
    again = {"identifier_key": "customer-1", "name": "M", "identity_type": "org"}
    assert (await site.http.put("/v1/identities/", json=again)).json() == {
        **changed,
        "name": "M",
        "identity_type": "org",
    }
    assert (await site.http.delete(path)).json() is None
    assert (await site.http.get(path)).status_code == 404


async def test_a_key_that_is_there_is_a_conflict(site: ApiSite) -> None:
    await made(site, identifier_key="twice")
    body = {"identifier_key": "twice", "name": "", "identity_type": "user"}
    answer = await site.http.post("/v1/identities/", json=body)
    assert answer.status_code == 409
    assert "PUT" in answer.json()["detail"]


async def test_lists_are_filtered_and_counted(site: ApiSite) -> None:
    one = await made(site, identifier_key="listed", name="Ada L", identity_type="other")
    for query in ({"identifier_key": "listed"}, {"name": "Ada L"}, {"identity_type": "other"}):
        assert (await site.http.get("/v1/identities/", params=query)).json() == [one]
    count = (await site.http.get("/v1/identities/count")).json()
    assert count == len((await site.http.get("/v1/identities/")).json())


async def test_the_sdk_attaches_and_detaches(site: ApiSite) -> None:
    agent_id = await agent_of(site)
    identity = await made(site, identifier_key="terminal:local:eve")

    def sync() -> None:
        client = Letta(base_url=site.url, api_key="none")
        client.agents.identities.attach(identity["id"], agent_id=agent_id)

    await anyio.to_thread.run_sync(sync)
    path = f"/v1/identities/{identity['id']}"
    assert (await site.http.get(path)).json()["agent_ids"] == [agent_id]
    async with AsyncLetta(base_url=site.url, api_key="none") as client:
        await client.agents.identities.detach(identity["id"], agent_id=agent_id)
    assert (await site.http.get(path)).json()["agent_ids"] == []


async def test_a_bound_agent_answers_the_next_message_with_what_it_has_in_mind(
    site: ApiSite,
) -> None:
    home = site.home
    block = {"label": "human", "value": "Her name is Fay. She lives in Graz."}
    body = {"model": "offline", "memory_blocks": [block]}
    agent_id = (await site.http.post("/v1/agents/", json=body)).json()["id"]
    await made(site, identifier_key="terminal:local:fay", agent_ids=[agent_id])
    receipt = await home.accept("fay", "Where do I live?")
    events = await home.heard("fay", until=receipt.position)
    assert any("Graz" in getattr(event, "text", "") for event in events), events
    assert str(address_of("fay")) == "terminal:local:fay"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"identifier_key": "", "name": "", "identity_type": "user"}, 422),
        ({"identifier_key": "x", "name": "", "identity_type": "cat"}, 422),
        ({"identifier_key": "x", "identity_type": "user"}, 422),
        ({"identifier_key": "telegram:1", "name": "", "identity_type": "user"}, 400),
        ({"identifier_key": "x", "name": "", "identity_type": "user", "block_ids": ["b"]}, 501),
        ({"identifier_key": "x", "name": "", "identity_type": "user", "agent_ids": ["b"]}, 422),
    ],
)
async def test_what_wont_do_is_refused(site: ApiSite, body: Mapping[str, Any], status: int) -> None:
    assert (await site.http.post("/v1/identities/", json=body)).status_code == status


async def test_a_token_for_one_agent_binds_nobody(site: ApiSite) -> None:
    agent_id = await agent_of(site)
    token = await site.home.parts.store.tokens.create("one", AgentId(agent_id))
    headers = {"Authorization": f"Bearer {token.text}"}
    identity = await made(site, identifier_key="terminal:local:gil")
    path = f"/v1/agents/{agent_id}/identities/attach/{identity['id']}"
    assert (await site.http.patch(path, headers=headers)).status_code == 403
