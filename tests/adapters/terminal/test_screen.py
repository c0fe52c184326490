"""The terminal on a real pseudo-terminal, with a person's keys and a person's screen."""

from __future__ import annotations

import os
import pty
import re
import select
import signal
import stat
import subprocess
import sys
import termios
from collections.abc import Iterator
from pathlib import Path

import pytest

PROMPT = "ada> "
CTRL_C, CTRL_D, UP = b"\x03", b"\x04", b"\x1b[A"
ROOT = Path(__file__).parents[3]
STYLES = re.compile(r"\x1b\[[0-9;]*m|\x1b\[\?2004[hl]")


class Tty:
    """A person at a terminal of 40 columns and 24 lines, where a chat runs."""

    def __init__(self, history: Path) -> None:
        self._master, slave = pty.openpty()
        termios.tcsetwinsize(slave, (24, 40))
        self.process = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-m", "tests.simulators.terminal_session", str(history)],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
            cwd=ROOT,
            env={
                "TERM": "xterm-256color",
                "PYTHONPATH": str(ROOT),
                "INPUTRC": "/dev/null",
            },
        )
        os.close(slave)
        self._seen = ""
        self.raw = ""

    def type(self, keys: bytes) -> None:
        os.write(self._master, keys)

    def until(self, text: str) -> str:
        """What appeared up to this text and with it; styles left out."""
        while text not in self._seen:
            self._read()
        at = self._seen.index(text) + len(text)
        before, self._seen = self._seen[:at], self._seen[at:]
        return before

    def say(self, line: str) -> str:
        """Type a line at the prompt; what appears up to the next prompt."""
        self.type(line.encode() + b"\r")
        self.until(line)
        return self.until(PROMPT).removesuffix(PROMPT)

    def end(self) -> str:
        """Wait for the end; what appeared until then."""
        while self._read():
            pass
        self.process.wait(10)
        return self._seen

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self._master)

    def _read(self) -> bool:
        ready, _, _ = select.select([self._master], [], [], 10)
        assert ready, f"nothing more came after {self._seen!r}"
        try:
            block = os.read(self._master, 65_536).decode("utf-8", "replace")
        except OSError:  # the other end is closed
            return False
        self.raw += block
        self._seen = STYLES.sub("", self._seen + block)
        return bool(block)


@pytest.fixture
def history(tmp_path: Path) -> Path:
    return tmp_path / "history"


@pytest.fixture
def tty(history: Path) -> Iterator[Tty]:
    terminal = Tty(history)
    try:
        terminal.until(PROMPT)
        yield terminal
    finally:
        terminal.close()


def test_a_line_is_answered_below_it(tty: Tty) -> None:
    assert tty.say("hello").strip() == "You said: hello"


def test_ctrl_d_leaves_and_the_terminal_is_as_it_was(tty: Tty) -> None:
    tty.say("hello")

    tty.type(CTRL_D)
    rest = tty.end()

    assert "STATUS 0 ['hello']" in rest
    assert "ECHO True" in rest
    assert tty.process.returncode == 0


def test_a_streamed_answer_is_completed_and_not_repeated(tty: Tty) -> None:
    shown = tty.say("stream")

    assert shown.strip() == "It was a dark night."


def test_an_answer_that_starts_over_replaces_what_was_shown(tty: Tty) -> None:
    shown = tty.say("rethink")

    # 180 cells are five lines of 40: the cursor goes up four and erases all below.
    assert "\x1b[4A\r\x1b[J" in shown
    assert shown.endswith("right as rain\r\n")


def test_a_committed_text_that_differs_replaces_the_preview(tty: Tty) -> None:
    shown = tty.say("differ")

    assert shown.endswith("quite another text\r\x1b[Jthe committed text\r\n")


def test_a_remark_is_set_apart_from_an_answer(tty: Tty) -> None:
    shown = tty.say("remark")

    assert "· I am an AI." in shown
    assert "\x1b[2m· I am an AI.\x1b[0m" in tty.raw


def test_a_commands_output_is_shown_as_an_answer(tty: Tty) -> None:
    assert tty.say("/help").strip() == "Here is help."


def test_ctrl_c_stops_the_running_turn_and_the_chat_goes_on(tty: Tty) -> None:
    tty.type(b"wait\r")
    tty.until("thinking about it")

    tty.type(CTRL_C)

    assert "Stopped." in tty.until(PROMPT)
    assert tty.say("hello").strip() == "You said: hello"
    tty.type(CTRL_D)
    assert "STATUS 0 ['wait', '/stop', 'hello']" in tty.end()


def test_ctrl_c_at_the_prompt_empties_the_line(tty: Tty) -> None:
    tty.type(b"not this")
    tty.until("not this")

    tty.type(CTRL_C)

    tty.type(b"this\r")
    tty.until("You said: this")
    tty.type(CTRL_D)
    assert "STATUS 0 ['this']" in tty.end()


def test_lines_of_an_earlier_session_come_back_with_the_up_key(history: Path, tty: Tty) -> None:
    tty.say("remember me")
    tty.type(CTRL_D)
    tty.end()
    assert stat.S_IMODE(history.stat().st_mode) == 0o600

    again = Tty(history)
    try:
        again.until(PROMPT)
        again.type(UP + b"\r")
        again.until("You said: remember me")
    finally:
        again.close()


def test_what_comes_unasked_is_shown_above_what_is_being_typed(tty: Tty) -> None:
    tty.type(b"half a li")
    tty.until("half a li")
    tty.process.send_signal(signal.SIGUSR1)

    shown = tty.until("water the plants.")
    assert shown.endswith("\r\x1b[JBy the way: water the plants.")
    assert tty.until("half a li").strip().startswith(PROMPT.strip())

    tty.type(b"ne\r")
    tty.until("You said: half a line")


def test_keys_that_are_pressed_too_early_count_at_the_next_prompt(tty: Tty) -> None:
    tty.type(b"wait\r")
    tty.until("thinking about it")
    tty.type(b"early\r" + CTRL_D)

    tty.process.send_signal(signal.SIGUSR2)

    assert "STATUS 0 ['wait', 'early']" in tty.end()


def test_a_second_ctrl_c_leaves_a_turn_that_does_not_stop(tty: Tty) -> None:
    tty.type(b"deaf\r")
    tty.until("thinking about it")

    tty.type(CTRL_C)
    tty.until("no time")
    tty.type(CTRL_C)

    assert "STATUS 130 ['deaf'] ECHO True" in tty.end()
