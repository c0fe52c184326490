"""A person's machine: a folder of its own, a clean environment, and real `familiar` processes.

Everything waits for an event (a line on stderr, an exit) with a bound; nothing sleeps.
"""

from __future__ import annotations

import queue
import re
import signal
import subprocess
import sys
import threading
from collections.abc import AsyncGenerator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from anyio import to_thread

from tests.end_to_end import nest

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
        own = {"HOME": str(self.folder), "PORT": "0"}
        return {**nest.environment(), **own, **self.settings, **settings}

    def process(self, *command: str, **settings: str) -> subprocess.Popen[bytes] | nest.Hatched:
        """A process of `familiar …` with three pipes."""
        environment = self.environment(**settings)
        # What is said to the interpreter itself needs a new one. Elsewhere than on Linux, forks of
        # a process with libraries in it aren't safe.
        if sys.platform == "linux" and not any(name.startswith("PYTHON") for name in settings):
            return nest.Hatched(command, self.folder, environment)
        return subprocess.Popen(  # noqa: S603 (our own program)
            [sys.executable, "-m", "bot", *command],
            cwd=self.folder,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def start(self, *command: str, given: str | bytes = "", **settings: str) -> Running:
        """Start `familiar …` and let it run; `given` is its standard input."""
        process = Running(self.process(*command, **settings))
        process.give(given.encode() if isinstance(given, str) else given)
        return process

    def run(self, *command: str, given: str | bytes = "", **settings: str) -> Ended:
        """Run `familiar …` to its end; `given` is its standard input."""
        process = self.start(*command, given=given, **settings)
        try:
            return process.ended()
        finally:
            process.kill()

    def chat(self, *lines: str, user: str = "ada", **settings: str) -> Ended:
        """Say these lines through a pipe."""
        return self.run("chat", "--user", user, given="\n".join(lines) + "\n", **settings)

    @contextmanager
    def serving(self, **settings: str) -> Iterator[Serving]:
        """A service in the background, from its first sign of being ready."""
        service = Serving(self.process("serve", **settings))
        service.give(b"")
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


class Running:
    """A process that runs. What it writes is kept and can be waited for."""

    def __init__(self, process: subprocess.Popen[bytes] | nest.Hatched) -> None:
        self._process = process
        self._new: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._seen: list[str] = []
        self._out: list[bytes] = []
        self._err: list[bytes] = []
        self._readers = [
            threading.Thread(target=self._read, args=each, daemon=True)
            for each in ((process.stdout, self._out), (process.stderr, self._err))
        ]
        for reader in self._readers:
            reader.start()

    @property
    def pid(self) -> int:
        return self._process.pid

    def give(self, given: bytes) -> None:
        """All of its standard input."""
        if self._process.stdin is not None:
            with suppress(BrokenPipeError), self._process.stdin as stdin:  # it may not want it
                stdin.write(given)

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

    def wait(self, patience: float = PATIENCE) -> int:
        """The exit code, once it has ended."""
        code = self._process.wait(patience)
        for reader in self._readers:
            reader.join(patience)
        return code

    def ended(self) -> Ended:
        """How it ended, once it has."""
        code = self.wait()
        return Ended(code, b"".join(self._out).decode(), b"".join(self._err).decode())

    def kill(self) -> None:
        """kill -9."""
        self._process.kill()
        self.wait()

    @property
    def said(self) -> str:
        """All that it has written so far."""
        return "".join(self._seen)

    def _read(self, stream: IO[bytes] | None, kept: list[bytes]) -> None:
        if stream is not None:
            with stream:
                for line in stream:
                    kept.append(line)
                    self._seen.append(line.decode())
                    self._new.put(line.decode())
        self._new.put(None)


class Serving(Running):
    """A running `familiar serve`."""

    url = ""
