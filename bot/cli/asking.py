"""A store command, carried out to its result: by the running service, else here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.cli import running


def ask_service(name: str, arguments: Mapping[str, Any]) -> Any:
    """The command's result; what goes wrong ends the program with a sentence."""
    chosen = running.settings()
    results: list[Any] = []

    async def work() -> int:
        results.append(await running.command(chosen, name, arguments))
        return 0

    try:
        running.run(work)
    except SystemExit as end:
        if end.code:
            raise
    return results[0]
