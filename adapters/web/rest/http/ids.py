"""Ids in paths: a prefix and a UUID of any version, in lower case; another form is a 422."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Annotated, TypeVar

from fastapi import Path

from adapters.web.rest.http.refusals import Invalid

T = TypeVar("T")

_UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"


def pattern(prefix: str) -> str:
    """What an id with this prefix looks like."""
    return f"^{prefix}-{_UUID}$"


AGENT_ID = re.compile(pattern("agent"))

AgentIdHere = Annotated[str, Path(pattern=pattern("agent"))]
ArchiveIdHere = Annotated[str, Path(pattern=pattern("archive"))]
BlockIdHere = Annotated[str, Path(pattern=pattern("block"))]
IdentityIdHere = Annotated[str, Path(pattern=pattern("identity"))]
MessageIdHere = Annotated[str, Path(pattern=pattern("message"))]
PassageIdHere = Annotated[str, Path(pattern=pattern("passage"))]
RunIdHere = Annotated[str, Path(pattern=pattern("run"))]
StepIdHere = Annotated[str, Path(pattern=pattern("step"))]
ThreadIdHere = Annotated[str, Path(pattern=pattern("conv"))]
ToolIdHere = Annotated[str, Path(pattern=pattern("tool"))]


def checked_cursor(value: str | None, made: Callable[[str], T], prefix: str) -> T | None:
    """The id that a page begins behind, or before.

    Raises:
        Invalid: it is none of this prefix.
    """
    if value is None:
        return None
    if not re.match(pattern(prefix), value):
        raise Invalid(f"`before` and `after` are ids of the form {prefix}-<uuid>.")
    return made(value)
