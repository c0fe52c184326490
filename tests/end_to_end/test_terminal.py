"""A person at a keyboard, without a service: the real program on a pseudo-terminal."""

from __future__ import annotations

import os
import pty
import re
import select
import stat
import subprocess
import sys
import termios
from collections.abc import Iterator

import pytest

from tests.end_to_end.home import PATIENCE, Home

CTRL_C, CTRL_D = b"\x03", b"\x04"


class Tty:
    """A terminal of 80 columns and 24 lines with `familiar chat` on it."""

    def __init__(self, home: Home) -> None:
        self._master, slave = pty.openpty()
        termios.tcsetwinsize(slave, (24, 80))
        self.process = subprocess.Popen(
            [sys.executable, "-m", "bot", "chat", "--user", "ada"],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
            cwd=home.folder,
            env=home.environment(TERM="xterm-256color", NO_COLOR="1", INPUTRC=os.devnull),
        )
        os.close(slave)
        self.shown = ""

    def type(self, keys: bytes) -> None:
        os.write(self._master, keys)

    def until(self, text: str) -> str:
        """What appeared up to this text and with it."""
        while text not in self.shown:
            assert self._read(), f"it ended without {text!r}: {self.shown!r}"
        before, _, self.shown = self.shown.partition(text)
        return before + text

    def end(self) -> int:
        while self._read():
            pass
        return self.process.wait(PATIENCE)

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self._master)

    def _read(self) -> bool:
        ready, _, _ = select.select([self._master], [], [], PATIENCE)
        assert ready, f"nothing more came after {self.shown!r}"
        try:
            block = os.read(self._master, 65_536)
        except OSError:  # the other side has closed
            return False
        self.shown += block.decode("utf-8", "replace")
        return bool(block)


@pytest.fixture
def tty(home: Home) -> Iterator[Tty]:
    terminal = Tty(home)
    yield terminal
    terminal.close()


def test_a_whole_conversation_at_the_keyboard(home: Home, tty: Tty) -> None:
    greeting = tty.until("ada> ")
    tty.type(b"My name is Ada.\r")
    told = tty.until("ada> ")
    tty.type(b"/memory\r")
    memory = tty.until("ada> ")
    tty.type(b"a slip" + CTRL_C)  # empties the line, ends nothing
    tty.type(b"/undo\r")
    undone = tty.until("ada> ")
    tty.type(CTRL_D)

    assert tty.end() == 0
    assert greeting.strip() == "ada>"  # no log line, no warning
    assert "Nice to meet you, Ada." in told
    assert "Name: Ada" in memory
    assert "Taken back." in undone
    assert "Traceback" not in tty.shown
    history = home.data / "chat-history"
    assert stat.S_IMODE(history.stat().st_mode) == 0o600
    assert "/memory" in history.read_text()


def test_whoever_has_all_erased_leaves_no_typed_line_behind(home: Home, tty: Tty) -> None:
    tty.until("ada> ")
    tty.type(b"My name is Ada and I keep wombats.\r")
    tty.until("ada> ")
    tty.type(b"/delete\r")
    code = re.findall(r"/delete (\d{4})", tty.until("ada> "))[-1]
    tty.type(f"/delete {code}\r".encode())
    receipt = tty.until("ada> ")
    tty.type(b"Hello again.\r")
    greeting = tty.until("ada> ")
    tty.type(CTRL_D)

    assert tty.end() == 0
    assert "erased here" in receipt
    assert "Ada" not in greeting
    history = (home.data / "chat-history").read_text()
    assert "Hello again." in history
    assert "wombats" not in history
    assert b"wombats" not in b"".join(path.read_bytes() for path in home.data.iterdir())


def test_ctrl_c_while_it_starts_leaves_quietly(tty: Tty) -> None:
    """As soon as there is a process: the interpreter's own start is not ours."""
    tty.until("ada> ")
    tty.type(CTRL_D)

    assert tty.end() == 0
    assert tty.shown.strip() == ""
