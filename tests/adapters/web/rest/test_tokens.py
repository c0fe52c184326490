"""Tokens that the operator has made: whose they are, and when they end."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.api_site import ApiSite, api_site

NOTHING = "/v1/nothing"


@pytest.fixture(params=["key", None])
async def site(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[ApiSite]:
    """A service with the operator's token, and one on loopback without."""
    async with api_site(tmp_path, token=request.param) as made:
        yield made


async def status(site: ApiSite, token: str) -> int:
    answer = await site.http.get(NOTHING, headers={"Authorization": f"Bearer {token}"})
    return answer.status_code


async def test_a_token_lets_in_until_it_is_revoked(site: ApiSite) -> None:
    made = await site.home.parts.store.tokens.create("backend")
    assert await status(site, made.text) == 404
    await site.home.parts.store.tokens.revoke(made.token.token_id)
    assert await status(site, made.text) == 401


async def test_what_only_looks_like_a_token_of_ours_is_refused(site: ApiSite) -> None:
    assert await status(site, "fam_" + "x" * 43) == 401


async def test_on_loopback_without_a_token_set_any_key_of_a_client_does(tmp_path: Path) -> None:
    async with api_site(tmp_path) as site:
        assert await status(site, "anything") == 404
