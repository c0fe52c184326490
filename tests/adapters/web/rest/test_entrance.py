"""What every request passes, whatever it asks for."""

from __future__ import annotations

from pathlib import Path

import anyio
import pytest

from adapters.web.rest.entrance import MAX_BODY
from tests.api_site import api_site


async def test_anybody_may_ask_whether_the_server_is_there(tmp_path: Path) -> None:
    async with api_site(tmp_path, token="key") as site:
        for path in ("/v1/health/", "/v1/health"):
            answer = await site.http.get(path, headers={"Authorization": ""})
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
    tmp_path: Path, headers: dict[str, str]
) -> None:
    async with api_site(tmp_path, token="key") as site:
        answer = await site.http.get("/v1/nothing", headers=headers)
        assert (answer.status_code, answer.json()) == (401, {"detail": "Unauthorized"})


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": "Bearer key"},
        {"Authorization": "", "X-BARE-PASSWORD": "password key"},
    ],
)
async def test_with_the_token_one_is_let_in(tmp_path: Path, headers: dict[str, str]) -> None:
    async with api_site(tmp_path, token="key") as site:
        answer = await site.http.get("/v1/nothing", headers=headers)
        assert (answer.status_code, answer.json()) == (404, {"detail": "Not Found"})


async def test_too_large_a_body_is_refused_before_it_is_read(tmp_path: Path) -> None:
    async with api_site(tmp_path) as site:
        stream = await anyio.connect_tcp("127.0.0.1", site.http.base_url.port or 0)
        async with stream:
            head = f"POST /v1/nothing HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {MAX_BODY + 1}"
            await stream.send(f"{head}\r\n\r\n".encode())
            assert b" 413 " in await stream.receive()
