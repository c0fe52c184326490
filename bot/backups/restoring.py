"""Putting a backup in the place of the present state, which is kept beside it.

Invariant: until the backup is proven whole and brought up to date, nothing present is touched;
then one rename puts it in place, so that there is never no database. The caller holds the
service's lock.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from agentcore.clock import Clock, as_datetime
from agentcore.errors import BadInput, StoreError
from agentcore.sqlstore.engine.copies import contents_of, fold_in_log, people_of, users_of
from agentcore.sqlstore.engine.schema import SchemaState, sqlite_state, upgrade_sqlite
from bot.backups.archive import read_archive, told_if_full
from bot.backups.making import DATABASE, SECRET_KEY, State

_SIGNATURE = b"SQLite format 3\0"


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore did.

    `made_at` is None for a bare database file, which doesn't say. `kept` are the present files'
    new names. `returned` are users of the backup that the database it replaced had no more:
    they were erased since; None when that can't be known. `secret_key`: whether the backup
    brought one.
    """

    made_at: str | None
    rows: Mapping[str, int]
    upgraded: bool
    kept: tuple[Path, ...]
    returned: tuple[str, ...] | None
    secret_key: bool


def restore_backup(state: State, source: Path, clock: Clock) -> Restored:
    """Check a backup, bring it up to date, and put it in place.

    `source` is a file of `make_backup`, or a bare database, such as the copy that an upgrade
    leaves. The folders of `state` must exist.

    Raises:
        BadInput: it is no backup, is damaged, or is newer than this program.
        StoreError: it can't be brought up to date, or the disk is full.
        OSError: a file can't be read or written.
    """
    if not source.is_file():
        msg = f"There is no file {source}."
        raise BadInput(msg)
    with told_if_full("nothing was restored"), _workshop(state.database) as folder:
        made_at = _unpacked(source, folder)
        upgraded = _made_current(folder / DATABASE, source)
        contents = contents_of(folder / DATABASE)
        returned = _returned(folder / DATABASE, state.database)
        brings_key = (folder / SECRET_KEY).exists()
        kept = _put_in_place(folder, state, as_datetime(clock.now()).strftime("%Y%m%dT%H%M%SZ"))
    return Restored(made_at, contents.rows, upgraded, kept, returned, brings_key)


@contextmanager
def _workshop(database: Path) -> Iterator[Path]:
    """A folder on the database's own disk, for its owner alone."""
    with TemporaryDirectory(prefix=".restore-", dir=database.parent) as name:
        yield Path(name)


def _unpacked(source: Path, folder: Path) -> str | None:
    """Put the backup's files into the folder; when it was made."""
    with source.open("rb") as file:
        bare = file.read(len(_SIGNATURE)) == _SIGNATURE
    if bare:
        _private_copy(source, folder / DATABASE)
        for end in ("-wal", "-journal"):
            log = source.with_name(source.name + end)
            if log.exists():  # what is in it belongs to the database
                _private_copy(log, folder / (DATABASE + end))
        return None
    wanted = {name: folder / name for name in (DATABASE, SECRET_KEY)}
    for place in wanted.values():
        os.close(os.open(place, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    manifest = read_archive(source, wanted.get)
    for name, place in wanted.items():
        if name not in manifest.files:
            place.unlink()
    if DATABASE not in manifest.files:
        msg = f"There is no database in the backup {source}. Use another one."
        raise BadInput(msg)
    return manifest.made_at


def _private_copy(source: Path, place: Path) -> None:
    os.close(os.open(place, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    shutil.copyfile(source, place)


def _made_current(database: Path, source: Path) -> bool:
    """Check the unpacked database and bring it up to date; whether that was needed."""
    try:
        state = sqlite_state(database)
        if state in {SchemaState.EMPTY, SchemaState.NEWER}:
            trouble = (
                "there is nothing in its database"
                if state is SchemaState.EMPTY
                else "it was made by a newer version of Familiar: upgrade this program"
            )
            msg = f"The backup {source} can't be restored: {trouble}."
            raise BadInput(msg)
        contents_of(database)
        upgrade_sqlite(database, keep_copy=False)
        fold_in_log(database)
    except StoreError as error:
        msg = f"The backup {source} can't be restored: {error}"
        raise type(error)(msg) from error
    return state is SchemaState.OLDER


def _returned(restored: Path, present: Path) -> tuple[str, ...] | None:
    if not present.exists():
        return None
    try:
        return tuple(sorted(people_of(restored) - users_of(present)))
    except StoreError:  # the present one is damaged, which is why it is replaced
        return None


def _put_in_place(folder: Path, state: State, stamp: str) -> tuple[Path, ...]:
    kept: list[Path] = []
    with suppress(StoreError):  # a damaged one is kept as it is, with its log
        if state.database.exists():
            fold_in_log(state.database)
    for end in ("-wal", "-shm"):
        log = state.database.with_name(state.database.name + end)
        if log.exists():
            log.replace(
                _aside(state.database, stamp).with_name(_aside(state.database, stamp).name + end)
            )
    kept += _replaced(folder / DATABASE, state.database, stamp)
    if (key := folder / SECRET_KEY).exists():
        kept += _replaced(key, state.secret_key, stamp)
    return tuple(kept)


def _aside(path: Path, stamp: str) -> Path:
    return path.with_name(f"{path.stem}.replaced-{stamp}{path.suffix}")


def _replaced(new: Path, place: Path, stamp: str) -> list[Path]:
    """Put `new` in place in one step; what was there keeps a second name."""
    kept = []
    if place.exists():
        aside = _aside(place, stamp)
        try:
            os.link(place, aside)
        except OSError:  # not every file system has second names
            shutil.copy2(place, aside)
        kept.append(aside)
    new.replace(place)
    return kept
