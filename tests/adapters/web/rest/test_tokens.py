"""Tokens that the operator has made: whose they are, and when they end."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from agentcore.clock import SystemClock
from agentcore.sqlstore.api.tokens import KNOWN_FOR
from agentcore.testing import FakeClock
from bot.api.admittance import TokenAdmittance
from bot.api.rates import Rates
from bot.app import Replacements
from tests.api_site import ApiSite, api_site

NOTHING = "/v1/nothing"


@pytest.fixture(scope="module")
async def unlocked(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ApiSite]:
    """A service on loopback without the operator's token."""
    async with api_site(tmp_path_factory.mktemp("unlocked")) as made:
        yield made


@pytest.fixture(scope="module")
async def locked(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ApiSite]:
    async with api_site(tmp_path_factory.mktemp("locked"), token="key") as made:
        yield made


@pytest.fixture(params=["locked", "unlocked"])
def site(request: pytest.FixtureRequest, locked: ApiSite, unlocked: ApiSite) -> ApiSite:
    return locked if request.param == "locked" else unlocked


async def status(site: ApiSite, token: str) -> int:
    answer = await site.http.get(NOTHING, headers={"Authorization": f"Bearer {token}"})
    return answer.status_code


async def test_a_token_lets_in_until_it_is_revoked(site: ApiSite) -> None:
    made = await site.home.parts.store.tokens.create("backend")
    assert await status(site, made.text) == 404
    await site.home.parts.store.tokens.revoke(made.token.token_id)
    assert await status(site, made.text) == 401


async def test_a_token_ends_with_its_agent(tmp_path: Path) -> None:
    clock = FakeClock(SystemClock().now())
    async with api_site(tmp_path, replacements=Replacements(clock=clock)) as site:
        agent_id = (await site.http.post("/v1/agents", json={"name": "Sam"})).json()["id"]
        made = await site.home.parts.store.tokens.create("widget", agent_id)
        assert await status(site, made.text) == 404
        assert (await site.http.delete(f"/v1/agents/{agent_id}")).status_code == 200
        clock.advance(KNOWN_FOR)
        assert await status(site, made.text) == 401


async def test_what_only_looks_like_a_token_of_ours_is_refused(site: ApiSite) -> None:
    assert await status(site, "fam_" + "x" * 43) == 401


async def test_on_loopback_without_a_token_set_any_key_of_a_client_does(unlocked: ApiSite) -> None:
    assert await status(unlocked, "anything") == 404


async def test_what_a_proxy_brings_takes_a_token_even_on_loopback(unlocked: ApiSite) -> None:
    for name in ("Forwarded", "X-Forwarded-For", "X-Real-IP"):
        answer = await unlocked.http.get(NOTHING, headers={name: "203.0.113.7"})
        assert answer.status_code == 401


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"public_url": "https://chat.example.org"}, 401),
        ({"telegram_webhook_url": "https://bot.example.org"}, 401),
        ({"public_url": "http://localhost:8283"}, 404),
    ],
)
async def test_with_a_public_address_it_takes_a_token(
    tmp_path: Path, settings: dict[str, Any], expected: int
) -> None:
    async with api_site(tmp_path, **settings) as site:
        assert await status(site, "anything") == expected


async def test_the_operator_s_token_need_not_be_ascii(unlocked: ApiSite) -> None:
    tokens, rates = unlocked.home.parts.store.tokens, Rates(0, SystemClock())
    door = TokenAdmittance("schlüssel", tokens, rates, open_here=False)
    as_headers_are_read = "schlüssel".encode().decode("latin-1")
    assert (await door.admit(as_headers_are_read)).agent is None
