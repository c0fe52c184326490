"""The description as a page is made from it: operations by topic, bodies and answers as trees of fields."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from adapters.web.rest.description.document import Document, operations

DEEPEST = 4
"""How far fields within fields are told."""

_REF = "#/components/schemas/"


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a body or an answer, or a parameter. `limits`: such as "at most 200 characters"."""

    name: str
    kind: str
    required: bool
    about: str
    limits: str
    fields: tuple[Field, ...] = ()


@dataclass(frozen=True, slots=True)
class Operation:
    """`body` and `answer` are trees of fields; `body_kind` and `answer_kind` what they are as a
    whole, empty where there is none.
    """

    anchor: str
    method: str
    path: str
    title: str
    about: str
    parameters: tuple[Field, ...]
    body_kind: str
    body: tuple[Field, ...]
    answer_kind: str
    answer: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Topic:
    name: str
    operations: tuple[Operation, ...]

    @property
    def anchor(self) -> str:
        return f"topic-{self.name.replace(' ', '-')}"


def topics(document: Document) -> Sequence[Topic]:
    """All operations, by the first of their tags, in the document's order."""
    found: dict[str, list[Operation]] = {}
    schemas = document["components"]["schemas"]
    for method, path, operation in operations(document):
        topic = operation.get("tags", ["more"])[0]
        found.setdefault(topic, []).append(_operation(method, path, operation, schemas))
    return [Topic(name, tuple(each)) for name, each in found.items()]


Schemas = Mapping[str, Mapping[str, Any]]


def _operation(method: str, path: str, operation: Mapping[str, Any], schemas: Schemas) -> Operation:
    body = _content(operation.get("requestBody"))
    answer = _content(operation["responses"].get("200"))
    return Operation(
        anchor=operation["operationId"],
        method=method.upper(),
        path=path,
        title=operation.get("summary", ""),
        about=operation.get("description", ""),
        parameters=tuple(
            _field(each["name"], each["schema"], each, schemas, DEEPEST)
            for each in operation.get("parameters", ())
        ),
        body_kind=_kind(body, schemas),
        body=tuple(_fields(body, schemas, DEEPEST)),
        answer_kind=_kind(answer, schemas),
        answer=tuple(_fields(answer, schemas, DEEPEST)),
    )


def _content(part: Mapping[str, Any] | None) -> Mapping[str, Any]:
    """The schema of a body or an answer; the first, where it comes in several forms."""
    kinds = (part or {}).get("content", {})
    return next((each.get("schema", {}) for each in kinds.values()), {})


def _field(
    name: str,
    schema: Mapping[str, Any],
    said: Mapping[str, Any],
    schemas: Schemas,
    depth: int,
) -> Field:
    return Field(
        name=name,
        kind=_kind(schema, schemas),
        required=bool(said.get("required")),
        about=said.get("description") or schema.get("description", ""),
        limits=_limits(schema),
        fields=tuple(_fields(schema, schemas, depth)) if depth else (),
    )


def _fields(schema: Mapping[str, Any], schemas: Schemas, depth: int) -> Iterator[Field]:
    """The fields of an object, of what a list holds, and of each of several possible forms."""
    for each in _objects(schema, schemas):
        required = each.get("required", ())
        for name, inner in each.get("properties", {}).items():
            yield _field(name, inner, {"required": name in required}, schemas, depth - 1)


def _objects(schema: Mapping[str, Any], schemas: Schemas) -> Iterator[Mapping[str, Any]]:
    schema = _resolved(schema, schemas)
    if "properties" in schema:
        yield schema
    for inner in (*_choices(schema), *filter(None, [schema.get("items")])):
        yield from _objects(inner, schemas)


def _choices(schema: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    return [*schema.get("anyOf", ()), *schema.get("oneOf", ()), *schema.get("allOf", ())]


def _resolved(schema: Mapping[str, Any], schemas: Schemas) -> Mapping[str, Any]:
    name = schema.get("$ref", "").removeprefix(_REF)
    return schemas[name] if name else schema


def _kind(schema: Mapping[str, Any], schemas: Schemas) -> str:
    """In a few words what a value is."""
    if "$ref" in schema:
        return str(schema["$ref"]).removeprefix(_REF)
    if choices := _choices(schema):
        return " or ".join(dict.fromkeys(_kind(each, schemas) for each in choices))
    if "const" in schema:
        return f'"{schema["const"]}"'
    if "enum" in schema:
        return " or ".join(f'"{each}"' for each in schema["enum"])
    if schema.get("type") == "array":
        return f"list of {_kind(schema.get('items', {}), schemas) or 'anything'}"
    return str(schema.get("format") or schema.get("type", ""))


_LIMITS = {
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
    "minItems": "at least {}",
    "maxItems": "at most {}",
    "minimum": "from {}",
    "maximum": "up to {}",
    "pattern": "like {}",
}


def _limits(schema: Mapping[str, Any]) -> str:
    """What a value may be, of a choice too."""
    told = [
        text.format(each[key])
        for each in (schema, *_choices(schema))
        for key, text in _LIMITS.items()
        if key in each
    ]
    if schema.get("default") is not None:
        told.append(f"default {schema['default']}")
    return ", ".join(dict.fromkeys(told))
