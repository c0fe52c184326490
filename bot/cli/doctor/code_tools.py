"""Whether tools may bring their own code, and what shuts it in."""

from __future__ import annotations

from collections.abc import Iterator

import anyio

from bot.cli.doctor.finding import Finding
from config.settings import Settings


def code_tools(chosen: Settings) -> Iterator[Finding]:
    """Tried for real, with a source that does nothing."""
    if not chosen.allow_code_tools:
        yield Finding("code tools", good=True, text="not allowed")
        return
    from bot.sandbox import IsolatedRunner, enclosures  # noqa: PLC0415 (imports the engine)

    runner = IsolatedRunner(enclosures())
    why = anyio.run(runner.obstacle)
    if why is not None:
        yield Finding("code tools", good=False, text=why, fix="Or leave them off; docs/tools.md.")
        return
    yield Finding(
        "code tools",
        good=True,
        text=f"allowed to administrators, each call shut in by {runner.enclosure}",
    )
