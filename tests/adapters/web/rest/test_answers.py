"""How answers are written."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from adapters.web.rest.http.answers import answer, moment, second
from agentcore.clock import SECOND, Micros


@pytest.mark.parametrize(
    "told",
    [
        "2026-01-02T03:04:05.678901Z",
        "2026-01-02T03:04:05.000000Z",
        "0612-06-12T04:21:34.524402Z",
        "1969-12-31T23:59:59.999999Z",
    ],
)
def test_a_time_is_told_to_the_microsecond_in_every_year(told: str) -> None:
    since = datetime.fromisoformat(told) - datetime(1970, 1, 1, tzinfo=UTC)
    at = (since.days * 86_400 + since.seconds) * SECOND + since.microseconds
    assert moment(Micros(at)) == told


def test_a_message_s_time_is_told_to_the_second() -> None:
    assert second(Micros(1_767_323_045 * SECOND + 999_999)) == "2026-01-02T03:04:05+00:00"


def test_what_json_has_no_number_for_is_null() -> None:
    body = answer({"a": float("inf"), "b": float("nan")}).body
    assert json.loads(bytes(body)) == {"a": None, "b": None}
