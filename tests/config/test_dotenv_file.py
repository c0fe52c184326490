"""Changing some lines of `.env` leaves the rest as it is."""

from __future__ import annotations

import io
import stat
from pathlib import Path

import pytest
from dotenv.parser import parse_stream
from hypothesis import given
from hypothesis import strategies as st

from config.dotenv_file import line_of, with_values, write_private

OLD = """\
# my own notes
OTHER_PROGRAM="two words"  # stays

FAMILIAR_MODEL=offline
export PATH_OF_MINE=/x
#FAMILIAR_ACCESS=
MULTI='one
two'
"""


def read(text: str) -> dict[str | None, str | None]:
    return {each.key: each.value for each in parse_stream(io.StringIO(text)) if each.key}


def test_lines_that_are_not_asked_for_stay_byte_for_byte() -> None:
    assert with_values(OLD, {}) == OLD
    new = with_values(OLD, {"FAMILIAR_MODEL": "openai/x"})
    assert new == OLD.replace("=offline", "=openai/x")


def test_a_name_takes_the_place_of_its_line_or_of_its_comment_or_the_end() -> None:
    new = with_values(OLD, {"FAMILIAR_ACCESS": "open", "OPENAI_API_KEY": "sk-1"})

    lines = new.splitlines()
    assert lines[lines.index("#FAMILIAR_ACCESS=") + 1] == "FAMILIAR_ACCESS=open"
    assert new.endswith("two'\nOPENAI_API_KEY=sk-1\n")


def test_a_name_that_is_taken_out_of_use_stays_as_a_comment() -> None:
    new = with_values(OLD, {"FAMILIAR_MODEL": None, "NOT_THERE": None})

    assert new == OLD.replace("FAMILIAR_MODEL=offline", "#FAMILIAR_MODEL=offline")


@pytest.mark.parametrize("text", ["A=1\nB=2\nA=3\n", "A=1\nexport A=3", "\n\n  A = 1\n\nA=2\n"])
def test_of_two_lines_of_one_name_one_is_left(text: str) -> None:
    new = with_values(text, {"A": "9"})

    assert new.count("A=9") == 1
    assert read(new)["A"] == "9"


def test_a_file_without_a_last_line_break_gets_one() -> None:
    assert with_values("A=1", {"B": "2"}) == "A=1\nB=2\n"


def test_a_line_that_cannot_be_understood_stays() -> None:
    assert with_values("what is this?\nA=1\n", {"A": "2"}) == "what is this?\nA=2\n"


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=40))
def test_every_value_is_read_as_it_was_written(value: str) -> None:
    assert read(with_values(OLD, {"FAMILIAR_MODEL": value}))["FAMILIAR_MODEL"] == value
    assert "\n" not in line_of("X", value)


def test_a_written_file_is_for_its_owner_alone_and_a_link_stays_a_link(tmp_path: Path) -> None:
    place, link = tmp_path / "real", tmp_path / ".env"
    place.write_text("old")
    place.chmod(0o644)
    link.symlink_to(place)

    write_private(link, "A=ü\n")

    assert link.is_symlink()
    assert place.read_text("utf-8") == "A=ü\n"
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    assert {each.name for each in tmp_path.iterdir()} == {"real", ".env"}
