"""RESULTS.md: on top the table of targets, then a section for each benchmark.

A run replaces what it measured and keeps everything else as it stands, so that each section tells
when and at which commit it was measured.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from benchmarks.figures import Figure, Target, aligned, table

HEAD = ("Figure", "Ours", "Target", "Met", "V1", "Floor", "Note")
ABOUT = (
    "V1 is the retired Letta V1 server 0.16.8, tuned, on PostgreSQL, on two shared cores (± 30 %). "
    "The floor is a bare call of the same model through litellm, in the same run (over bare HTTP in "
    "brackets). Each figure is in its section below, with how it was measured."
)
_TARGETS = "Targets"
_SECTION = re.compile(r"^## (.+)\n", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Section:
    """What one benchmark came to.

    Args:
        name: Its name on the command line.
        when: When, at which commit and under which load it ran.
        about: What a reader needs to know of how it measures.
        figures: What it measured.
        failure: Why it didn't, if so.
    """

    name: str
    when: str
    about: str = ""
    figures: Sequence[Figure] = ()
    failure: str = ""

    def text(self) -> str:
        about = f"{self.about}\n\n" if self.about else ""
        told = f"**failed: {self.failure}**\n" if self.failure else table(self.figures)
        return f"{self.when}\n\n{about}{told}"


def report(
    before: str,
    sections: Sequence[Section],
    targets: Sequence[Target],
    *,
    order: Sequence[str],
    heading: str = "",
) -> str:
    """The new text of RESULTS.md.

    Args:
        before: The old one.
        sections: What has been measured.
        targets: The lines of the table on top.
        order: The names of all benchmarks, as their sections are to stand.
        heading: What tells of a whole run. Without it, the old one stays, and the lines of the table
            that are new say when they were measured.
    """
    top, old = _taken_apart(before)
    kept = {} if heading else _lines(old.get(_TARGETS, ""))
    rows = [_row(target, sections, kept, later=not heading) for target in targets]
    told = {**old, **{each.name: each.text() for each in sections}}
    told[_TARGETS] = f"{ABOUT}\n\n{aligned(HEAD, rows)}"
    names = [_TARGETS, *(name for name in order if name in told)]
    text = "\n".join(f"## {name}\n\n{told[name].strip()}\n" for name in names)
    return f"{heading or top}\n{text}"


def _taken_apart(text: str) -> tuple[str, Mapping[str, str]]:
    """What stands before the first section, and the sections by their names."""
    top, *parts = _SECTION.split(text)
    return top.rstrip() + "\n", dict(zip(parts[::2], parts[1::2], strict=True))


def _lines(section: str) -> Mapping[str, Sequence[str]]:
    """The lines of a table by their first cell."""
    lines = [line for line in section.splitlines() if line.startswith("| ")]
    rows = [[cell.strip() for cell in line[2:-2].split(" | ")] for line in lines[1:]]
    return {row[0]: row for row in rows if len(row) == len(HEAD)}


def _row(
    target: Target,
    sections: Sequence[Section],
    kept: Mapping[str, Sequence[str]],
    *,
    later: bool,
) -> Sequence[str]:
    def row(ours: str, *, met: str = "", floor: str = "", note: str = "") -> Sequence[str]:
        return (target.figure, ours, target.text, met, target.v1, floor, note)

    if not target.section:
        return row("not built", note=target.reason)
    section = next((each for each in sections if each.name == target.section), None)
    if section is None:
        return kept.get(target.figure, row("not measured"))
    when = section.when if later else ""
    if section.failure:
        return row(f"failed: {section.failure}", met="**no**", note=when)
    figure = next((each for each in section.figures if each.target == target), None)
    if figure is None:
        return row("not measured", note=when)
    met = {True: "yes", False: "**no**", None: ""}[figure.met]
    note = "; ".join(each for each in (figure.note, when) if each)
    return row(figure.ours, met=met, floor=figure.floor, note=note)
