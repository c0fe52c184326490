from __future__ import annotations

import asyncio
from collections.abc import Mapping

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from adapters.testing import FakeService
from bot.http.app import create_app
from tests.house import PATIENCE
from tests.simulators.loopback import serving


async def all_well() -> Mapping[str, str]:
    return {"database": "ok", "adapters": "ok"}


async def full() -> Mapping[str, str]:
    return {"database": "the disk is full", "adapters": "ok"}


async def broken() -> Mapping[str, str]:
    raise OSError("secret path")


async def hello(_: Request) -> PlainTextResponse:
    return PlainTextResponse("hello")


async def test_it_is_alive_even_when_it_is_not_ready() -> None:
    app = create_app(readiness=full, service=FakeService(), door_key="k")

    async with serving(app) as url, httpx.AsyncClient(base_url=url, timeout=PATIENCE) as http:
        alive = await http.get("/healthz")
        ready = await http.get("/readyz")

    assert (alive.status_code, alive.json()) == (200, {"status": "ok"})
    assert ready.status_code == 503
    assert ready.json() == {
        "status": "not ready",
        "checks": {"database": "the disk is full", "adapters": "ok"},
    }


async def test_it_is_ready_when_every_check_is_ok() -> None:
    app = create_app(readiness=all_well, service=FakeService(), door_key="k")

    async with serving(app) as url, httpx.AsyncClient(base_url=url, timeout=PATIENCE) as http:
        ready = await http.get("/readyz")

    assert ready.status_code == 200
    assert ready.json()["status"] == "ok"


async def test_a_check_that_breaks_is_a_finding_without_its_details() -> None:
    app = create_app(readiness=broken, service=FakeService(), door_key="k")

    async with serving(app) as url, httpx.AsyncClient(base_url=url, timeout=PATIENCE) as http:
        ready = await http.get("/readyz")

    assert ready.status_code == 503
    assert ready.json()["checks"] == {"readiness": "the check failed: OSError"}


async def test_a_check_that_hangs_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    async def hanging() -> Mapping[str, str]:
        await asyncio.Event().wait()
        return {}

    monkeypatch.setattr("bot.http.app.READINESS_PATIENCE", 0.01)
    app = create_app(readiness=hanging, service=FakeService(), door_key="k")

    async with serving(app) as url, httpx.AsyncClient(base_url=url, timeout=PATIENCE) as http:
        ready = await http.get("/readyz")

    assert ready.status_code == 503


async def test_an_adapters_routes_are_at_the_root() -> None:
    app = create_app(
        readiness=all_well,
        service=FakeService(),
        door_key="k",
        adapter_routes=[Route("/telegram/webhook", hello)],
    )

    async with serving(app) as url, httpx.AsyncClient(base_url=url, timeout=PATIENCE) as http:
        assert (await http.get("/telegram/webhook")).text == "hello"


def test_what_is_no_route_is_refused() -> None:
    with pytest.raises(ValueError, match="Starlette route"):
        create_app(
            readiness=all_well, service=FakeService(), door_key="k", adapter_routes=["/hook"]
        )


def test_a_door_without_a_key_is_refused() -> None:
    with pytest.raises(ValueError, match="without a key"):
        create_app(readiness=all_well, service=FakeService(), door_key="")


@pytest.mark.parametrize("path", ["/docs", "/redoc", "/openapi.json", "/nothing"])
async def test_there_is_nothing_else(path: str) -> None:
    app = create_app(readiness=all_well, service=FakeService(), door_key="k")

    async with serving(app) as url, httpx.AsyncClient(base_url=url, timeout=PATIENCE) as http:
        assert (await http.get(path)).status_code == 404
