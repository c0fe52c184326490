"""Who may ask, and what a browser may do with the answer."""

from __future__ import annotations

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from adapters.web.guard import HEADERS, Guard, host_name


async def answer(_: Request) -> Response:
    return PlainTextResponse("here")


async def strict(_: Request) -> Response:
    return PlainTextResponse("here", headers={"Content-Security-Policy": "default-src 'self'"})


INNER = Starlette(
    routes=[
        Route("/", answer, methods=["GET", "POST"]),
        Route("/strict", strict),
        Route("/healthz", answer),
        Route("/readyz", answer),
    ]
)


def client(*hosts: str) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(Guard(INNER, hosts))
    return httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8283")


@pytest.mark.parametrize(
    "host", ["localhost", "127.0.0.1:8283", "LOCALHOST:1", "[::1]:8283", "Chat.Example.org"]
)
async def test_a_request_for_a_name_of_ours_is_answered(host: str) -> None:
    async with client("chat.example.org") as http:
        assert (await http.get("/", headers={"Host": host})).text == "here"


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example:8283", "127.0.0.2"]
)
async def test_a_request_for_another_name_is_refused(host: str) -> None:
    async with client("chat.example.org") as http:
        refused = await http.get("/", headers={"Host": host})
    assert refused.status_code == 403
    assert "FAMILIAR_PUBLIC_URL" in refused.json()["detail"]


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
async def test_a_probe_may_ask_by_any_name(path: str) -> None:
    async with client() as http:
        assert (await http.get(path, headers={"Host": "10.0.0.7:8283"})).status_code == 200


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Origin": "http://127.0.0.1:8283"}, 200),
        ({"Origin": "http://127.0.0.1:8283", "Sec-Fetch-Site": "same-origin"}, 200),
        ({"Origin": "http://127.0.0.1:9999"}, 403),
        ({"Origin": "http://localhost:8283"}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://127.0.0.1:8283.evil.example"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
    ],
)
async def test_only_a_page_of_ours_changes_anything(headers: dict[str, str], status: int) -> None:
    async with client() as http:
        assert (await http.post("/", headers=headers)).status_code == status
        assert (await http.get("/", headers=headers)).status_code == 200


@pytest.mark.parametrize("path", ["/", "/nowhere"])
async def test_every_answer_tells_the_browser_to_be_careful(path: str) -> None:
    async with client() as http:
        for found in (await http.get(path), await http.get(path, headers={"Host": "evil"})):
            assert {name: found.headers[name] for name in HEADERS} == HEADERS


async def test_a_page_with_a_policy_of_its_own_keeps_it() -> None:
    async with client() as http:
        found = await http.get("/strict")
    assert found.headers.get_list("content-security-policy") == ["default-src 'self'"]


@pytest.mark.parametrize(
    ("host", "name"),
    [("A.b:80", "a.b"), ("[::1]:80", "[::1]"), ("[::1]", "[::1]"), ("", ""), ("a:b", "a:b")],
)
def test_a_port_is_no_part_of_a_name(host: str, name: str) -> None:
    assert host_name(host) == name
