"""A service with its API, in a thread of its own, and what every answer of it must be like.

Tests ask it from outside any event loop: where an example ends early, hypothesis raises what would
end the loop's tasks.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
from anyio.from_thread import start_blocking_portal

from tests.api_site import api_site
from tests.house import PATIENCE

TOKEN = "administrator"


@contextmanager
def open_site(folder: Path) -> Iterator[httpx.Client]:
    """With the offline model, and as much asked as anybody likes."""
    with (
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(
            api_site(folder, token=TOKEN, api_rate=1_000_000)
        ) as site,
        httpx.Client(
            base_url=site.url, headers={"Authorization": f"Bearer {TOKEN}"}, timeout=PATIENCE
        ) as http,
    ):
        yield http


def check(answer: httpx.Response) -> None:
    """No error of ours, and a reason for each refusal."""
    assert answer.status_code < 500 or answer.status_code == 501, answer.text
    if answer.status_code >= 400 and answer.request.method != "HEAD":
        said = answer.json()
        reason = said.get("detail") or said.get("error", {}).get("message")
        assert isinstance(reason, str), said
        assert len(reason.strip()) > 3, said
        assert len(answer.content) < 100_000
