"""Requests to every operation of the API, damaged in any way: never an error of ours, always a reason."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.web.rest.description.answered import FEEDS
from tests.adapters.damage import damaged
from tests.adapters.web.rest.operations import Asked, requests
from tests.fuzz.amounts import examples
from tests.fuzz.asking import check, open_site
from tests.fuzz.material import ANYTHING, TEXTS

KNOWN = ("agent_id", "block_id", "block_label", "conversation_id", "identity_id", "archive_id")


@dataclass(frozen=True, slots=True)
class Target:
    """The API, and a request for each of its operations; `{…}` is left for what there is."""

    http: httpx.Client
    asked: tuple[Asked, ...] = field(repr=False)

    def ids(self) -> Mapping[str, str]:
        """Of an agent that is there, and of what belongs to it."""
        http, block = self.http, {"label": "human", "value": "Likes tea."}
        agent = http.post("/v1/agents", json={"memory_blocks": [block]}).json()
        agent_id = agent["id"]
        talk = http.post("/v1/conversations", params={"agent_id": agent_id}, json={})
        return {
            "agent_id": agent_id,
            "block_id": agent["blocks"][0]["id"],
            "block_label": "human",
            "conversation_id": talk.json()["id"],
        }

    def ask(self, asked: Asked, content: bytes | None = None, kind: str = "") -> None:
        if content is None and asked.body is not None:
            content = json.dumps(asked.body).encode()
        headers = {"Content-Type": kind or "application/json"}
        check(
            self.http.request(
                asked.method, asked.path, params=asked.query, headers=headers, content=content
            )
        )


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    with open_site(tmp_path_factory.mktemp("rest")) as http:
        document = http.get("/openapi.json").json()
        names = {each: f"{{{each}}}" for each in KNOWN}
        asked = tuple(
            each
            for each in requests(document, names)
            if f"{each.method} {each.path}" not in FEEDS and "stream" not in each.path
        )
        yield Target(http, asked)


def _filled(asked: Asked, ids: Mapping[str, str]) -> Asked:
    def put_in(value: Any) -> Any:
        text = json.dumps(value)
        for name, each in ids.items():
            text = text.replace(f"{{{name}}}", each)
        return json.loads(text)

    return replace(
        asked, path=put_in(asked.path), query=put_in(dict(asked.query)), body=put_in(asked.body)
    )


@examples(30)
@given(st.data())
def test_a_damaged_body_is_refused_with_a_reason(target: Target, data: st.DataObject) -> None:
    asked = data.draw(st.sampled_from([each for each in target.asked if each.body]))
    asked = _filled(asked, target.ids())
    body = data.draw(damaged([asked.body], ANYTHING) | ANYTHING)
    target.ask(replace(asked, body=body))


@examples(15)
@given(st.data())
def test_any_text_may_stand_in_the_address(target: Target, data: st.DataObject) -> None:
    asked = _filled(data.draw(st.sampled_from(target.asked)), target.ids())
    steps = asked.path.split("/")
    at = data.draw(st.integers(2, len(steps) - 1))
    text = data.draw(TEXTS)[:2_000].encode("utf-8", "surrogatepass")
    steps[at] = quote(text, safe="")
    names = data.draw(st.lists(st.sampled_from(["limit", "after", "before", "order", "name"])))
    query = {name: data.draw(TEXTS)[:2_000].encode("utf-8", "replace").decode() for name in names}
    target.ask(replace(asked, path="/".join(steps), query={**asked.query, **query}))


KINDS = (
    "application/json",
    "text/plain",
    "multipart/form-data; boundary=x",
    "application/x-www-form-urlencoded",
    "x",
    "application/json; charset=utf-16",
)


@examples(15)
@given(st.data())
def test_any_bytes_are_answered(target: Target, data: st.DataObject) -> None:
    """Of whatever kind they say that they are."""
    asked = _filled(data.draw(st.sampled_from(target.asked)), target.ids())
    if asked.method == "GET":
        return
    whole = json.dumps(asked.body or {}).encode()
    content = data.draw(
        st.binary(max_size=100)
        | st.sampled_from(
            [
                whole[:-1],
                whole + whole,
                b"[" * 10_000,
                b'{"a":' * 10_000,
                b'{"name": "a", "name": "b"}',
                b'{"n": ' + b"9" * 4_000 + b"}",
                b'{"n": 1e999}',
                b'{"limit": -0.0}',
                b'--x\r\nContent-Disposition: form-data; name="file"; filename="\r\n\r\n',
                whole.decode().encode("utf-16"),
            ]
        )
    )
    target.ask(asked, content, data.draw(st.sampled_from(KINDS)))
