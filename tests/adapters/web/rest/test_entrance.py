"""What every request passes, whatever it asks for."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import anyio
import pytest

from adapters.web.rest.http import entrance
from adapters.web.rest.http.reading import MAX_BODY
from agentcore.records import AgentId
from tests.api_site import ApiSite, api_site
from tests.house import PATIENCE


@pytest.fixture(scope="module")
async def site(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ApiSite]:
    """One for all: what is refused here changes nothing."""
    async with api_site(tmp_path_factory.mktemp("open")) as site:
        yield site


@pytest.fixture(scope="module")
async def locked(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ApiSite]:
    """One that takes a token."""
    async with api_site(tmp_path_factory.mktemp("locked"), token="key") as site:
        yield site


async def test_anybody_may_ask_whether_the_server_is_there(locked: ApiSite) -> None:
    for path in ("/v1/health/", "/v1/health", "/v1/ready/"):
        answer = await locked.http.get(path, headers={"Authorization": ""})
        assert answer.json() == {"version": "0.16.8", "status": "ok"}


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": ""},
        {"Authorization": "Bearer other"},
        {"Authorization": "Basic key"},
        {"Authorization": "", "X-BARE-PASSWORD": "password other"},
    ],
)
async def test_without_the_token_nothing_else_is_answered(
    locked: ApiSite, headers: dict[str, str]
) -> None:
    answer = await locked.http.get("/v1/nothing", headers=headers)
    assert (answer.status_code, answer.json()) == (401, {"detail": "Unauthorized"})


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": "Bearer key"},
        {"Authorization": "", "X-BARE-PASSWORD": "password key"},
    ],
)
async def test_with_the_token_one_is_let_in(locked: ApiSite, headers: dict[str, str]) -> None:
    answer = await locked.http.get("/v1/nothing", headers=headers)
    assert (answer.status_code, answer.json()) == (404, {"detail": "Not Found"})


async def test_too_large_a_body_is_refused_before_it_is_read(site: ApiSite) -> None:
    stream = await anyio.connect_tcp("127.0.0.1", site.http.base_url.port or 0)
    async with stream:
        head = f"POST /v1/nothing HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {MAX_BODY + 1}"
        await stream.send(f"{head}\r\n\r\n".encode())
        assert b" 413 " in await stream.receive()


async def test_what_is_no_json_is_refused_without_being_told_again(site: ApiSite) -> None:
    answer = await site.http.post("/v1/agents", content=b'{"name": "secret')
    assert answer.status_code == 422
    assert "can't be read as JSON" in answer.json()["detail"]
    assert "secret" not in answer.text


async def test_of_very_many_mistakes_the_first_are_told(site: ApiSite) -> None:
    messages = [{"type": "approval", "approvals": [{}] * 100}] * 100
    path = "/v1/agents/agent-00000000-0000-4000-8000-000000000001/messages"
    answer = await site.http.post(path, json={"messages": messages})
    assert answer.status_code == 422
    assert 1 < answer.json()["detail"].count("tool_call_id") <= 20


async def test_a_name_that_is_not_ours_is_not_answered(site: ApiSite) -> None:
    """A page elsewhere could let its own name point here."""
    answer = await site.http.get("/v1/agents", headers={"Host": "evil.example"})
    assert answer.status_code == 403
    assert "FAMILIAR_PUBLIC_URL" in answer.json()["detail"]


@pytest.mark.parametrize(
    "headers", [{"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}]
)
async def test_a_page_elsewhere_changes_nothing(site: ApiSite, headers: dict[str, str]) -> None:
    answer = await site.http.post("/v1/agents", json={}, headers=headers)
    assert answer.status_code == 403
    assert await site.home.parts.store.list_agents() == ()


async def test_too_many_requests_with_a_token_are_told_when_to_come_again(tmp_path: Path) -> None:
    async with api_site(tmp_path, token="key", api_rate=2) as site:
        answers = [await site.http.get("/v1/models") for _ in range(3)]
        assert [answer.status_code for answer in answers] == [200, 200, 429]
        assert 1 <= int(answers[-1].headers["Retry-After"]) <= 30
        assert "2 requests in a minute" in answers[-1].json()["detail"]


async def test_tokens_of_one_agent_keep_so_many_requests_open(
    site: ApiSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(entrance, "MOST_AT_ONCE", 2)
    agent_id = (await site.agent())["id"]
    made = await site.home.parts.store.tokens.create("widget", AgentId(agent_id))
    path, headers = f"/v1/agents/{agent_id}", {"Authorization": f"Bearer {made.text}"}
    events = f"{path}/events"
    async with (
        site.http.stream("GET", events, headers=headers),
        site.http.stream("GET", events, headers=headers) as second,
    ):
        refused = await site.http.get(path, headers=headers)
        assert (refused.status_code, refused.headers["retry-after"]) == (429, "1")
        assert (await site.http.get(path)).status_code == 200
        await second.aclose()
        with anyio.fail_after(PATIENCE):
            while (await site.http.get(path, headers=headers)).status_code == 429:
                pass  # until the service has noticed


@pytest.mark.parametrize("cursor", ["", "ada", "block-00000000-0000-4000-8000-000000000000"])
async def test_a_cursor_that_is_no_id_is_refused_with_a_sentence(
    site: ApiSite, cursor: str
) -> None:
    answer = await site.http.get("/v1/runs", params={"before": cursor})
    assert answer.status_code == 400
    assert "is no id of the form run-<uuid>" in answer.json()["detail"]
