"""The JSON Schema of a Python annotation, read from its syntax tree."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from typing import Any

Schema = Mapping[str, Any]

DEEPEST = 8

_PLAIN: Mapping[str, Schema] = {
    "str": {"type": "string"},
    "int": {"type": "integer"},
    "float": {"type": "number"},
    "bool": {"type": "boolean"},
    "None": {"type": "null"},
    "list": {"type": "array", "items": {}},
    "List": {"type": "array", "items": {}},
    "dict": {"type": "object"},
    "Dict": {"type": "object"},
    "Any": {},
    "object": {},
}
_LISTS = frozenset({"list", "List", "Sequence", "Iterable"})
_DICTS = frozenset({"dict", "Dict", "Mapping"})
_KNOWN = "str, int, float, bool, list[…], dict[str, …], Optional[…], Literal[…], Any"


class BadAnnotation(Exception):
    """It says nothing that a JSON Schema could; the text goes on after "The type of x"."""


def schema_of(annotation: ast.expr, depth: int = 0) -> dict[str, Any]:
    """The schema of values of this type.

    Raises:
        BadAnnotation
    """
    if depth > DEEPEST:
        raise BadAnnotation("is nested too deeply.")
    match annotation:
        case ast.Constant(value=None):
            return dict(_PLAIN["None"])
        case ast.Constant(value=str(text)):
            return schema_of(_quoted(text), depth + 1)
        case ast.Name() | ast.Attribute():
            return _plain(annotation)
        case ast.BinOp(op=ast.BitOr(), left=left, right=right):
            return _union([left, right], depth)
        case ast.Subscript(value=of, slice=inner):
            return _generic(_name(of), _items(inner), annotation, depth)
        case _:
            raise _unknown(annotation)


def _plain(annotation: ast.expr) -> dict[str, Any]:
    if (schema := _PLAIN.get(_name(annotation))) is None:
        raise _unknown(annotation)
    return dict(schema)


def _generic(
    name: str, inner: Sequence[ast.expr], annotation: ast.expr, depth: int
) -> dict[str, Any]:
    if name in _LISTS and len(inner) == 1:
        return {"type": "array", "items": schema_of(inner[0], depth + 1)}
    if name in _DICTS and len(inner) == 2:
        return {"type": "object", "additionalProperties": schema_of(inner[1], depth + 1)}
    if name == "Optional" and len(inner) == 1:
        return _union(inner, depth)
    if name == "Union" and inner:
        return _union(inner, depth)
    if name == "Literal" and inner:
        return _literal(inner)
    if name == "Annotated" and inner:
        return schema_of(inner[0], depth + 1)
    raise _unknown(annotation)


def _union(members: Sequence[ast.expr], depth: int) -> dict[str, Any]:
    """One of several; None among them means that nothing may be passed as well, which the schema
    of the argument doesn't tell: models take it for a value.
    """
    schemas = [schema_of(each, depth + 1) for each in members]
    real = [each for each in schemas if each != _PLAIN["None"]]
    return real[0] if len(real) == 1 else {"anyOf": real or schemas}


def _literal(members: Sequence[ast.expr]) -> dict[str, Any]:
    values = [each.value for each in members if isinstance(each, ast.Constant)]
    kinds = {type(value) for value in values}
    if len(values) < len(members) or not kinds <= {str, int, bool}:
        raise BadAnnotation("is a Literal of something other than texts and whole numbers.")
    if len(kinds) > 1:
        return {"enum": values}
    kind = {str: "string", int: "integer", bool: "boolean"}[kinds.pop()]
    return {"type": kind, "enum": values}


def _quoted(text: str) -> ast.expr:
    try:
        return ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise BadAnnotation("can't be read.") from error


def _items(inner: ast.expr) -> Sequence[ast.expr]:
    return inner.elts if isinstance(inner, ast.Tuple) else [inner]


def _name(of: ast.expr) -> str:
    """The last part of `typing.Optional`."""
    if isinstance(of, ast.Attribute):
        return of.attr
    return of.id if isinstance(of, ast.Name) else ""


def _unknown(annotation: ast.expr) -> BadAnnotation:
    name = _name(annotation.value if isinstance(annotation, ast.Subscript) else annotation)
    shown = name[:64] or "something"
    return BadAnnotation(f"is {shown}, which isn't known here: {_KNOWN} are.")
