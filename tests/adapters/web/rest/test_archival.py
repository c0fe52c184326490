"""An agent's archive over the API, as both kinds of clients use it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import anyio.to_thread
import httpx
import pytest
from letta_client import AsyncLetta, Letta

from agentcore.records import new_agent_id, new_passage_id
from tests.api_site import ApiSite, api_site


@dataclass(frozen=True)
class Kept:
    """An agent with four passages, the oldest first."""

    site: ApiSite
    agent: str
    passages: list[dict[str, Any]]

    @property
    def path(self) -> str:
        return f"/v1/agents/{self.agent}/archival-memory"

    async def get(self, path: str = "", **query: Any) -> httpx.Response:
        return await self.site.http.get(self.path + path, params=query)

    async def texts(self, **query: Any) -> list[str]:
        return [each["text"] for each in (await self.get(**query)).json()]


TEXTS = ("plum cake with six plums", "leek soup", "a poem on plums", "what the garden needs")


@pytest.fixture(scope="module")
async def site(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ApiSite]:
    async with api_site(tmp_path_factory.mktemp("archival")) as site:
        yield site


@pytest.fixture
async def kept(site: ApiSite) -> Kept:
    there = Kept(site, (await site.agent())["id"], [])
    for day, text in enumerate(TEXTS, start=1):
        body = {
            "text": text,
            "tags": ["recipe"] if "plum cake" in text or "soup" in text else ["other"],
            "created_at": f"2025-01-0{day}T12:00:00Z",
        }
        (passage,) = (await site.http.post(there.path, json=body)).json()
        there.passages.append(passage)
    return there


async def test_a_kept_text_comes_back_as_a_list_of_one(kept: Kept) -> None:
    (passage,) = (await kept.site.http.post(kept.path, json={"text": "new"})).json()
    assert (passage["text"], passage["tags"], passage["embedding"]) == ("new", [], None)
    assert passage["id"].startswith("passage-")
    assert kept.passages[0]["created_at"] == "2025-01-01T12:00:00.000000Z"


async def test_lists_are_oldest_first_and_cut_at_cursors(kept: Kept) -> None:
    first, second, third, fourth = (each["id"] for each in kept.passages)
    assert await kept.texts() == list(TEXTS)
    assert await kept.texts(ascending=False) == list(TEXTS[::-1])
    assert await kept.texts(after=first, limit=2) == list(TEXTS[1:3])
    assert await kept.texts(before=fourth, limit=2) == list(TEXTS[1:3])
    assert await kept.texts(before=first) == []
    assert await kept.texts(after=third, ascending=False) == list(TEXTS[1::-1])
    assert await kept.texts(before=second, ascending=False) == list(TEXTS[:1:-1])
    assert await kept.texts(after=first, before=third) == [TEXTS[1]]


async def test_a_list_can_be_what_is_found(kept: Kept) -> None:
    assert await kept.texts(search="plums") == [TEXTS[0], TEXTS[2]]
    assert await kept.texts(search="plums", limit=1) == [TEXTS[0]]
    assert await kept.texts(search="plums", after=kept.passages[0]["id"]) == [TEXTS[2]]
    assert await kept.texts(search="plums", before=kept.passages[2]["id"]) == [TEXTS[0]]
    assert await kept.texts(search="zeppelin") == []


async def test_a_search_is_narrowed_by_tags_and_dates(kept: Kept) -> None:
    async def found(**query: Any) -> list[str]:
        answer = (await kept.get("/search", **query)).json()
        assert answer["count"] == len(answer["results"])
        return [each["content"] for each in answer["results"]]

    assert await found(query="plums") == [TEXTS[0], TEXTS[2]]
    assert await found(query="plums", top_k=1) == [TEXTS[0]]
    assert await found(query="plums", tags=["other"]) == [TEXTS[2]]
    assert await found(query="", tags=["other", "recipe"], tag_match_mode="all") == []
    assert await found(query="plums", start_datetime="2025-01-02T00:00:00") == [TEXTS[2]]
    assert await found(query="plums", end_datetime="2025-01-01T13:00:00+01:00") == [TEXTS[0]]
    assert await found(query="plums", end_datetime="2024-12-31T00:00:00Z") == []


async def test_a_deleted_text_is_gone(kept: Kept) -> None:
    path = f"{kept.path}/{kept.passages[0]['id']}"
    assert "deleted" in (await kept.site.http.delete(path)).json()["message"]
    assert (await kept.site.http.delete(path)).status_code == 404
    assert await kept.texts() == list(TEXTS[1:])
    assert (await kept.site.http.patch(path)).status_code == 501


async def test_what_is_not_there_or_not_possible_is_said(kept: Kept) -> None:
    nowhere = f"/v1/agents/{new_agent_id()}/archival-memory"
    http = kept.site.http
    assert (await http.get(nowhere)).status_code == 404
    assert (await http.get(f"{nowhere}/search", params={"query": "x"})).status_code == 404
    assert (await http.post(nowhere, json={"text": "x"})).status_code == 404
    assert (await kept.get(after=new_passage_id())).status_code == 404
    assert (await kept.get(after="nonsense")).status_code == 404
    assert (await kept.get(limit=0)).status_code == 422
    for body in ({}, {"text": ""}, {"text": "x" * 100_001}, {"text": "x", "created_at": "soon"}):
        assert (await http.post(kept.path, json=body)).status_code == 422
    assert await kept.texts() == list(TEXTS)


async def test_the_client_keeps_finds_and_deletes(kept: Kept) -> None:
    def as_it_does() -> None:
        with Letta(base_url=kept.site.url, api_key="none") as client:
            passages = client.agents.passages
            at = datetime(2025, 2, 1, tzinfo=UTC)
            (made,) = passages.create(kept.agent, text="bees", tags=["a", "b"], created_at=at)
            assert (made.created_at, made.tags) == (at, ["a", "b"])
            found = passages.search(
                kept.agent, query="bee", tags=["a", "b"], tag_match_mode="all", start_datetime=at
            )
            assert [each.id for each in found.results] == [made.id]
            assert len(passages.list(kept.agent, limit=9)) == 5
            passages.delete(made.id or "", agent_id=kept.agent)
            (hit,) = client.passages.search(agent_id=kept.agent, query="soup", limit=1)
            assert hit.passage.text == "leek soup"

    await anyio.to_thread.run_sync(as_it_does)
    async with AsyncLetta(base_url=kept.site.url, api_key="none") as client:
        listed = await client.agents.passages.list(kept.agent, search="garden")
        assert [each.text for each in listed] == [TEXTS[3]]


async def test_the_archive_of_an_agent_is_one_of_the_same_number(kept: Kept) -> None:
    async with AsyncLetta(base_url=kept.site.url, api_key="none") as client:
        archives = [each async for each in client.archives.list(agent_id=kept.agent)]
        assert [each.id for each in archives] == [kept.agent.replace("agent", "archive")]
        archive = await client.archives.retrieve(archives[0].id)
        made = await client.archives.passages.create(archive.id, text="bees")
        more = await client.archives.passages.create_many(
            archive.id, passages=[{"text": "wasps"}, {"text": "flies"}]
        )
        assert [made.text, *(each.text for each in more)] == ["bees", "wasps", "flies"]
        await client.archives.passages.delete(made.id or "", archive_id=archive.id)
        found = await client.passages.search(archive_id=archive.id, query="bees")
        assert found == []
    http = kept.site.http
    assert (await http.post("/v1/archives/", json={"name": "x"})).status_code == 501
    assert (await http.get("/v1/archives/")).status_code == 422
    assert (await http.post("/v1/passages/search", json={"query": "x"})).status_code == 422
