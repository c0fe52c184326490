"""`kill -9` under load, twenty times: what is lost, answered twice, or sent again.

The kill soak (`benchmarks.soak`) with fewer people, on the plain push platform.
"""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

from benchmarks.figures import Figure, median, reached
from benchmarks.soak import soak
from benchmarks.soak_report import Plan
from benchmarks.targets import KILLS

USERS = 20
ABOUT = (
    "Three processes: a push platform with users who write, pause and wait for answers, and which "
    "hands out old updates again; a model behind HTTP with up to 300 ms of delay, now and then "
    "seconds, which edits the memory in one turn of seven and fails in one of 25; and the service, killed at random moments and started again at "
    "once. `python -m benchmarks.soak` does this with more people, and on other platforms."
)


def measure(*, quick: bool) -> list[Figure]:
    """The table's lines."""
    kills = 2 if quick else 20
    plan = replace(Plan.of_one("push", 0, 5 if quick else USERS, seed=1), kills=kills)
    with tempfile.TemporaryDirectory(prefix="familiar-kills-") as folder:
        outcome = soak(plan, Path(folder))
    course, report = outcome.course, outcome.reports["push"]
    lost, doubled = len(report["unanswered"]), len(report["doubled"])
    per_kill = report["resent"] / kills
    violations = outcome.violations()
    return [
        reached(
            KILLS,
            lost,
            doubled,
            per_kill,
            ours=f"{lost} / {doubled} / {per_kill:.2f}",
            note=f"of {report['written']} messages; {course.under_load} of {kills} kills under load",
        ),
        Figure(
            "out of order; anything else that must not be",
            f"{len(report['disordered'])}; {'; '.join(violations) or 'nothing'}",
            "0; nothing",
            "all rows of the database are looked at in the end",
        ),
        Figure("`/readyz` after a start, median", f"{median(course.ready):.1f} s"),
        Figure("first delivery after a start, median", f"{median(course.first_answer):.1f} s"),
    ]
