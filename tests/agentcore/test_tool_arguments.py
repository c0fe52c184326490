"""What a model may write where a tool wants numbers, lists and times."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from agentcore.tools.arguments import Arguments, BadArguments, parsed
from agentcore.tools.search_tools import moment

BERLIN = ZoneInfo("Europe/Berlin")


def micros(text: str) -> int:
    return round(datetime.fromisoformat(text).timestamp() * 1_000_000)


@pytest.mark.parametrize(
    ("text", "begins"),
    [
        ("2026-01-31", "2026-01-31T00:00:00+01:00"),
        (" 2026-07-31 ", "2026-07-31T00:00:00+02:00"),
        ("2026-01-31T14:00", "2026-01-31T14:00:00+01:00"),
        ("2026-01-31T14:00:00Z", "2026-01-31T14:00:00+00:00"),
    ],
)
def test_a_date_or_time_is_meant_in_the_person_s_zone(text: str, begins: str) -> None:
    assert moment("start_date", text, BERLIN) == micros(begins)


def test_a_bare_date_as_an_end_takes_in_its_whole_day_and_a_time_is_one() -> None:
    ends = moment("end_date", "2026-01-31", BERLIN, end=True)
    assert ends == micros("2026-01-31T23:59:59.999999+01:00")
    assert moment("end_date", "2026-01-31T14:00", BERLIN, end=True) == micros(
        "2026-01-31T14:00:00+01:00"
    )


@pytest.mark.parametrize("text", ["soon", "2026-13-01", "9999-12-31", "2026-01-31T25:00", ""])
def test_what_is_no_date_is_refused_by_the_name_of_its_argument(text: str) -> None:
    with pytest.raises(BadArguments, match=r"^`end_date` must be an ISO date"):
        moment("end_date", text, BERLIN, end=True)


@pytest.mark.parametrize(("given", "read"), [(3, 3), (3.0, 3), (" 3", 3), ("-1", -1), (None, 7)])
def test_a_whole_number_may_come_as_text(given: Any, read: int) -> None:
    number = Arguments({"line": given}).whole("line", 7)
    assert (number, type(number)) == (read, int)


@pytest.mark.parametrize("given", [2.5, "2.50", "two", "", "nan", "inf", True, [1], {}])
def test_what_is_no_whole_number_is_refused(given: Any) -> None:
    with pytest.raises(BadArguments, match=r"^The argument `line` must be a whole number"):
        Arguments({"line": given}).whole("line", 7)


@pytest.mark.parametrize(
    ("given", "read"), [(["a", "b"], ("a", "b")), ("a", ("a",)), ([], ()), (None, ())]
)
def test_a_list_of_one_may_come_without_its_brackets(given: Any, read: tuple[str, ...]) -> None:
    assert Arguments({"tags": given}).texts("tags") == read


@pytest.mark.parametrize("given", [7, {"a": "b"}, ["a", 7], [["a"]]])
def test_what_is_no_list_of_strings_is_refused(given: Any) -> None:
    with pytest.raises(BadArguments, match=r"^The argument `tags` must be a list of strings"):
        Arguments({"tags": given}).texts("tags")


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        ('{"label": "human"', "Expecting ',' delimiter"),
        ('{"line": ' + "9" * 5_000 + "}", "a number is too long"),
        ('{"line": NaN}', "a number is not finite"),
        ('{"lines": [1, -1e999]}', "a number is not finite"),
        ("[" * 100_000, "nested too deeply"),
        ('{"a": ' + "[" * 50 + "]" * 50 + "}", "nested too deeply"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_reason(raw: str, why: str) -> None:
    with pytest.raises(BadArguments, match=r"^The arguments are not valid JSON") as refused:
        parsed(raw)
    assert f"({why})" in str(refused.value)


def test_what_is_nested_less_deeply_is_read() -> None:
    assert parsed('{"a": ' + "[" * 49 + "]" * 49 + "}")["a"]
