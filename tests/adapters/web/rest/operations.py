"""Requests made from the description of the API, as far as it tells how they look."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from adapters.web.rest.description.document import Document, operations

_REF = "#/components/schemas/"


@dataclass(frozen=True, slots=True)
class Asked:
    """One request. `body` None: it has none, or it isn't JSON."""

    name: str
    method: str
    path: str
    query: Mapping[str, str]
    body: Any


def requests(document: Document, known: Mapping[str, Any]) -> Iterator[Asked]:
    """A request for each operation: with all that must be in it, and whatever of `known` may be,
    by the name of the parameter or field. Names that end in an "s" are lists of these.
    """
    schemas = document["components"]["schemas"]
    for method, path, operation in operations(document):
        query: dict[str, str] = {}
        asked = path
        for each in operation.get("parameters", ()):
            name, schema = each["name"], each["schema"]
            if each["in"] == "path":
                value = known.get(name) or _example(schema, schemas, known)
                asked = asked.replace(f"{{{name}}}", str(value))
            elif each["in"] == "query" and (name in known or each.get("required")):
                query[name] = str(known.get(name) or _example(schema, schemas, known))
        content = operation.get("requestBody", {}).get("content", {})
        body = content.get("application/json", {}).get("schema")
        made = None if body is None else _example(body, schemas, known)
        yield Asked(operation["operationId"], method.upper(), asked, query, made)


def _example(
    schema: Mapping[str, Any], schemas: Mapping[str, Any], known: Mapping[str, Any]
) -> Any:
    if "$ref" in schema:
        return _example(schemas[schema["$ref"].removeprefix(_REF)], schemas, known)
    if choices := [*schema.get("anyOf", ()), *schema.get("oneOf", ()), *schema.get("allOf", ())]:
        return _example(choices[0], schemas, known)
    for key in ("const", "default", "enum"):
        if key in schema:
            return schema[key][0] if key == "enum" else schema[key]
    match schema.get("type"):
        case "object":
            return dict(_fields(schema, schemas, known))
        case "array":
            return [_example(schema.get("items", {}), schemas, known)]
        case kind:
            plain = {"integer": 1, "number": 1, "boolean": False}
            return plain.get(str(kind), "x" * max(1, schema.get("minLength", 1)))


def _fields(
    schema: Mapping[str, Any], schemas: Mapping[str, Any], known: Mapping[str, Any]
) -> Iterator[tuple[str, Any]]:
    required = schema.get("required", ())
    for name, inner in schema.get("properties", {}).items():
        if name in known:
            yield name, known[name]
        elif name.removesuffix("s") in known and name.endswith("ids"):
            yield name, [known[name.removesuffix("s")]]
        elif name in required:
            yield name, _example(inner, schemas, known)
