"""The tables of what it does are true: each yes is shown by tests that exist, each no says how things
stand, and the README's tables are those of docs/features.md."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.docs.pages import text_of
from tests.docs.test_checklists import names_in

_TEST = re.compile(r"`([\w/]+\.py)::([\w:]+)`")
STATES = {"yes", "no"}


@dataclass(frozen=True)
class Feature:
    what: str
    states: tuple[str, ...]
    told: str


def rows_of(page: str) -> Iterator[list[str]]:
    """The rows of tables whose middle columns say yes or no."""
    for line in text_of(page).splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| ") and len(cells) > 1 and cells[1] in STATES:
            yield cells


def features() -> list[Feature]:
    rows = list(rows_of("docs/features.md"))
    return [Feature(what, tuple(states), told) for what, *states, told in rows]


def wrong_with(feature: Feature) -> Iterator[str]:
    tests = _TEST.findall(feature.told)
    if not set(feature.states) <= STATES:
        yield "says neither yes nor no"
    if "yes" in feature.states and (not tests or _TEST.sub("", feature.told).strip()):
        yield "is there, and is to be shown by tests alone"
    if "yes" not in feature.states and (tests or not feature.told.endswith(".")):
        yield "isn't there: say how things stand, in a sentence"
    for file, name in tests:
        if name not in names_in(file):
            yield f"names {file}::{name}, which isn't there"


def test_what_is_there_is_shown_and_all_else_is_told() -> None:
    wrong = [f"{each.what}: {problem}" for each in features() for problem in wrong_with(each)]

    assert len(features()) > 30
    assert not wrong, "\n".join(wrong)


def test_the_readme_says_the_same() -> None:
    shown = [tuple(cells) for cells in rows_of("README.md")]

    assert shown == [(each.what, *each.states) for each in features()]


@pytest.mark.parametrize(
    ("told", "problem"),
    [
        ("`docs/test_features.py::test_of_nothing`", "isn't there"),
        ("somebody says so", "shown by tests alone"),
    ],
)
def test_a_line_that_is_not_true_is_found(told: str, problem: str) -> None:
    assert any(problem in each for each in wrong_with(Feature("x", ("yes", "no"), told)))
