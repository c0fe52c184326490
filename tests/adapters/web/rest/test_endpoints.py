"""What clients may ask for and this server doesn't do."""

from __future__ import annotations

import re
from pathlib import Path

from adapters.web.rest import not_offered
from tests.api_site import api_site

_UUID = "00000000-0000-4000-8000-000000000000"
_KINDS = {"conversation": "conv"}


def example(path: str) -> str:
    """The path with ids in it that could be."""

    def an_id(name: re.Match[str]) -> str:
        kind = name[1].removesuffix("_id")
        return f"{_KINDS.get(kind, kind)}-{_UUID}" if name[1].endswith("_id") else "name"

    return re.sub(r"\{(\w+)\}", an_id, path)


async def test_what_is_not_offered_says_so_and_what_there_is_instead(tmp_path: Path) -> None:
    async with api_site(tmp_path) as site:
        for path, what in not_offered.BRANCHES.items():
            for each in (path, f"{path}/", f"{path}/more"):
                answer = await site.http.post(example(f"/v1/{each}"), json={})
                assert answer.status_code == 501, each
                assert answer.json() == {"detail": f"not offered by this server: {what}"}


async def test_what_nobody_has_heard_of_is_not_found(tmp_path: Path) -> None:
    async with api_site(tmp_path) as site:
        for path in ("/v1/nothing", "/v1", "/v1/environmental"):
            answer = await site.http.get(path)
            assert (answer.status_code, answer.json()) == (404, {"detail": "Not Found"})
