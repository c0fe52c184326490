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

ROOT = Path(__file__).parent.parent


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table. `ours` and `target` are written as people read them."""

    name: str
    ours: str
    target: str = ""
    note: str = ""


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
    """The commit that is measured; with a plus when files have changed since."""
    git = shutil.which("git")
    if git is None:
        return "unknown"
    head = _output(git, "rev-parse", "--short", "HEAD") or "unknown"
    return f"{head}+" if _output(git, "status", "--porcelain") else head


def _output(git: str, *arguments: str) -> str:
    done = subprocess.run(  # noqa: S603 (git, by its full path)
        [git, *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return done.stdout.strip()


def heading(title: str) -> str:
    """The first lines of a report: what it is, when and where it was made."""
    load = "/".join(f"{each:.1f}" for each in os.getloadavg())
    return (
        f"# {title}\n\n"
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, commit {commit()}.\n"
        f"{machine()}; load average at the end {load}.\n"
    )


def table(figures: Sequence[Figure]) -> str:
    """The figures as Markdown, columns aligned."""
    rows = [("Figure", "Ours", "Target", "Note")]
    rows += [(each.name, each.ours, each.target, each.note) for each in figures]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"
        for row in rows
    ]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines) + "\n"
