"""The door over a real socket: who is let in, and what they get."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import anyio
import httpx
import pytest

from adapters.addresses import ChatAddress
from adapters.base import Inbound, InboundPart, Receipt, Sender
from adapters.testing import FakeService
from agentcore.errors import NotFound, StoreFull
from bot.http.app import create_app
from bot.http.door import MAX_BODY
from tests.house import PATIENCE
from tests.simulators.loopback import serving

KEY = "the key of the lock file"
ADDRESS = ChatAddress("terminal", "local", "ada")


@dataclass(frozen=True)
class Listed:
    names: tuple[str, ...]


async def listed(arguments: Mapping[str, Any]) -> Listed:
    return Listed(tuple(arguments["names"]))


async def missing(_: Mapping[str, Any]) -> None:
    raise NotFound("there is no agent 'x': see `familiar agents list`")


async def full(_: Mapping[str, Any]) -> None:
    raise StoreFull("the disk is full")


def message(text: str = "hello", update_id: str = "1") -> Inbound:
    return Inbound(update_id, ADDRESS, Sender("ada", "Ada"), (InboundPart(text),))


@pytest.fixture
def service() -> FakeService:
    return FakeService()


@pytest.fixture
async def http(service: FakeService) -> AsyncGenerator[httpx.AsyncClient, None]:
    async def readiness() -> Mapping[str, str]:
        return {}

    commands = {"list": listed, "missing": missing, "full": full}
    app = create_app(
        readiness=readiness,
        service=service,
        door_key=KEY,
        door_commands=commands,
        ping_every=0.01,
    )
    async with (
        serving(app) as url,
        httpx.AsyncClient(
            base_url=url, headers={"X-Familiar-Door-Key": KEY}, timeout=PATIENCE
        ) as client,
    ):
        yield client


async def test_a_message_is_handed_in_once(http: httpx.AsyncClient, service: FakeService) -> None:
    first = await http.post("/door/accept", json=asdict(message()))
    second = await http.post("/door/accept", json=asdict(message()))

    assert first.json() == asdict(Receipt("accepted", 1))
    assert second.json() == asdict(Receipt("duplicate", 1))
    assert service.accepted == [message()]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"X-Familiar-Door-Key": "wrong"}, 401),
        ({"X-Familiar-Door-Key": ""}, 401),
        ({"X-Familiar-Door-Key": KEY + "\xff"}, 401),
        ({"Host": "evil.example"}, 403),
        ({"Host": "127.0.0.1.evil.example:8283"}, 403),
        ({"Host": "127.0.0.1@evil.example"}, 403),
        ({"Origin": "http://127.0.0.1:8283"}, 403),
        ({"Origin": "null"}, 403),
    ],
)
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/door/accept"),
        ("POST", "/door/command/list"),
        ("GET", "/door/watch?address=a:b:c"),
    ],
)
async def test_who_may_not_come_in_is_refused_before_anything_happens(
    http: httpx.AsyncClient,
    service: FakeService,
    headers: dict[str, str],
    status: int,
    method: str,
    path: str,
) -> None:
    raw = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]

    response = await http.request(method, path, headers=raw, json=asdict(message()))

    assert response.status_code == status
    assert KEY not in response.text
    assert service.attempts == []


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:8283", "127.0.0.1:1", "[::1]:8283"])
async def test_every_name_of_this_machine_is_let_in(http: httpx.AsyncClient, host: str) -> None:
    response = await http.post("/door/command/list", headers={"Host": host}, json={"names": []})

    assert response.status_code == 200


async def test_a_command_gets_its_arguments_and_gives_json(http: httpx.AsyncClient) -> None:
    response = await http.post("/door/command/list", json={"names": ["Zoë", "b"]})

    assert response.json() == {"names": ["Zoë", "b"]}


@pytest.mark.parametrize(
    ("name", "status", "says"),
    [("missing", 400, "no agent 'x'"), ("full", 503, "disk is full"), ("other", 404, "full, list")],
)
async def test_a_command_that_fails_says_why(
    http: httpx.AsyncClient, name: str, status: int, says: str
) -> None:
    response = await http.post(f"/door/command/{name}", json={})

    assert response.status_code == status
    assert says in response.json()["detail"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"\xff\xfe",
        b'{"update_id": 1}',
        b'{"update_id": "\\ud800"}',
        b"[" * 10_000,
    ],
)
async def test_what_is_no_message_is_refused_without_repeating_it(
    http: httpx.AsyncClient, service: FakeService, body: bytes
) -> None:
    response = await http.post("/door/accept", content=body)

    assert response.status_code == 422
    assert service.attempts == []


async def test_a_refusal_does_not_repeat_a_persons_words(http: httpx.AsyncClient) -> None:
    body = asdict(message("my secret")) | {"audience": "my other secret"}

    response = await http.post("/door/accept", json=body)

    assert response.status_code == 422
    assert "audience" in response.json()["detail"]
    assert "secret" not in response.text


async def test_too_large_a_message_is_refused_whether_or_not_it_says_so(
    http: httpx.AsyncClient, service: FakeService
) -> None:
    async def unannounced() -> AsyncGenerator[bytes, None]:
        for _ in range(20):
            yield b"x" * (MAX_BODY // 10)

    announced = await http.post("/door/accept", content=b"x" * (MAX_BODY + 1))
    streamed = await http.post("/door/accept", content=unannounced())

    assert (announced.status_code, streamed.status_code) == (413, 413)
    assert str(MAX_BODY) in announced.json()["detail"]
    assert service.attempts == []


async def test_a_feed_shows_what_is_there_and_what_comes_with_signs_of_life(
    http: httpx.AsyncClient, service: FakeService
) -> None:
    await service.accept(message("hello"))
    query: dict[str, str | int] = {"address": str(ADDRESS), "after_message": 1}
    events: list[dict[str, Any]] = []
    pings = 0

    async with http.stream("GET", "/door/watch", params=query) as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        with anyio.fail_after(PATIENCE):
            async for line in response.aiter_lines():
                pings += line == ": ping"
                if line.startswith("data: "):
                    events.append(json.loads(line.removeprefix("data: ")))
                    if len(events) == 2:
                        service.say(ADDRESS, "by the way\nsecond line")
                if len(events) == 3 and pings:
                    break

    assert [each["type"] for each in events] == ["message", "answered", "message"]
    assert [each.get("text") for each in events] == [
        "You said: hello",
        None,
        "by the way\nsecond line",
    ]
    assert events[1]["cursor"] == {"message": 2, "notice": 0, "since": 0}


async def test_without_a_cursor_a_feed_begins_at_the_end(
    http: httpx.AsyncClient, service: FakeService
) -> None:
    await service.accept(message("hello"))

    async with http.stream("GET", "/door/watch", params={"address": str(ADDRESS)}) as response:
        async for line in response.aiter_lines():
            if line.startswith("data: "):
                break

    assert json.loads(line.removeprefix("data: "))["type"] == "answered"


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"address": "nonsense"},
        {"address": "a:b:c", "after_message": "x"},
        {"address": "a:b:c", "after_notice": -1},
    ],
)
async def test_a_feed_of_nothing_is_refused(http: httpx.AsyncClient, query: dict[str, str]) -> None:
    assert (await http.get("/door/watch", params=query)).status_code == 422
