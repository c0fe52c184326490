"""Who may see the figures."""

from __future__ import annotations

from collections.abc import Mapping

import httpx
import pytest

from adapters.testing import FakeService
from bot.http.app import create_app
from bot.http.metrics import Scraping, metrics_route
from tests.house import PATIENCE
from tests.simulators.loopback import serving

TOKEN = "the operator's token"


async def all_well() -> Mapping[str, str]:
    return {}


async def figures() -> bytes:
    return b"familiar_up 1\n"


async def scrape(
    *, loopback: bool, token: str | None = TOKEN, headers: dict[str, str] | None = None
) -> httpx.Response:
    route = metrics_route(Scraping(figures, "text/plain", loopback=loopback, token=token))
    app = create_app(
        readiness=all_well, service=FakeService(), door_key="k", adapter_routes=[route]
    )
    async with serving(app) as url, httpx.AsyncClient(base_url=url, timeout=PATIENCE) as http:
        return await http.get("/metrics", headers=headers)


@pytest.mark.parametrize("token", [None, TOKEN])
async def test_on_this_machine_they_are_free_to_see(token: str | None) -> None:
    answer = await scrape(loopback=True, token=token)

    assert (answer.status_code, answer.content) == (200, b"familiar_up 1\n")
    assert answer.headers["content-type"].startswith("text/plain")


async def test_a_web_page_that_points_its_name_here_sees_nothing() -> None:
    answer = await scrape(loopback=True, headers={"Host": "evil.example:8283"})

    assert answer.status_code == 403
    assert b"familiar_up" not in answer.content


@pytest.mark.parametrize("authorization", ["", "Bearer", "Bearer wrong", f"Basic {TOKEN}"])
async def test_where_others_can_reach_it_the_token_is_needed(authorization: str) -> None:
    headers = {"Authorization": authorization} if authorization else {}
    answer = await scrape(loopback=False, headers=headers)

    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert b"familiar_up" not in answer.content


@pytest.mark.parametrize("loopback", [True, False])
async def test_with_the_token_they_are_seen_from_anywhere(*, loopback: bool) -> None:
    headers = {"Authorization": f"Bearer {TOKEN}", "Host": "bot.example"}

    assert (await scrape(loopback=loopback, headers=headers)).status_code == 200


async def test_no_token_at_all_opens_nothing() -> None:
    answer = await scrape(loopback=True, token=None, headers={"Authorization": "Bearer"})

    assert answer.status_code == 401
