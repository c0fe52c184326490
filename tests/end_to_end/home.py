"""A person's machine: a folder of its own, a clean environment, and real `familiar` processes.

Everything waits for an event (a line on stderr, an exit) with a bound; nothing sleeps.
"""

from __future__ import annotations

import os
import queue
import re
import signal
import subprocess
import sys
import threading
from collections.abc import AsyncGenerator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from anyio import to_thread

ROOT = Path(__file__).parents[2]
PATIENCE = 60.0
"""Seconds after which a process that doesn't do what is waited for has failed the test."""

READY = "Familiar is at "


@dataclass(frozen=True, slots=True)
class Ended:
    """A process that has ended: its exit code and all that it said."""

    code: int
    out: str
    err: str

    @property
    def told_terms(self) -> bool:
        """Whether it said, as to everybody once, what is kept and who sees it, and nothing else but
        what was noted.
        """
        card = ("Noted:", "• ", "Undo: /undo #")
        told = [line for line in self.err.splitlines() if not line.startswith(card)]
        return len(told) == 1 and told[0].startswith("Before we begin")


def _measuring() -> dict[str, str]:
    given = os.environ  # noqa: TID251 (the test run's own, not the program's settings)
    return {name: value for name, value in given.items() if name.startswith("COVERAGE_")}


@dataclass(frozen=True, slots=True)
class Home:
    """A working folder and the settings that its processes get."""

    folder: Path
    settings: Mapping[str, str] = field(default_factory=dict)

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def database(self) -> Path:
        return self.data / "familiar.db"

    def environment(self, **settings: str) -> dict[str, str]:
        return {
            "HOME": str(self.folder),
            "PATH": os.defpath,
            "LANG": "C.UTF-8",
            "PYTHONPATH": str(ROOT),
            # discord.py imports audioop, for calls that nobody makes.
            "PYTHONWARNINGS": "error,ignore:'audioop' is deprecated:DeprecationWarning",
            "PORT": "0",
            # Lets these processes be counted where coverage is measured.
            **_measuring(),
            **self.settings,
            **settings,
        }

    def run(self, *command: str, given: str | bytes = "", **settings: str) -> Ended:
        """Run `familiar …` to its end; `given` is its standard input."""
        process = subprocess.run(  # noqa: S603 (our own program)
            [sys.executable, "-m", "bot", *command],
            cwd=self.folder,
            env=self.environment(**settings),
            input=given.encode() if isinstance(given, str) else given,
            capture_output=True,
            timeout=PATIENCE,
            check=False,
        )
        return Ended(process.returncode, process.stdout.decode(), process.stderr.decode())

    def start(self, *command: str, given: str) -> subprocess.Popen[bytes]:
        """Start `familiar …` and let it run, its input given and its output unread."""
        process = subprocess.Popen(  # noqa: S603 (our own program)
            [sys.executable, "-m", "bot", *command],
            cwd=self.folder,
            env=self.environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        if process.stdin is not None:
            process.stdin.write(given.encode())
            process.stdin.close()
        return process

    def chat(self, *lines: str, user: str = "ada", **settings: str) -> Ended:
        """Say these lines through a pipe."""
        return self.run("chat", "--user", user, given="\n".join(lines) + "\n", **settings)

    @contextmanager
    def serving(self, **settings: str) -> Iterator[Serving]:
        """A service in the background, from its first sign of being ready."""
        service = Serving(self, self.environment(**settings))
        try:
            service.url = service.until(READY).split(READY)[1].split(",")[0]
            yield service
        finally:
            service.kill()


@asynccontextmanager
async def served(home: Home) -> AsyncGenerator[Serving, None]:
    """One life of the service; at the end of the block it is killed unless it has stopped."""
    manager = home.serving()
    service = await to_thread.run_sync(manager.__enter__)
    try:
        yield service
    finally:
        await to_thread.run_sync(manager.__exit__, None, None, None)


class Serving:
    """A running `familiar serve`. What it writes to stderr is kept and can be waited for."""

    def __init__(self, home: Home, environment: Mapping[str, str]) -> None:
        self.url = ""
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bot", "serve"],
            cwd=home.folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self._new: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._seen: list[str] = []
        self._readers = [
            threading.Thread(target=self._read, args=(stream,), daemon=True)
            for stream in (self._process.stderr, self._process.stdout)
        ]
        for reader in self._readers:
            reader.start()

    @property
    def pid(self) -> int:
        return self._process.pid

    def until(self, pattern: str) -> str:
        """Wait for a line that holds the pattern; that line."""
        ended = 0
        while ended < len(self._readers):
            try:
                line = self._new.get(timeout=PATIENCE)
            except queue.Empty:
                raise AssertionError(f"no {pattern!r} in {self._seen}") from None
            if line is None:
                ended += 1
            elif re.search(pattern, line):
                return line
        raise AssertionError(f"it ended without {pattern!r}: {self._seen}")

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """Ask it to stop, and wait for its exit code."""
        self._process.send_signal(how)
        return self.wait()

    def signal(self, how: signal.Signals) -> None:
        self._process.send_signal(how)

    def wait(self) -> int:
        """The exit code, once it has ended."""
        code = self._process.wait(PATIENCE)
        for reader in self._readers:
            reader.join(PATIENCE)
        return code

    def kill(self) -> None:
        """kill -9."""
        self._process.kill()
        self.wait()
        for stream in (self._process.stderr, self._process.stdout):
            if stream is not None:
                stream.close()

    @property
    def said(self) -> str:
        """All that it has written so far."""
        return "".join(self._seen)

    def _read(self, stream: IO[bytes] | None) -> None:
        if stream is not None:
            for line in stream:
                self._seen.append(line.decode())
                self._new.put(line.decode())
        self._new.put(None)
