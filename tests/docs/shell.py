"""A reader's shell: `familiar …` runs in this process, which saves it a start; requests go to a
service of the test; all else is left to `sh`."""

from __future__ import annotations

import io
import os
import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, chdir, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
import typer.main

from bot.cli import app

FAMILIAR = ("familiar", ".venv/bin/familiar")


@dataclass(frozen=True, slots=True)
class Ended:
    code: int
    out: str
    err: str


@dataclass(frozen=True, slots=True)
class Shell:
    folder: Path

    def run(self, line: str) -> Ended:
        """Carry out what somebody types, up to one pipe.

        Raises:
            AssertionError: it did not end well.
        """
        first, _, then = line.partition(" | ")
        ended = self._piece(then, self._piece(first).out) if then else self._piece(first)
        assert ended.code == 0, f"{line}: {ended}"
        return ended

    def _piece(self, text: str, given: str = "") -> Ended:
        words = shlex.split(text, comments=True)
        if words[0] in FAMILIAR:
            return self.familiar(*words[1:], given=given)
        if words[0] == "curl":
            return _asked(words[1:])
        done = subprocess.run(  # noqa: S603 (what our own pages say)
            ["/bin/sh", "-e", "-c", text],
            cwd=self.folder,
            env={"PATH": os.defpath, "HOME": str(self.folder)},
            input=given,
            capture_output=True,
            text=True,
            check=False,
        )
        return Ended(done.returncode, done.stdout, done.stderr)

    def familiar(self, *words: str, given: str = "") -> Ended:
        out, err, code = io.StringIO(), io.StringIO(), 0
        with ExitStack() as around:
            for each in (chdir(self.folder), redirect_stdout(out), redirect_stderr(err)):
                around.enter_context(each)
            around.enter_context(_typed(given))
            try:
                typer.main.get_command(app).main(list(words), prog_name="familiar")
            except SystemExit as ended:
                code = int(ended.code or 0)
        return Ended(code, out.getvalue(), err.getvalue())


@contextmanager
def _typed(given: str) -> Iterator[None]:
    """Standard input, as a pipe has it."""
    reading, writing = os.pipe()
    with os.fdopen(writing, "w") as pipe:
        pipe.write(given)
    with os.fdopen(reading) as pipe, pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stdin", pipe)
        yield


def _asked(words: list[str]) -> Ended:
    """What curl would do, as far as the pages use it."""
    method, body, headers, rest = "GET", None, {}, list(words)
    url = ""
    while rest:
        match rest.pop(0):
            case "-X":
                method = rest.pop(0)
            case "-H":
                name, _, value = rest.pop(0).partition(": ")
                headers[name] = value
            case "-d":
                body = rest.pop(0)
            case "-s" | "-f" | "-sf":
                pass
            case word:
                url = word
    answer = httpx.request(method, url, content=body, headers=headers, trust_env=False)
    return Ended(0 if answer.is_success else 22, answer.text, "")
