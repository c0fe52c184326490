"""What a tool's source says of itself: the function's name, its docstring, a schema of its arguments.

The source is parsed and never run or imported here.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agentcore.errors import BadInput
from agentcore.tools.annotations import BadAnnotation, schema_of
from agentcore.tools.docstrings import Described, described

LONGEST_SOURCE = 64_000
"""Characters."""
MOST_PARAMETERS = 64

_Function = ast.FunctionDef | ast.AsyncFunctionDef
_INJECTED = frozenset({"self", "agent_state"})
"""What other servers fill in by themselves."""


@dataclass(frozen=True, slots=True)
class ToolFunction:
    """A function as a model is told of it; `parameters` is a JSON Schema object."""

    name: str
    description: str
    parameters: Mapping[str, Any]


def read_function(source: str, name: str | None = None) -> ToolFunction:
    """The function of that name; without one, the last public function of the source.

    Raises:
        BadInput: it can't be made a tool; the message names the line and says why.
    """
    found = _found(_parsed(source), name)
    docstring = ast.get_docstring(found)
    if not docstring or not docstring.strip():
        raise _refused(found, f"`{found.name}` has no docstring: say there what it does.")
    told = described(docstring)
    if not told.summary:
        raise _refused(found, f"The docstring of `{found.name}` doesn't say what it does.")
    return ToolFunction(found.name, told.summary, _parameters(found, told))


def require_function(source: str, name: str) -> None:
    """See that the source has a function that can be called by that name.

    Raises:
        BadInput: it hasn't, or can't be read.
    """
    _arguments(_found(_parsed(source), name))


def _parsed(source: str) -> ast.Module:
    if len(source) > LONGEST_SOURCE:
        msg = f"The source has {len(source)} characters, {LONGEST_SOURCE} fit."
        raise BadInput(msg)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of its style
            return ast.parse(source)
    except SyntaxError as error:
        msg = f"Line {error.lineno or 1}: {error.msg}."
        raise BadInput(msg) from error
    except (ValueError, RecursionError, MemoryError) as error:
        msg = "The source can't be read: it holds NUL characters, or is nested too deeply."
        raise BadInput(msg) from error


def _found(module: ast.Module, name: str | None) -> _Function:
    functions = [each for each in module.body if isinstance(each, _Function)]
    wanted = [
        each
        for each in functions
        if each.name == name or (name is None and not each.name.startswith("_"))
    ]
    if not wanted:
        which = "no public function" if name is None else f"no function `{name}`"
        msg = f"The source has {which} at its top level: write `def …` there."
        raise BadInput(msg)
    return wanted[-1]


def _parameters(function: _Function, told: Described) -> Mapping[str, Any]:
    properties: dict[str, Any] = {}
    required: list[str] = []
    for argument, has_default in _arguments(function):
        if argument.annotation is None:
            text = f"`{argument.arg}` has no type: write `{argument.arg}: str`, or what it is."
            raise _refused(argument, text)
        try:
            schema = schema_of(argument.annotation)
        except BadAnnotation as error:
            raise _refused(argument, f"The type of `{argument.arg}` {error}") from error
        about = told.arguments.get(argument.arg)
        properties[argument.arg] = schema | ({"description": about} if about else {})
        if not has_default:
            required.append(argument.arg)
    return {"type": "object", "properties": properties, "required": required}


def _arguments(function: _Function) -> Sequence[tuple[ast.arg, bool]]:
    """Each argument that is passed by its name, and whether it has a default."""
    given = function.args
    if given.vararg or given.kwarg:
        raise _refused(function, f"`{function.name}` takes * or **: name each argument.")
    if given.posonlyargs:
        raise _refused(function, f"`{function.name}` has arguments before a /: take it out.")
    all_of_them = [*given.args, *given.kwonlyargs]
    if len(all_of_them) > MOST_PARAMETERS:
        raise _refused(function, f"`{function.name}` takes more than {MOST_PARAMETERS} arguments.")
    for each in all_of_them:
        if each.arg in _INJECTED:
            text = f"`{each.arg}` isn't filled in by this server: take that argument out."
            raise _refused(each, text)
    plain = len(given.args) - len(given.defaults)
    return [
        *((each, index >= plain) for index, each in enumerate(given.args)),
        *(
            (each, default is not None)
            for each, default in zip(given.kwonlyargs, given.kw_defaults, strict=True)
        ),
    ]


def _refused(place: _Function | ast.arg, text: str) -> BadInput:
    return BadInput(f"Line {place.lineno}: {text}")
