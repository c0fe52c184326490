"""Every endpoint that letta-client knows is one of ours, or is said not to be."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import letta_client

from adapters.web.rest.service import not_offered
from tests.api_site import ApiSite, api_site

_CALL = re.compile(r'self\._(get|post|put|patch|delete|get_api_list)\([^"]*?"(/v1/[^"]*)"')
_METHOD = re.compile(r'method="(\w+)"')
_UUID = "00000000-0000-4000-8000-000000000000"
_KINDS = {"conversation": "conv"}


@cache
def endpoints() -> frozenset[tuple[str, str]]:
    """Method and path, with names in braces, of all that the client may ask for."""
    found: set[tuple[str, str]] = set()
    for file in (Path(letta_client.__file__).parent / "resources").rglob("*.py"):
        source = file.read_text("utf-8")
        for call in _CALL.finditer(source):
            method = call[1]
            if method == "get_api_list":
                # It says another method at its end, if it isn't a GET.
                end = source.find("def ", call.end())
                said = _METHOD.search(source, call.end(), end if end > 0 else len(source))
                method = said[1] if said else "get"
            found.add((method.upper(), call[2]))
    return frozenset(found)


def example(path: str) -> str:
    """The path with ids in it that could be."""

    def an_id(name: re.Match[str]) -> str:
        kind = name[1].removesuffix("_id")
        return f"{_KINDS.get(kind, kind)}-{_UUID}" if name[1].endswith("_id") else "name"

    return re.sub(r"\{(\w+)\}", an_id, path)


async def answers(site: ApiSite, asked: Iterator[tuple[str, str]]) -> dict[str, str]:
    """What was answered as if it were no endpoint."""
    missing = {}
    for method, path in asked:
        answer = await site.http.request(method, example(path))
        unknown = answer.status_code == 404 and answer.json() == {"detail": "Not Found"}
        if unknown or answer.status_code in {405, 500}:
            missing[f"{method} {path}"] = f"{answer.status_code} {answer.text[:100]}"
    return missing


async def test_every_endpoint_of_the_client_is_ours_or_said_not_to_be(tmp_path: Path) -> None:
    assert len(endpoints()) >= 128
    async with api_site(tmp_path) as site:
        assert await answers(site, iter(sorted(endpoints()))) == {}


async def test_what_is_not_offered_says_so_and_what_there_is_instead(tmp_path: Path) -> None:
    async with api_site(tmp_path) as site:
        for path, what in not_offered.BRANCHES.items():
            for each in (path, f"{path}/", f"{path}/more"):
                answer = await site.http.post(example(f"/v1/{each}"), json={})
                assert answer.status_code == 501, each
                assert answer.json() == {"detail": f"not offered by this server: {what}"}


async def test_what_only_older_clients_ask_for_is_said_not_to_be_offered(tmp_path: Path) -> None:
    async with api_site(tmp_path) as site:
        for method, path in (
            ("GET", "/v1/messages/batches"),
            ("POST", "/v1/agents/search"),
            ("POST", "/v1/agents/messages/search"),
            ("GET", "/v1/agents/{agent_id}/core-memory/variables"),
            ("POST", "/v1/agents/{agent_id}/template"),
            ("POST", "/v1/agents/{agent_id}/version-template"),
            ("GET", "/v1/identities/{identity_id}/agents"),
            ("GET", "/v1/identities/{identity_id}/blocks"),
            ("GET", "/v1/templates/{project}/{name}/versions"),
            ("GET", "/v1/templates/{project}/{name}/snapshot"),
        ):
            answer = await site.http.request(method, example(path))
            assert answer.status_code == 501, path
            assert answer.json()["detail"].startswith("not offered by this server: ")


async def test_what_nobody_has_heard_of_is_not_found(tmp_path: Path) -> None:
    async with api_site(tmp_path) as site:
        for path in ("/v1/nothing", "/v1", "/v1/environmental"):
            answer = await site.http.get(path)
            assert (answer.status_code, answer.json()) == (404, {"detail": "Not Found"})
