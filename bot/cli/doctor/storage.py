"""Where things are kept: folders and their permissions, the database, backups, room, the clock."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from bot.cli.doctor.finding import Finding
from bot.cli.running import DOTENV
from bot.host.secret_key import FILE

LEAST_FREE = 200 * 1024 * 1024
OLD_BACKUP_DAYS = 7
CLOCK_SLACK = 120.0
"""Seconds by which a file may seem to be from the future: other machines write to shared disks."""

EARLIEST = datetime(2026, 1, 1, tzinfo=UTC)
"""No clock that is right says an earlier time than this program was written at."""


def secrets(database_file: Path) -> Iterator[Finding]:
    """Files that hold keys are for their owner alone."""
    for place in (DOTENV, database_file.with_name(FILE)):
        if place.exists() and stat.S_IMODE(place.stat().st_mode) & 0o077:
            yield Finding(
                "secrets",
                good=False,
                text=f"other users of this machine can read {place}, which holds keys",
                fix=f"chmod 600 {place}",
            )


def folder(database_file: Path) -> Iterator[Finding]:
    place = database_file.parent
    if not place.exists():
        yield Finding("folder", good=True, text=f"{place} will be made at the first start")
    elif not os.access(place, os.W_OK | os.X_OK):
        yield Finding(
            "folder",
            good=False,
            text=f"{place} can't be written to",
            fix=f"chown or chmod it, for example: chmod u+rwx {place}",
        )
    elif stat.S_IMODE(place.stat().st_mode) & 0o077:
        yield Finding(
            "folder",
            good=place == Path.cwd(),
            text=f"other users of this machine can look into {place}",
            fix=f"chmod 700 {place}",
        )
    else:
        yield Finding("folder", good=True, text=f"{place}, for its owner only")


def database(path: Path) -> Iterator[Finding]:
    from agentcore.sqlstore.engine.copies import damage_of  # noqa: PLC0415 (imports the engine)
    from agentcore.sqlstore.engine.schema import SchemaState, sqlite_state  # noqa: PLC0415

    state = sqlite_state(path)
    match state:
        case SchemaState.CURRENT:
            yield Finding("database", good=True, text=f"{path} is up to date")
        case SchemaState.EMPTY:
            yield Finding("database", good=True, text=f"{path} will be made at the first start")
        case SchemaState.OLDER:
            yield Finding(
                "database",
                good=False,
                text=f"{path} is of an older version",
                fix="Run: familiar db upgrade",
            )
        case SchemaState.NEWER:
            yield Finding(
                "database",
                good=False,
                text=f"{path} is of a newer version of Familiar",
                fix="Upgrade this program, or restore an older backup.",
            )
    if state is not SchemaState.EMPTY and (damage := damage_of(path)) is not None:
        yield Finding(
            "database",
            good=False,
            text=f"{path} is damaged: {damage}",
            fix="Stop the service, then restore a backup: familiar restore FILE",
        )


def backup(path: Path) -> Iterator[Finding]:
    from bot.backups.making import State, last_backup  # noqa: PLC0415 (imports the engine)

    if not path.exists():
        return
    last = last_backup(State(path))
    if last is None:
        yield Finding(
            "backup", good=True, text="none is known", fix="To make one: familiar backup FILE"
        )
        return
    days = (datetime.now(UTC) - last.moment).days
    age = "today" if days < 1 else f"{days} days ago"
    old = days >= OLD_BACKUP_DAYS
    text = f"the last one was made {age}: {last.place}"
    yield Finding("backup", good=True, text=text, fix="Make a new one." if old else "")


def disk(path: Path) -> Iterator[Finding]:
    place = path.parent
    while not place.exists():
        place = place.parent
    free = shutil.disk_usage(place).free
    text = f"{free // 2**20:,} MB free"
    fix = "" if free >= LEAST_FREE else "Free some space: nothing can be stored on a full disk."
    yield Finding("disk", good=free >= LEAST_FREE, text=text, fix=fix)


def clock(path: Path) -> Iterator[Finding]:
    """A clock that is wrong breaks reminders, budgets by the day, and every https connection."""
    now = datetime.now(UTC)
    written = path.stat().st_mtime if path.exists() else 0.0
    ahead = written - now.timestamp()
    if now < EARLIEST:
        trouble = f"it says {now:%Y-%m-%d %H:%M} UTC"
    elif ahead > CLOCK_SLACK:
        trouble = f"it is {ahead / 60:,.0f} minutes behind the last change of the database"
    else:
        yield Finding("clock", good=True, text=f"{now:%Y-%m-%d %H:%M} UTC")
        return
    fix = "Set it, for example by: timedatectl set-ntp true"
    yield Finding("clock", good=False, text=trouble, fix=fix)
