"""What a benchmark reports, and the table that it ends up in."""

from __future__ import annotations

import os
import platform
import shutil
import statistics
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

ROOT = Path(__file__).parent.parent


@dataclass(frozen=True, slots=True)
class Target:
    """What a figure is to reach, beside what is known of others.

    Args:
        figure: What is measured, as the table of targets calls it.
        section: The benchmark that measures it; none if there is nothing to measure yet.
        sign: Which side of its bound each value is to be on.
        bounds: One for each value, in their order.
        unit: What stands behind the bounds.
        v1: What the retired V1 server came to, where it was measured.
        reason: Why there is nothing to measure yet.
    """

    figure: str
    section: str
    sign: Literal["≤", "≥"]
    bounds: tuple[float, ...]
    unit: str = ""
    v1: str = ""
    reason: str = ""

    def met_by(self, values: Sequence[float]) -> bool:
        """Whether all values are within their bounds.

        Raises:
            ValueError: there are more values than bounds, or fewer.
        """
        pairs = zip(values, self.bounds, strict=True)
        if self.sign == "≤":
            return all(value <= bound for value, bound in pairs)
        return all(value >= bound for value, bound in pairs)

    @property
    def text(self) -> str:
        bounds = " / ".join(f"{bound:g}" for bound in self.bounds)
        return f"{self.sign} {bounds} {self.unit}".rstrip()


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of a table. `ours`, `aim` and `floor` are written as people read them; whether a
    target is met says `values`, which has a number for each of its bounds.
    """

    name: str
    ours: str
    aim: str = ""
    note: str = ""
    target: Target | None = None
    values: tuple[float, ...] = ()
    floor: str = ""

    @property
    def met(self) -> bool | None:
        """None where there is no target, or nothing was measured."""
        if self.target is None or not self.values:
            return None
        return self.target.met_by(self.values)


def reached(
    target: Target,
    *values: float,
    ours: str,
    name: str = "",
    note: str = "",
    floor: str = "",
) -> Figure:
    """A figure that has a target; by the target's name, unless the section calls it otherwise."""
    return Figure(name or target.figure, ours, target.text, note, target, values, floor)


def unmeasured(target: Target, why: str) -> Figure:
    """A figure that has a target and couldn't be measured here."""
    return Figure(target.figure, "not measured", target.text, why, target)


def milliseconds(seconds: Sequence[float], share: float = 0.5) -> float:
    """The quantile `share` of some times, in milliseconds."""
    ordered = sorted(seconds)
    at = min(len(ordered) - 1, round(share * (len(ordered) - 1)))
    return 1_000 * ordered[at]


def quantiles(seconds: Sequence[float]) -> str:
    """`p50 / p99 ms`."""
    return f"{milliseconds(seconds):.2f} / {milliseconds(seconds, 0.99):.2f} ms"


def median(values: Iterable[float]) -> float:
    return statistics.median(values)


def machine() -> str:
    """The machine and the interpreter, on one line."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{os.cpu_count()} cores ({_cpu()}), {memory:.0f} GiB of memory, "
        f"{platform.system()} {platform.machine()}, Python {platform.python_version()}"
    )


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        lines = []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor() or "unknown")


def commit() -> str:
    """The commit that is measured, and whether files have changed since."""
    git = shutil.which("git")
    if git is None:
        return "unknown"
    head = _output(git, "rev-parse", "--short", "HEAD") or "unknown"
    return f"{head} + changes" if _output(git, "status", "--porcelain") else head


def _output(git: str, *arguments: str) -> str:
    done = subprocess.run(  # noqa: S603 (git, by its full path)
        [git, *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return done.stdout.strip()


def load() -> str:
    """The machine's load average over 1, 5 and 15 minutes."""
    return "/".join(f"{each:.1f}" for each in os.getloadavg())


def now() -> str:
    return f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC"


def heading(title: str) -> str:
    """The first lines of a report: what it is, when and where it was made."""
    return (
        f"# {title}\n\n"
        f"{now()}, commit {commit()}.\n"
        f"{machine()}; load average at the end {load()}.\n"
    )


def table(figures: Sequence[Figure]) -> str:
    """The figures as Markdown, columns aligned."""
    rows = [(each.name, each.ours, each.aim, each.note) for each in figures]
    return aligned(("Figure", "Ours", "Target", "Note"), rows)


def aligned(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table, columns aligned."""
    every = [head, *rows]
    widths = [max(len(row[column]) for row in every) for column in range(len(head))]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"
        for row in every
    ]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines) + "\n"
