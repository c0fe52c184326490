"""The threat model tells the truth: each defence that it names is shown by tests that exist."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from tests.docs.test_checklists import TESTS, names_in

PAGE = Path(__file__).parents[2] / "SECURITY.md"
_TEST = re.compile(r"`([\w/]+\.py)(?:::(\w+))?`")


def rows() -> Iterator[str]:
    """The lines of its tables, without their heads."""
    for line in PAGE.read_text("utf-8").splitlines():
        if line.startswith("| ") and not line.endswith("| Shown by |"):
            yield line


def test_each_defence_is_shown_by_a_test() -> None:
    unshown = [row for row in rows() if not _TEST.search(row.rsplit("|", 2)[1])]
    assert len(list(rows())) > 30
    assert unshown == []


def test_every_test_that_is_named_is_there() -> None:
    named = _TEST.findall(PAGE.read_text("utf-8"))
    gone = [
        f"{file}::{name}"
        for file, name in named
        if not (TESTS / file).is_file() or (name and name not in names_in(file))
    ]
    assert gone == []


def test_each_exception_from_bandits_rules_says_why() -> None:
    root = TESTS.parent
    files = [*root.glob("*/*.py"), *root.glob("*/**/*.py")]
    bare = [
        f"{path.relative_to(root)}:{number}"
        for path in files
        if ".venv" not in path.parts
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if re.search(r"noqa: [A-Z0-9, ]*\bS\d+[\s,A-Z0-9]*$", line)
    ]
    assert len(files) > 500
    assert bare == []
