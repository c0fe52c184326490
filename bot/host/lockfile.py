"""The lock file beside a SQLite database: at most one process works on it.

Who holds it is told by `flock`, which the kernel lets go of when a process ends, however it
ends; the JSON inside (pid, url, key) only says how to reach the holder. So a crashed holder
never blocks, and what a dead one wrote is never believed. The file is never deleted: two
processes could then hold two files of one name.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

_PATIENCE = 0.5
"""Seconds in which to try again: a reader holds the lock for a moment to see whether it can."""

_PAUSE = 0.01


@dataclass(frozen=True, slots=True)
class RunningService:
    """Who works on the database. `url` and `key` are empty while it has no door."""

    pid: int
    url: str = ""
    key: str = ""

    def __repr__(self) -> str:
        return f"RunningService(pid={self.pid}, url={self.url!r})"  # the key is a secret


class AlreadyRunning(Exception):
    """Another process works on the database."""

    def __init__(self, running: RunningService, path: Path) -> None:
        self.pid = running.pid
        self.url = running.url
        database = path.with_name(path.name.removesuffix(".lock"))
        if running.url:
            who = f"A familiar service (pid {running.pid}, {running.url})"
            advice = "use that one, stop it"
        else:
            who = f"A familiar command (pid {running.pid or 'unknown'})"
            advice = "wait until it is done (`familiar serve` serves many at once)"
        super().__init__(
            f"{who} works on {database}: {advice}, "
            "or choose another database with FAMILIAR_DATABASE_URL."
        )


class ServiceLock:
    """The lock, held from `acquire` to `release` or to the end of the process."""

    def __init__(self, fd: int) -> None:
        self._fd = fd

    @classmethod
    def acquire(cls, path: Path) -> Self:
        """Take the lock. Blocks for half a second at most.

        Raises:
            AlreadyRunning: another process, or another lock of this one, holds it.
            OSError: the file can't be made.
        """
        fd = _open(path)
        try:
            _lock(fd, path)
            os.fchmod(fd, 0o600)
            _write(fd, RunningService(os.getpid()))
        except BaseException:
            os.close(fd)
            raise
        return cls(fd)

    def publish(self, url: str, key: str) -> None:
        """Say where the door is, and what opens it."""
        _write(self._fd, RunningService(os.getpid(), url, key))

    def release(self) -> None:
        """Let go. Safe to call twice."""
        if self._fd >= 0:
            os.ftruncate(self._fd, 0)
            os.close(self._fd)
            self._fd = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()


def read_lock(path: Path) -> RunningService | None:
    """The process that works on the database now, None if there is none.

    Raises:
        OSError: there is a lock file and it can't be opened.
    """
    try:
        fd = os.open(path, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
    except (FileNotFoundError, NotADirectoryError):
        return None
    try:
        deadline = time.monotonic() + _PATIENCE
        while True:
            if _try_lock(fd, fcntl.LOCK_SH):
                return None
            # The holder may be writing at this moment: what is half there isn't JSON.
            if (running := _read(fd)) or time.monotonic() > deadline:
                return running or RunningService(pid=0)
            time.sleep(_PAUSE)
    finally:
        os.close(fd)


def _open(path: Path) -> int:
    flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
    return os.open(path, flags, 0o600)


def _lock(fd: int, path: Path) -> None:
    deadline = time.monotonic() + _PATIENCE
    while not _try_lock(fd, fcntl.LOCK_EX):
        if time.monotonic() > deadline:
            raise AlreadyRunning(_read(fd) or RunningService(pid=0), path)
        time.sleep(_PAUSE)


def _try_lock(fd: int, kind: int) -> bool:
    try:
        fcntl.flock(fd, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _write(fd: int, running: RunningService) -> None:
    content = json.dumps(asdict(running)).encode()
    os.ftruncate(fd, 0)
    os.pwrite(fd, content, 0)


def _read(fd: int) -> RunningService | None:
    try:
        found = json.loads(os.pread(fd, 65_536, 0))
        return RunningService(int(found["pid"]), str(found["url"]), str(found["key"]))
    except (ValueError, KeyError, TypeError):
        return None
