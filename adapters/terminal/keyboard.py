"""The person's side of a TTY: lines through readline, and Ctrl-C while an answer is awaited.

readline reads in a thread, where it can't be interrupted. So while the prompt is shown, Ctrl-C
is an ordinary key that empties the line; while an answer is awaited it is a signal, and what is
typed is kept unseen until the next prompt.
"""

from __future__ import annotations

import asyncio
import copy
import os
import readline
import signal
import termios
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

HISTORY_LENGTH = 1_000
_LOCAL_FLAGS, _CONTROL_CHARACTERS = 3, 6


class Keyboard:
    """The TTY at a descriptor; use within `opened`."""

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._original: list[Any] = termios.tcgetattr(fd)

    @contextmanager
    def opened(self, history: Path | None) -> Generator[None, None, None]:
        """Keep the history of lines in the file, and leave the TTY as it was found."""
        readline.parse_and_bind('"\\C-c": kill-whole-line')
        if history is not None:
            _load(history)
        try:
            yield
        finally:
            if history is not None:
                _save(history)
            termios.tcsetattr(self._fd, termios.TCSADRAIN, self._original)

    def read(self, prompt: str) -> str:
        """A line, without its end. Blocks.

        Raises:
            EOFError: the person is done (Ctrl-D).
        """
        line = input(prompt)
        return line.encode("utf-8", "surrogateescape").decode("utf-8", "replace")

    def forget(self) -> None:
        """Forget the lines so far; the history file gets none of them."""
        readline.clear_history()

    def typed(self) -> str:
        """What stands behind the prompt."""
        return readline.get_line_buffer()

    def for_prompt(self) -> None:
        """Ctrl-C is a key."""
        self._set(echo=True, interrupt=os.fpathconf(self._fd, "PC_VDISABLE"))

    def for_waiting(self) -> None:
        """Ctrl-C is a signal; nothing that is typed is shown."""
        self._set(echo=False, interrupt=None)

    def _set(self, *, echo: bool, interrupt: int | None) -> None:
        attributes: list[Any] = copy.deepcopy(self._original)
        # Keys that are pressed too early are kept one by one for readline, Ctrl-D among them.
        attributes[_LOCAL_FLAGS] &= ~termios.ICANON
        if not echo:
            attributes[_LOCAL_FLAGS] &= ~termios.ECHO
        if interrupt is not None:
            attributes[_CONTROL_CHARACTERS][termios.VINTR] = bytes([interrupt])
        termios.tcsetattr(self._fd, termios.TCSADRAIN, attributes)


@contextmanager
def interrupts(call: Callable[[], None]) -> Generator[None, None, None]:
    """Call this at every SIGINT instead of ending the program."""
    loop = asyncio.get_running_loop()
    before = signal.getsignal(signal.SIGINT)
    loop.add_signal_handler(signal.SIGINT, call)
    try:
        yield
    finally:
        loop.remove_signal_handler(signal.SIGINT)
        signal.signal(signal.SIGINT, before)


def _load(history: Path) -> None:
    with suppress(OSError):  # there is none yet, or it can't be read: begin without
        readline.read_history_file(history)
    readline.set_history_length(HISTORY_LENGTH)


def _save(history: Path) -> None:
    """The lines are the person's words: nobody else may read the file."""
    with suppress(OSError):  # a history that can't be kept is no reason to fail
        os.close(os.open(history, os.O_CREAT | os.O_WRONLY, 0o600))
        readline.write_history_file(history)
        history.chmod(0o600)
