"""`python -m bot` and the `familiar` command."""

from __future__ import annotations

import gc
import sys
from pathlib import Path

GARBAGE = (20_000, 20, 20)
"""Thresholds of the garbage collector. Python's own look through everything that is being imported
hundreds of times: a fifth of the time of a start, and of litellm's import.
"""
PACKAGES = ("agentcore", "adapters", "bot", "config")


def main() -> None:
    """Run the command line; refuse if packages of others stand in for ours."""
    gc.set_threshold(*GARBAGE)
    if strangers := _strangers():
        sys.exit(
            f"These packages are not Familiar's own: {', '.join(strangers)}. "
            "Run from the project's folder, or uninstall what shadows them."
        )
    try:
        from bot.cli import app  # noqa: PLC0415 (only once the packages are known to be ours)

        app()
    except KeyboardInterrupt:  # Ctrl-C before a command has begun
        sys.exit(130)
    finally:
        gc.freeze()  # or an end looks through all that was imported several times: half a second


def _strangers() -> list[str]:
    """Our packages' names that resolve elsewhere: other projects use such plain names too."""
    from importlib.util import find_spec  # noqa: PLC0415

    home = Path(__file__).resolve().parent.parent
    found = []
    for name in PACKAGES:
        spec = find_spec(name)
        places = list(spec.submodule_search_locations or ()) if spec is not None else []
        if not any(Path(place).resolve() == home / name for place in places):
            found.append(name)
    return found


if __name__ == "__main__":
    main()
