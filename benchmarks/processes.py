"""Services and simulators as processes of their own, started, watched and ended.

Each gets an environment made from nothing, so that no setting of the person who measures leaks
in, and a folder of its own to run in.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import httpx

from benchmarks.figures import ROOT

PATIENCE = 60.0
"""Seconds in which a process must be up."""

_KEY = "sk-benchmark-0123456789"


class DidNotStart(Exception):
    """A process ended, or wasn't up in time; the message quotes the end of its log."""


def environment(folder: Path, **given: str) -> Mapping[str, str]:
    return {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "HOME": str(folder),
        "PYTHONPATH": str(ROOT),
        "PYTHONDONTWRITEBYTECODE": "1",
        "NO_PROXY": "127.0.0.1",
        **given,
    }


def model_settings(base_url: str, client: str = "direct") -> Mapping[str, str]:
    """Settings of a service whose model is at an OpenAI-compatible address, reached directly or
    through litellm.
    """
    return {
        "FAMILIAR_MODEL_CLIENT": client,
        "FAMILIAR_MODEL": "openai/gpt-4o-mini",
        "FAMILIAR_MODEL_BASE_URL": base_url,
        "FAMILIAR_MODEL_API_KEY": _KEY,
        "FAMILIAR_ACCESS": "open",
    }


def push_settings(platform_url: str) -> Mapping[str, str]:
    """Settings of a service on the push platform at this address."""
    return {
        "FAMILIAR_ADAPTERS": "adapters.testing:fake_push_adapter",
        "FAKE_PUSH_URL": platform_url,
    }


@contextmanager
def simulator(folder: Path, module: str, *arguments: str) -> Generator[str, None, None]:
    """Run `python -m module` and yield the URL that it prints as `listening on URL`."""
    command = [sys.executable, "-m", module, *arguments]
    with subprocess.Popen(  # noqa: S603 (our own module)
        command, cwd=folder, env=environment(folder), stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            out = process.stdout
            line = out.readline() if out is not None else ""
            if not line.startswith("listening on "):
                msg = f"{module} did not start"
                raise DidNotStart(msg)
            yield line.removeprefix("listening on ").strip()
        finally:
            process.terminate()


class ServiceProcess:
    """`python -m bot serve` in a folder, on one port, through as many lives as it takes."""

    def __init__(self, folder: Path, port: int, **settings: str) -> None:
        self._folder = folder
        self._environment = environment(
            folder, PORT=str(port), FAMILIAR_DATA_DIR=str(folder / "data"), **settings
        )
        self.url = f"http://127.0.0.1:{port}"
        self._log: IO[str] | None = None
        self._process: subprocess.Popen[str] | None = None

    @property
    def database(self) -> Path:
        return self._folder / "data" / "familiar.db"

    @property
    def log(self) -> Path:
        """What all lives wrote to stderr."""
        return self._folder / "service.log"

    def spawn(self) -> float:
        """Start a life. Returns the moment, by `time.perf_counter`."""
        self._log = self.log.open("a", encoding="utf-8")
        began = time.perf_counter()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bot", "serve"],
            cwd=self._folder,
            env=self._environment,
            stdout=self._log,
            stderr=self._log,
            text=True,
        )
        return began

    def until_ready(self, began: float, *, path: str = "/readyz") -> float:
        """Seconds from `began` until the path answered 200.

        Raises:
            DidNotStart: it ended, or took too long.
        """
        with httpx.Client(trust_env=False, timeout=5.0) as client:
            while time.perf_counter() - began < PATIENCE:
                if not self.alive:
                    break
                try:
                    if client.get(f"{self.url}{path}").status_code == 200:
                        return time.perf_counter() - began
                except httpx.TransportError:
                    pass
                time.sleep(0.002)
        msg = f"the service is not ready: {self.log.read_text('utf-8')[-2_000:]}"
        raise DidNotStart(msg)

    @property
    def alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        return self._running().pid

    def memory(self) -> float:
        """Resident memory, in MiB."""
        pid = self.pid
        for line in Path(f"/proc/{pid}/status").read_text("utf-8").splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1_024
        msg = "no resident memory in /proc"
        raise OSError(msg)

    def processor_seconds(self) -> float:
        """Processor time that this life has used so far."""
        fields = Path(f"/proc/{self.pid}/stat").read_text("utf-8").rpartition(")")[2]
        user, system = fields.split()[11:13]
        return (int(user) + int(system)) / 100

    def kill(self) -> None:
        """End it as a power cut would."""
        process = self._running()
        process.send_signal(signal.SIGKILL)
        process.wait()
        self._close_log()

    def stop(self) -> int:
        """End it as an operator would; returns the exit code."""
        process = self._running()
        process.send_signal(signal.SIGTERM)
        try:
            return process.wait(PATIENCE)
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
            self._close_log()

    def _close_log(self) -> None:
        if self._log is not None:
            self._log.close()
            self._log = None

    def _running(self) -> subprocess.Popen[str]:
        if self._process is None:
            msg = "the service was never started"
            raise RuntimeError(msg)
        return self._process
