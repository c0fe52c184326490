"""What describes the API: a document for programs, and a page for people."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest

from adapters.web.rest.description.answered import FEEDS, REFUSED, SHAPES
from adapters.web.rest.description.document import Document, operations
from adapters.web.rest.description.reference import topics
from tests.api_site import api_site


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, httpx.Response]:
    """The document and the page of a service that takes a token, read without one."""
    return anyio.run(read, tmp_path_factory.mktemp("site"))


async def read(folder: Path) -> dict[str, httpx.Response]:
    async with api_site(folder, token="key") as site:
        found = {}
        for path in ("/openapi.json", "/docs", "/docs/style.css"):
            found[path] = await site.http.get(path, headers={"Authorization": ""})
            assert found[path].status_code == 200
        return found


@pytest.fixture(scope="module")
def document(pages: dict[str, httpx.Response]) -> Document:
    found: Document = pages["/openapi.json"].json()
    return found


def references(part: Any) -> Iterator[str]:
    """All that a part of the document points to."""
    if isinstance(part, dict):
        if isinstance(target := part.get("$ref"), str):
            yield target
        for inner in part.values():
            yield from references(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from references(inner)


def test_every_operation_has_a_name_of_its_own_a_topic_and_the_errors(document: Document) -> None:
    names = [operation["operationId"] for _, _, operation in operations(document)]
    assert len(names) == len(set(names))
    assert all(re.fullmatch("[a-z0-9_]+", name) for name in names)
    for _, path, operation in operations(document):
        assert operation["tags"], path
        told = set(operation["responses"])
        assert told - {"200", "501"} == {"401", "404", "422", "429", "default"}, path
        assert len(told & {"200", "501"}) == 1, path


def test_what_each_operation_answers_is_described(document: Document) -> None:
    """Whoever adds one says in `answered` what it answers."""
    names = {f"{method.upper()} {path}" for method, path, _ in operations(document)}
    assert names == SHAPES.keys() | FEEDS | REFUSED


def test_all_that_the_document_points_to_is_in_it(document: Document) -> None:
    for target in set(references(document)):
        found: Any = document
        for step in target.removeprefix("#/").split("/"):
            found = found[step]


def test_it_takes_a_token_for_all_but_health(document: Document) -> None:
    assert document["components"]["securitySchemes"]["token"]["scheme"] == "bearer"
    assert document["security"] == [{"token": []}]
    open_to_all = {path for _, path, each in operations(document) if each.get("security") == []}
    assert open_to_all == {"/v1/health", "/v1/ready"}


def test_the_page_shows_every_operation(
    pages: dict[str, httpx.Response], document: Document
) -> None:
    page = pages["/docs"].text
    for method, path, operation in operations(document):
        assert f'id="{operation["operationId"]}"' in page, (method, path)
    assert page.count('class="path"') == sum(len(topic.operations) for topic in topics(document))


def test_the_page_has_no_script_and_nothing_of_others(pages: dict[str, httpx.Response]) -> None:
    answer = pages["/docs"]
    assert "<script" not in answer.text
    assert not re.search(r'(?:src|href)="(?!/|#)', answer.text)
    assert "default-src 'none'; style-src 'self'" in answer.headers["Content-Security-Policy"]


def test_a_body_is_told_down_to_the_fields_within_its_fields() -> None:
    schemas = {
        "Inner": {"type": "object", "properties": {"deep": {"type": "integer", "minimum": 1}}},
        "Body": {
            "type": "object",
            "required": ["inner"],
            "properties": {
                "inner": {"anyOf": [{"$ref": "#/components/schemas/Inner"}, {"type": "null"}]},
                "word": {"enum": ["a", "b"], "default": "a", "description": "One of them."},
            },
        },
    }
    body = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Body"}}}}
    operation = {"operationId": "x", "tags": ["t"], "requestBody": body, "responses": {}}
    document: Document = {
        "paths": {"/v1/x": {"post": operation}},
        "components": {"schemas": schemas},
    }
    [topic] = topics(document)
    [made] = topic.operations
    inner, word = made.body
    assert (made.body_kind, inner.kind, inner.required) == ("Body", "Inner or null", True)
    assert [(field.name, field.limits) for field in inner.fields] == [("deep", "from 1")]
    assert (word.kind, word.limits, word.about) == ('"a" or "b"', "default a", "One of them.")
