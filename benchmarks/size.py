"""Packages and megabytes of an environment that holds what requirements.txt lists.

Counts the running interpreter's environment if that is the project's own `.venv`, leaving out
what only development needs. With `--install` a new one is made in a temporary folder.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from importlib import metadata
from pathlib import Path

from benchmarks.figures import ROOT, Figure

_PINNED = re.compile(r"^([\w.-]+)==", re.MULTILINE)
_MEGABYTE = 1_000_000


def measure(*, quick: bool, install: bool = False) -> list[Figure]:
    """The table's lines; none when there is nothing to count."""
    if install and not quick:
        with tempfile.TemporaryDirectory(prefix="familiar-bench-") as folder:
            return _figures(*_installed_anew(Path(folder)), "a new environment, pip included")
    if Path(sys.prefix).resolve() != (ROOT / ".venv").resolve():
        return [
            Figure(
                "packages / size of the environment",
                "not measured",
                "≤ 120 / ≤ 600 MB",
                "run from .venv, or with --install",
            )
        ]
    return _figures(*_counted(), "of .venv, what requirements.txt lists")


def _figures(packages: int, size: int, note: str) -> list[Figure]:
    ours = f"{packages} / {size / _MEGABYTE:.0f} MB"
    return [Figure("packages / size of the environment", ours, "≤ 120 / ≤ 600 MB", note)]


def _counted() -> tuple[int, int]:
    """Packages of the lock that are installed here, and the bytes of their files."""
    listed = _PINNED.findall((ROOT / "requirements.txt").read_text("utf-8"))
    wanted = {_plain(name) for name in listed}
    packages = size = 0
    for found in metadata.distributions():
        if _plain(found.metadata["Name"]) not in wanted:
            continue
        packages += 1
        for file in found.files or ():
            path = Path(str(found.locate_file(file)))
            size += path.stat().st_size if path.is_file() else 0
    return packages, size


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _installed_anew(folder: Path) -> tuple[int, int]:
    """Packages and bytes of an environment made for this."""
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)  # noqa: S603
    python = folder / "bin" / "python"
    pip = [str(python), "-m", "pip", "install", "-qq", "--disable-pip-version-check"]
    lock = str(ROOT / "requirements.txt")
    subprocess.run([*pip, "--require-hashes", "-r", lock], check=True)  # noqa: S603
    site = next(folder.glob("lib/python*/site-packages"))
    packages = len(list(site.glob("*.dist-info")))
    size = sum(each.stat().st_size for each in folder.rglob("*") if each.is_file())
    return packages, size
