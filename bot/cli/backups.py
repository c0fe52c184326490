"""`familiar backup` and `familiar restore`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from agentcore.clock import SystemClock
from bot.cli import running
from bot.cli.options import Json
from bot.host.lockfile import ServiceLock
from bot.host.places import lock_path, prepare_folder, sqlite_path
from config.database_url import SqliteUrl
from config.settings import Settings


def backup(
    file: Annotated[Path, typer.Argument(help="Where to put the backup; one file.")],
    *,
    force: Annotated[bool, typer.Option("--force", help="Overwrite a file that is there.")] = False,
    as_json: Json = False,
) -> None:
    """Put the database and the service's secret key into one file, also while a service runs.

    The file is checked before it gets its name. It holds what people said: keep it as safe as the
    database itself.
    """
    chosen = _on_sqlite("pg_dump --format=custom --file=FILE", "back it up")

    async def work() -> int:
        from bot.backups.making import SECRET_KEY, State, make_backup  # noqa: PLC0415 (the engine)

        state = State(sqlite_path(chosen))
        sealed = make_backup(state, file, SystemClock(), overwrite=force)
        rows = sealed.manifest.rows
        if as_json:
            running.print_json({"file": str(file), "bytes": sealed.size} | _shown(rows))
            return 0
        running.say(f"{file}: {max(1, sealed.size // 1_000):,} kB, checked. {_told(rows)}")
        if SECRET_KEY in sealed.manifest.files:
            running.say("In it: the database, and the key that web visitors are known by.")
        else:
            running.say("In it: the database.")
        running.say("Not in it: .env, with the keys of your model and your bots. Keep a copy.")
        return 0

    running.run(work)


def restore(
    file: Annotated[Path, typer.Argument(help="A file that `familiar backup` made.")],
    *,
    as_json: Json = False,
) -> None:
    """Put a backup in the place of the present database, which is kept under another name.

    Refused while a service runs. The copies that upgrades leave can be restored too.
    """
    chosen = _on_sqlite("pg_restore --clean --if-exists --dbname=…", "restore it")

    async def work() -> int:
        from bot.backups.making import State  # noqa: PLC0415 (imports the engine)
        from bot.backups.restoring import restore_backup  # noqa: PLC0415

        state = State(sqlite_path(chosen))
        prepare_folder(state.database)
        with ServiceLock.acquire(lock_path(state.database)):
            done = restore_backup(state, file, SystemClock())
        if as_json:
            running.print_json(
                {
                    "file": str(file),
                    "made_at": done.made_at,
                    "upgraded": done.upgraded,
                    "kept": [str(path) for path in done.kept],
                    "erased_since": None if done.returned is None else list(done.returned),
                }
                | _shown(done.rows)
            )
            return 0
        running.say(f"Restored from {file}. {_told(done.rows)}")
        if done.upgraded:
            running.say("It was of an older version, and is up to date now.")
        for path in done.kept:
            running.say(f"What was there before: {path}")
        if done.kept:
            running.say("Erasing a person doesn't reach it: delete it when you don't need it.")
        _warn_of_the_erased(done.made_at, done.returned)
        running.say(
            "What was waiting then, for an answer or to be sent, goes on at the next start."
        )
        running.say("Next: familiar doctor, then familiar serve")
        return 0

    running.run(work)


def _warn_of_the_erased(made_at: str | None, returned: tuple[str, ...] | None) -> None:
    since = "the backup was made" if made_at is None else made_at
    running.say(f"What people erased or had it forget since {since} is in this database again.")
    if returned is None:
        running.say("Erase once more whoever asked for it: familiar users forget ID")
    elif returned:
        running.say("These people aren't in the one before; if they were erased, erase them again:")
        for user in returned:
            running.say(f"  familiar users forget {user}")


def _on_sqlite(command: str, what: str) -> Settings:
    chosen = running.settings()
    if not isinstance(chosen.database, SqliteUrl):
        running.fail(
            f"The database is on PostgreSQL, whose own tools {what}: {command}. "
            "Keep a copy of .env and of secret.key beside it."
        )
    return chosen


def _shown(rows: Mapping[str, int]) -> dict[str, int]:
    return {f"{name}s": rows.get(name, 0) for name in ("user", "agent", "message")}


def _told(rows: Mapping[str, int]) -> str:
    return ", ".join(f"{name}: {count:,}" for name, count in _shown(rows).items()) + "."
