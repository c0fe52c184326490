"""Whether a service runs, and how it fares with its work."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import anyio

from bot.cli import running as commands
from bot.cli.doctor.finding import Finding
from bot.door.errors import DoorClosed, DoorRefused
from bot.host.lockfile import read_lock
from bot.host.places import lock_path
from config.settings import Settings

LONG_WAIT = 600
"""Seconds after which a message that isn't answered is a matter for the operator."""


def running(database: Path) -> Iterator[Finding]:
    import httpx  # noqa: PLC0415

    found = read_lock(lock_path(database))
    if found is None:
        yield Finding("service", good=True, text="not running", fix="To start it: familiar serve")
        return
    if not found.url:
        yield Finding("service", good=True, text=f"process {found.pid} works on the database")
        return
    try:
        answer = httpx.get(f"{found.url}/readyz", timeout=5.0, trust_env=False)
        ready, detail = answer.status_code == 200, answer.json().get("checks")
    except (httpx.HTTPError, ValueError) as error:
        ready, detail = False, type(error).__name__
    yield Finding(
        "service",
        good=ready,
        text=f"process {found.pid} at {found.url}" + ("" if ready else f" is not ready: {detail}"),
        fix="" if ready else "Look at its log; stop and start it if it stays so.",
    )


def work(chosen: Settings, database: Path) -> Iterator[Finding]:
    """What waits, what was set aside, who can't be reached."""
    from agentcore.sqlstore.engine.schema import SchemaState, sqlite_state  # noqa: PLC0415

    if sqlite_state(database) is not SchemaState.CURRENT:
        return
    found = read_lock(lock_path(database))
    try:
        counts = anyio.run(commands.command, chosen, "counts", {})
    except (DoorClosed, DoorRefused) as error:
        yield Finding("work", good=False, text=str(error))
        return
    yield from _waiting(counts, serving=found is not None and bool(found.url))
    if parked := counts["parked"]:
        yield Finding(
            "work",
            good=False,
            text=f"messages set aside because answering them kept failing: {parked}",
            fix="familiar parked list shows why; familiar parked retry tries again.",
        )
    if unreachable := counts["unreachable"]:
        yield Finding(
            "work",
            good=True,
            text=f"chats that can't be written to any more: {unreachable}",
            fix="Their people have blocked the bot or left; it goes on when they write again.",
        )
    if failed := counts["failed_to_send"]:
        yield Finding("work", good=True, text=f"pieces of answers that could not be sent: {failed}")


def _waiting(counts: Mapping[str, int], *, serving: bool) -> Iterator[Finding]:
    pending, age = counts["pending"], counts["oldest_pending_seconds"]
    if not pending:
        yield Finding("work", good=True, text="nothing waits for an answer")
    elif serving and age >= LONG_WAIT:
        yield Finding(
            "work",
            good=False,
            text=f"{_messages(pending)} for an answer, the oldest for {age // 60} minutes",
            fix="Can the model be reached? The service's log says why turns fail.",
        )
    else:
        fix = "" if serving else "The service answers them when it runs: familiar serve"
        yield Finding("work", good=True, text=f"{_messages(pending)} for an answer", fix=fix)


def _messages(count: int) -> str:
    return "1 message waits" if count == 1 else f"{count:,} messages wait"
