"""Seeing to it that what was deleted is in none of a SQLite database's files any more.

Three things keep deleted text: the log, until it is emptied; gaps between the rows of a page,
until `sweep` overwrites them; and copies of the file, which are counted and left alone.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

import anyio
import sqlalchemy as sa

from agentcore.records import Scrubbed
from agentcore.sqlstore.engine import sweep

T = TypeVar("T")

TRIES = 20
PAUSE = 0.25
"""Seconds between tries to empty the log: a reader that is reading keeps it from that."""
LONGEST = 30.0
"""Seconds that overwriting may take: nobody can write meanwhile."""
AT_ONCE = 2_000
"""Pages that are overwritten while nobody can write."""
SEARCHED_BYTES = 20_000_000_000
"""How much a search for passages may read, all passages together."""
_BUSY = "PRAGMA busy_timeout=200"
_PATIENT = "PRAGMA busy_timeout=5000"


class Exclusive(Protocol):
    """Runs a piece of work on the writing engine while no transaction is open."""

    async def __call__(self, work: Callable[[sa.Engine], T]) -> T: ...


async def scrub(path: Path, exclusive: Exclusive, passages: Sequence[bytes]) -> Scrubbed:
    """Empty the log, overwrite what is left in unused space, and look for the passages."""
    emptied = await _until_emptied(exclusive)
    size = await asyncio.to_thread(lambda: path.stat().st_size)  # never opened: see `sweep`
    wanted = list(passages[: SEARCHED_BYTES // max(1, size)])
    copies = len(list(copies_beside(path)))
    if (seen := await _look(path, wanted)) is None:
        return Scrubbed(checked=False, log_emptied=emptied, copies=copies)
    overwritten, waiting = 0, seen.pages
    for _ in range(TRIES):
        if not waiting:
            break
        done = await exclusive(lambda engine: _overwrite(engine, path, waiting[:AT_ONCE]))  # noqa: B023
        if done is None:
            await asyncio.sleep(PAUSE)
            continue
        overwritten, waiting = overwritten + done, waiting[AT_ONCE:]
    if overwritten:
        seen = await _look(path, wanted) or seen
    return Scrubbed(
        log_emptied=emptied,
        overwritten=overwritten,
        uncleared=len(waiting),
        looked_for=len(wanted),
        found=seen.found,
        copies=copies,
    )


def copies_beside(path: Path) -> Iterator[Path]:
    """Copies that were made of the file before its upgrades."""
    yield from path.parent.glob(f"{path.stem}.before-*{path.suffix}")


async def _until_emptied(exclusive: Exclusive) -> bool:
    for attempt in range(TRIES):
        if attempt:
            await asyncio.sleep(PAUSE)
        if await exclusive(_empty_log):
            return True
    return False


def _empty_log(engine: sa.Engine) -> bool:
    """Write the log into the file and cut it to nothing; False while somebody reads from it."""
    connection = engine.raw_connection()
    try:
        cursor = connection.cursor()
        cursor.execute(_BUSY)
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        answer = cursor.fetchone()
        cursor.execute(_PATIENT)
        return answer is not None and not answer[0]
    finally:
        connection.close()


def _overwrite(engine: sa.Engine, path: Path, pages: Sequence[int]) -> int | None:
    """Overwrite while nobody writes and the file is all there is; None if that can't be now."""
    if not _empty_log(engine):
        return None
    with engine.connect() as connection, connection.begin() as held:
        log = path.with_name(f"{path.name}-wal")
        if log.exists() and log.stat().st_size:
            held.rollback()
            return None
        try:
            answer = subprocess.run(  # noqa: S603 (our own program)
                _command("overwrite", path),
                input=json.dumps(list(pages)).encode(),
                capture_output=True,
                check=True,
                timeout=LONGEST,
            ).stdout
        except (OSError, subprocess.SubprocessError):
            answer = b""
        held.rollback()
    # What this connection remembers of those pages, it would write back with the next change.
    engine.dispose()
    return int(json.loads(answer)["overwritten"]) if answer else None


@dataclass(frozen=True, slots=True)
class _Seen:
    pages: list[int]
    found: int


async def _look(path: Path, passages: Sequence[bytes]) -> _Seen | None:
    """Look through the files; None if that failed."""
    given = json.dumps([each.hex() for each in passages]).encode()
    try:
        seen = await anyio.run_process(  # ends with whoever waits for it
            _command("look", path), input=given, stderr=subprocess.DEVNULL, check=False
        )
    except OSError:
        return None
    return None if seen.returncode else _Seen(**json.loads(seen.stdout))


def _command(what: str, path: Path) -> Sequence[str]:
    return (sys.executable, "-I", str(sweep.__file__), what, str(path))
