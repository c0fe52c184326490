"""Making a backup, while a service runs or not."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from agentcore.clock import Clock, as_datetime
from agentcore.errors import BadInput
from agentcore.sqlstore.engine.copies import copy_database
from agentcore.sqlstore.engine.schema import SchemaState, require_current, sqlite_state
from bot.backups.archive import (
    Manifest,
    Sealed,
    beside,
    member_of,
    told_if_full,
    write_archive,
)
from bot.host import secret_key

DATABASE = "familiar.db"
SECRET_KEY = secret_key.FILE
_LAST = "last-backup.json"


@dataclass(frozen=True, slots=True)
class State:
    """Where a service keeps what a backup holds: its database, and the key beside it."""

    database: Path

    @property
    def folder(self) -> Path:
        return self.database.parent

    @property
    def secret_key(self) -> Path:
        return self.folder / SECRET_KEY


@dataclass(frozen=True, slots=True)
class LastBackup:
    """When the last backup was made, by the machine's clock, and where it was put."""

    made_at: str
    place: str

    @property
    def moment(self) -> datetime:
        return datetime.fromisoformat(self.made_at).astimezone(UTC)


def make_backup(state: State, target: Path, clock: Clock, *, overwrite: bool = False) -> Sealed:
    """Write a verified backup to `target`, for its owner's eyes only.

    Nothing is at `target` until all of it is written and checked.

    Raises:
        BadInput: there is something at `target` already, or nothing to back up.
        StoreError: the database can't be read, or the disk is full.
        OSError: `target` can't be written.
    """
    target = target.absolute()
    _require_free(state, target, overwrite=overwrite)
    match sqlite_state(state.database):
        case SchemaState.EMPTY:
            msg = f"There is no database {state.database} yet, so there is nothing to back up."
            raise BadInput(msg)
        case SchemaState.NEWER:
            require_current(SchemaState.NEWER)
        case SchemaState.CURRENT | SchemaState.OLDER:
            pass
    with told_if_full("no backup was written"), beside(target) as copy:
        contents = copy_database(state.database, copy)
        files = {DATABASE: copy}
        if state.secret_key.exists():
            files[SECRET_KEY] = state.secret_key
        manifest = Manifest(
            made_at=as_datetime(clock.now()).isoformat(timespec="seconds"),
            db_schema=contents.schema,
            rows=contents.rows,
            files={name: member_of(path) for name, path in files.items()},
        )
        sealed = write_archive(target, manifest, files)
    _note(state, LastBackup(manifest.made_at, str(target)))
    return sealed


def last_backup(state: State) -> LastBackup | None:
    """The last backup that was made of this state, if that is known."""
    try:
        found: Mapping[str, str] = json.loads((state.folder / _LAST).read_text("utf-8"))
        last = LastBackup(str(found["made_at"]), str(found["place"]))
        last.moment  # noqa: B018 (a date that can't be read is no date)
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None
    return last


def _note(state: State, last: LastBackup) -> None:
    place = state.folder / _LAST
    with beside(place) as part:
        part.write_text(json.dumps(asdict(last)), "utf-8")
        part.replace(place)


def _require_free(state: State, target: Path, *, overwrite: bool) -> None:
    if not target.parent.is_dir():
        msg = f"There is no folder {target.parent} to put the backup into."
        raise BadInput(msg)
    own = {state.database, state.secret_key, state.folder / _LAST}
    own |= {
        state.database.with_name(state.database.name + end) for end in ("-wal", "-shm", ".lock")
    }
    if target.resolve() in {path.resolve() for path in own}:
        msg = f"{target} belongs to the service itself. Choose another name for the backup."
        raise BadInput(msg)
    if target.is_dir():
        msg = f"{target} is a folder. Say the name of a file in it."
        raise BadInput(msg)
    if target.exists() and not overwrite:
        msg = f"{target} is there already. Choose another name, or overwrite it with --force."
        raise BadInput(msg)
