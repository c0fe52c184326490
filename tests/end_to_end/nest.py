"""Starts `familiar` processes out of one that has imported the program already.

Importing is nearly all of what a short command costs. What is started is a process of its own, with
its own folder, environment and streams; it runs and ends as `python -m bot` does, and can be killed.
"""

from __future__ import annotations

import atexit
import functools
import gc
import importlib
import json
import os
import runpy
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

ROOT = Path(__file__).parents[2]
LARGEST = 200_000
"""Bytes of a request."""


class Hatched:
    """A running `familiar`, as a `subprocess.Popen` with three pipes."""

    def __init__(
        self, command: Sequence[str], folder: Path, environment: Mapping[str, str]
    ) -> None:
        theirs_in, ours_in = os.pipe()
        ours_out, theirs_out = os.pipe()
        ours_err, theirs_err = os.pipe()
        self._told, told = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        theirs = (theirs_in, theirs_out, theirs_err, told.detach())
        self.stdin = os.fdopen(ours_in, "wb", 0)
        self.stdout = os.fdopen(ours_out, "rb")
        self.stderr = os.fdopen(ours_err, "rb")
        request = json.dumps([command, str(folder), dict(environment)]).encode()
        assert len(request) < LARGEST
        socket.send_fds(_nest(), [request], theirs)
        for each in theirs:
            os.close(each)
        self.pid = int(self._told.recv(32))
        self.returncode: int | None = None

    def wait(self, timeout: float | None = None) -> int:
        """The exit code, once it has ended.

        Raises:
            TimeoutError: it goes on.
        """
        if self.returncode is None:
            self._told.settimeout(timeout)
            self.returncode = int(self._told.recv(32))
            self._told.close()
        return self.returncode

    def send_signal(self, number: int) -> None:
        with suppress(ProcessLookupError):
            os.kill(self.pid, number)

    def kill(self) -> None:
        if self.returncode is None:
            self.send_signal(signal.SIGKILL)


@functools.cache
def _nest() -> socket.socket:
    """The way to this process's nest; it ends with it."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        process = subprocess.Popen(  # noqa: S603 (our own module)
            [sys.executable, "-m", "tests.end_to_end.nest", str(theirs.fileno())],
            cwd=ROOT,
            env=environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            pass_fds=[theirs.fileno()],
        )

    def end() -> None:
        ours.close()
        process.wait()

    atexit.register(end)
    return ours


def environment() -> dict[str, str]:
    """What a process of a test begins with; nothing of this machine's settings."""
    given = os.environ  # noqa: TID251 (the test run's own, not the program's settings)
    return {
        "PATH": os.defpath,
        "LANG": "C.UTF-8",
        "PYTHONPATH": str(ROOT),
        # discord.py imports audioop, for calls that nobody makes.
        "PYTHONWARNINGS": "error,ignore:'audioop' is deprecated:DeprecationWarning",
        # Lets these processes be counted where coverage is measured.
        **{name: value for name, value in given.items() if name.startswith("COVERAGE_")},
    }


def _next(requests: socket.socket) -> bool:
    """Wait for requests. True in a process that has become what was asked for, False at the end."""
    while True:
        request, descriptors, _, _ = socket.recv_fds(requests, LARGEST, 4)
        if not request:
            requests.close()
            return False
        if os.fork() == 0:
            break
        for each in descriptors:
            os.close(each)
    # Whoever waits for the one that was asked for: only its parent is told how it ended.
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    requests.close()
    *streams, told = descriptors
    if pid := os.fork():
        for each in streams:
            os.close(each)
        _tell_of(pid, socket.socket(fileno=told))
        os._exit(0)
    os.close(told)
    _become(streams, *json.loads(request))
    return True


def _tell_of(pid: int, told: socket.socket) -> None:
    with told, suppress(BrokenPipeError):  # nobody may want to know
        told.send(str(pid).encode())
        _, status = os.waitpid(pid, 0)
        told.send(str(os.waitstatus_to_exitcode(status)).encode())


def _become(
    streams: Sequence[int], command: Sequence[str], folder: str, settings: Mapping[str, str]
) -> None:
    for number, each in enumerate(streams):
        os.dup2(each, number)
        os.close(each)
    sys.stdin = open(0, closefd=False)  # noqa: SIM115 (as an interpreter does)
    sys.stdout = open(1, "w", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", 1, errors="backslashreplace", closefd=False)  # noqa: SIM115
    os.chdir(folder)
    os.environ.clear()  # noqa: TID251 (a process of its own)
    os.environ.update(settings)  # noqa: TID251
    sys.path[0] = folder
    sys.argv = ["bot", *command]
    signal.signal(signal.SIGINT, signal.default_int_handler)


def main() -> None:
    requests = socket.socket(fileno=int(sys.argv[1]))
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.disable()
    importlib.import_module("tests.end_to_end.imported")
    gc.freeze()
    gc.enable()
    if _next(requests):
        runpy.run_module("bot", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
