"""What a client sent, made into a tool: checked, and filled up from its source."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from adapters.web.rest.http.refusals import Invalid, NotOffered
from adapters.web.rest.tools.bodies import NewTool, SourceCall, ToolChange, ToolFields
from agentcore.errors import BadInput
from agentcore.store.custom_tools import RETURN_LIMIT, ToolDraft
from agentcore.tools.functions import ToolFunction, read_function, require_function

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")
_KEPT = ("args_json_schema", "enable_parallel_execution", "metadata_")
"""Fields that change nothing here, and are given back."""


def new_draft(body: NewTool | SourceCall, name: str | None = None) -> ToolDraft:
    """The tool that a client wants. `name`: the function that is called (None: as the schema says,
    or else the last of the source).

    Raises:
        BadInput: the source can't be made a tool, for the reason given.
        Invalid: the schema is none.
        NotOffered: it needs what this server hasn't got.
    """
    _require_possible(body)
    function = _function(body, body.source_code, name)
    return ToolDraft(
        name=function.name,
        description=function.description,
        parameters=function.parameters,
        source=body.source_code,
        tags=tuple(body.tags or ()),
        return_limit=body.return_char_limit if isinstance(body, NewTool) else RETURN_LIMIT,
        needs_approval=bool(body.default_requires_approval),
        extras=_extras(body),
    )


def changed_draft(draft: ToolDraft, body: ToolChange) -> ToolDraft:
    """The tool as the client wants it now.

    Raises:
        BadInput, Invalid, NotOffered: see `new_draft`.
    """
    _require_possible(body)
    given = body.model_fields_set
    if body.source_code is not None or body.json_schema or body.args_json_schema:
        source = draft.source if body.source_code is None else body.source_code
        function = _function(body, source, None if body.source_code else draft.name)
        draft = replace(
            draft,
            name=function.name,
            description=function.description,
            parameters=function.parameters,
            source=source,
        )
    changes: dict[str, Any] = {
        "description": body.description,
        "tags": None if body.tags is None else tuple(body.tags),
        "return_limit": body.return_char_limit,
        "needs_approval": body.default_requires_approval,
        "enabled": body.enabled,
    }
    kept = {name: value for name, value in _extras(body).items() if name in given}
    wanted = {name: value for name, value in changes.items() if value is not None}
    return replace(draft, **wanted, extras={**draft.extras, **kept})


def _require_possible(body: ToolFields) -> None:
    if body.pip_requirements or body.npm_requirements:
        raise NotOffered(
            "not offered by this server: packages for tools. Python's standard library is there; "
            "what needs more can be a tool that the client carries out (`client_tools`)."
        )
    if body.source_type not in {None, "python"}:
        raise NotOffered(f"not offered by this server: tools in {body.source_type}. Use Python.")


def _function(body: ToolFields, source: str, name: str | None) -> ToolFunction:
    """What a model is told of the tool: what the client says of it, or else its source."""
    schema = body.json_schema
    if schema is None:
        found = read_function(source, name)
        if body.args_json_schema is not None:
            found = replace(found, parameters=_object_schema(body.args_json_schema))
    else:
        found = _as_told(schema, source, name)
    if not _NAME.fullmatch(found.name):
        msg = (
            f"A tool can't be named {found.name}: use up to 64 of the letters A to Z, digits and _."
        )
        raise BadInput(msg)
    return found if body.description is None else replace(found, description=body.description)


def _as_told(schema: Mapping[str, Any], source: str, name: str | None) -> ToolFunction:
    named = schema.get("name", name)
    if not isinstance(named, str) or not named:
        raise Invalid("`json_schema` has no name: it is the name of the function to call.")
    if name is not None and named != name:
        raise Invalid(f"`json_schema` names {named}, while {name} is to be called.")
    require_function(source, named)
    about = schema.get("description", "")
    if not isinstance(about, str):
        raise Invalid("`json_schema.description` must be a text.")
    return ToolFunction(named, about, _object_schema(schema.get("parameters", {})))


def _object_schema(schema: Any) -> Mapping[str, Any]:
    """A JSON Schema of an object, as far as models need it to be one."""
    fitting = isinstance(schema, dict) and schema.get("type", "object") == "object"
    if not fitting or not isinstance(schema.get("properties", {}), dict):
        raise Invalid("The arguments' schema must be one of an object, with `properties`.")
    return {**schema, "type": "object", "properties": schema.get("properties", {})}


def _extras(body: ToolFields) -> Mapping[str, Any]:
    values = {name: getattr(body, name, None) for name in _KEPT}
    return {name: value for name, value in values.items() if value is not None}
