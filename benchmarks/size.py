"""Packages and megabytes of a new environment that holds what requirements.txt lists."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.figures import ROOT, Figure, reached, unmeasured
from benchmarks.targets import SIZE

ABOUT = (
    "An environment made for this with venv and pip from requirements.txt, pip and setuptools "
    "included; all files of it, compiled ones too."
)
_MEGABYTE = 1_000_000


def measure(*, quick: bool) -> list[Figure]:
    """The table's line. Installing takes a minute or two, so a quick run leaves it out.

    Raises:
        CalledProcessError: something could not be installed.
    """
    if quick:
        return [unmeasured(SIZE, "nothing is installed in a quick run")]
    with tempfile.TemporaryDirectory(prefix="familiar-bench-") as folder:
        packages, size = installed(Path(folder), ROOT / "requirements.txt")
    megabytes = size / _MEGABYTE
    return [reached(SIZE, packages, megabytes, ours=f"{packages} / {megabytes:.0f} MB")]


def installed(folder: Path, lock: Path) -> tuple[int, int]:
    """Make an environment of what a lock lists; its packages and the bytes of its files."""
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)  # noqa: S603 (our own program)
    python = folder / "bin" / "python"
    pip = [str(python), "-m", "pip", "install", "-qq", "--disable-pip-version-check"]
    subprocess.run([*pip, "--require-hashes", "-r", str(lock)], check=True)  # noqa: S603 (our own program)
    site = next(folder.glob("lib/python*/site-packages"))
    packages = len(list(site.glob("*.dist-info")))
    return packages, sum(each.stat().st_size for each in folder.rglob("*") if each.is_file())
