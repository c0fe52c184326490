"""The platforms' checklists tell the truth: what they call done is shown by tests that exist."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
CHECKLISTS = sorted((TESTS.parent / "docs").glob("*-checklist.md"))

_ROW = re.compile(r"\| ([a-z-]+) \| ([^|]+) \| (done|no) \| ([^|]+) \|")
_TEST = re.compile(r"`([\w/]+\.py)::([\w:]+)`")
UNTESTABLE = "No test:"
"""How the reason begins why nothing shows a line that is done."""


@dataclass(frozen=True)
class Line:
    id: str
    what: str
    done: bool
    told: str

    @property
    def tests(self) -> list[tuple[str, str]]:
        return _TEST.findall(self.told)


def lines_of(checklist: Path) -> Iterator[Line]:
    for row in checklist.read_text("utf-8").splitlines():
        if row.startswith("|") and not row.startswith(("| Id ", "| --- ")):
            match = _ROW.fullmatch(row)
            assert match is not None, f"no line of {checklist.name}: {row}"
            yield Line(match[1], match[2], match[3] == "done", match[4])


@cache
def names_in(file: str) -> frozenset[str]:
    """The names of its tests and their classes, those of a class with the class before them."""
    path = TESTS / file
    module = ast.parse(path.read_text("utf-8") if path.exists() else "")
    places: list[tuple[str, list[ast.stmt]]] = [("", module.body)]
    places += [(f"{e.name}::", e.body) for e in module.body if isinstance(e, ast.ClassDef)]
    return frozenset(
        f"{inside}{each.name}"
        for inside, body in places
        for each in body
        if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    )


def wrong_with(line: Line) -> Iterator[str]:
    if line.done:
        left = _TEST.sub("", line.told).strip()
        if not (line.tests or left.startswith(UNTESTABLE)):
            yield "is done, and nothing shows it"
        if left and not left.startswith(UNTESTABLE):
            yield f"names what is no test: {left}"
    elif line.tests or not line.told.endswith("."):
        yield "isn't offered: say why, in a sentence"
    for file, name in line.tests:
        if name not in names_in(file):
            yield f"names {file}::{name}, which isn't there"


@pytest.mark.parametrize("checklist", CHECKLISTS, ids=lambda path: path.stem)
def test_what_is_done_is_shown_and_all_else_has_a_reason(checklist: Path) -> None:
    wrong = [f"{line.id} {problem}" for line in lines_of(checklist) for problem in wrong_with(line)]

    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("checklist", CHECKLISTS, ids=lambda path: path.stem)
def test_every_line_has_a_name_of_its_own(checklist: Path) -> None:
    lines = list(lines_of(checklist))

    assert len({line.id for line in lines}) == len(lines) > 50


def test_a_line_that_is_not_true_is_found() -> None:
    for told, problem in (
        ("`docs/test_readme.py::test_of_nothing`", "names docs/test_readme.py::test_of_nothing"),
        ("`no/such/file.py::test_of_nothing`", "names no/such/file.py::test_of_nothing"),
        ("somebody says so", "names what is no test"),
    ):
        assert any(problem in each for each in wrong_with(Line("x", "", done=True, told=told)))
    assert list(wrong_with(Line("x", "", done=False, told="`docs/test_readme.py::test_x`")))
