"""The API described as an OpenAPI document: what the routes say of themselves, and what they answer."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from fastapi import FastAPI

from adapters.web.rest.http.entrance import OPEN
from adapters.web.rest.service.health import LETTA_VERSION

ABOUT = """\
Agents that remember, over the API of letta-client: `Letta(base_url=…, api_key=…)` works as it is.

Send a token as `Authorization: Bearer …`. `familiar token create` makes one, for an administrator or
for one agent alone; a service that only its own machine can reach takes requests without one, until
`FAMILIAR_API_TOKEN` is set.

Lists are plain arrays. Their next page begins `after` the id of their last item. Paths mean the same
with a slash at their end. What goes wrong is told as `{"detail": …}`.
"""

Document = dict[str, Any]

_METHODS = frozenset({"get", "post", "put", "patch", "delete"})
_TOKEN = "token"  # noqa: S105 (the scheme's name)

_ERRORS = {
    "401": "There is no token, or it isn't good any more.",
    "404": "It isn't there, or not for this token.",
    "422": "The request is not of the agreed form.",
    "429": "Too many requests, too many that wait, or the day's budget is spent.",
    "default": "It couldn't be done; `detail` says why.",
}


def described(app: FastAPI) -> Document:
    """The document. What a route doesn't say is filled in: which answers, errors and rights it has."""
    from adapters.web.rest.description.answered import schemas  # noqa: PLC0415 (built when asked for)

    document = FastAPI.openapi(app)
    document["info"] = {"title": "Familiar", "version": LETTA_VERSION, "description": ABOUT}
    components = document.setdefault("components", {})
    components["securitySchemes"] = {_TOKEN: {"type": "http", "scheme": "bearer"}}
    bodies, answers = components.get("schemas", {}), schemas()
    if twice := bodies.keys() & answers.keys():
        raise ValueError(f"a body and an answer have one name: {', '.join(twice)}")
    components["schemas"] = {**bodies, **answers}
    components["responses"] = {f"E{code}": _error(text) for code, text in _ERRORS.items()}
    for unused in ("HTTPValidationError", "ValidationError"):
        components["schemas"].pop(unused, None)
    document["security"] = [{_TOKEN: []}]
    _name(document)
    for method, path, operation in operations(document):
        told = _answers(f"{method.upper()} {path}")
        operation["responses"] = {**told, **_errors()}
        if path in OPEN:
            operation["security"] = []
    return document


def operations(document: Mapping[str, Any]) -> Iterator[tuple[str, str, Document]]:
    """Each operation with its method, in lower case, and its path."""
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if method in _METHODS:
                yield method, path, operation


def _name(document: Document) -> None:
    """Short names: `agents_create` for what would be `create_v1_agents_post`."""
    taken: set[str] = set()
    for method, path, operation in operations(document):
        end = f"{re.sub(r'[^A-Za-z0-9_]', '_', path)}_{method}"
        tag = operation.get("tags", ["api"])[0].replace(" ", "_")
        name = f"{tag}_{operation['operationId'].removesuffix(end)}"
        if name in taken:
            name = f"{name}_{method}"
        operation["operationId"] = name if name not in taken else operation["operationId"]
        taken.add(operation["operationId"])


def _answers(name: str) -> Document:
    """What an operation answers when all goes well."""
    from adapters.web.rest.description.answered import ANSWERS, FEEDS, REFUSED, STREAMS  # noqa: PLC0415

    if name in REFUSED:
        return {"501": {"$ref": "#/components/responses/Edefault"}}
    kinds: Document = {}
    if name not in FEEDS:
        kinds["application/json"] = {"schema": ANSWERS.get(name, {})}
    if name in FEEDS | STREAMS:
        kinds["text/event-stream"] = {"schema": {"type": "string"}}
    return {"200": {"description": "Done.", "content": kinds}}


def _error(text: str) -> Document:
    schema = {"anyOf": [{"$ref": f"#/components/schemas/{each}"} for each in ("Error", "Failure")]}
    return {"description": text, "content": {"application/json": {"schema": schema}}}


def _errors() -> Document:
    return {code: {"$ref": f"#/components/responses/E{code}"} for code in _ERRORS}
