"""Where the lock file of a database is."""

from __future__ import annotations

from pathlib import Path


def lock_path(database: Path) -> Path:
    """The lock file beside a database."""
    return database.with_name(f"{database.name}.lock")
