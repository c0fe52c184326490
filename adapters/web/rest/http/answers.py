"""The form of answers: JSON, with times as the API writes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic_core import to_json
from starlette.responses import Response

from agentcore.clock import SECOND, Micros

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 (its zone is written as a Z)

Json = Mapping[str, Any] | Sequence[Any] | str | int | float | bool | None


def answer(content: Json, status: int = 200) -> Response:
    """A JSON answer. Views are plain mappings: nothing validates them a second time. JSON has no
    infinity: it becomes null.
    """
    return Response(to_json(content, inf_nan_mode="null"), status, media_type="application/json")


def moment(at: Micros) -> str:
    """A time of an agent, block or run: `2026-01-02T03:04:05.678901Z`."""
    told = (_EPOCH + timedelta(microseconds=at)).isoformat(timespec="microseconds")
    return f"{told}Z"


def second(at: Micros) -> str:
    """A time of a message: `2026-01-02T03:04:05+00:00`."""
    return datetime.fromtimestamp(at // SECOND, UTC).isoformat()
