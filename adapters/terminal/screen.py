"""What a person at a TTY sees: answers as they are written, remarks apart, the prompt below.

Plain ANSI, no library: a line is written once and stays. Only a preview is ever taken back, when
the committed text isn't what was shown. It knows the screen, not the keyboard.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from typing import TextIO

from adapters.feed import FeedPreview
from adapters.terminal.conversation import printable

_DIM, _BOLD, _RESET = "\x1b[2m", "\x1b[1;36m", "\x1b[0m"
_CLEAR_BELOW = "\x1b[J"


class Screen:
    """A `Face` on a TTY.

    Args:
        out: the terminal.
        size: its columns and lines, now.
        typed: what stands behind the prompt, now.
        colour: whether to use any.
    """

    def __init__(
        self,
        out: TextIO,
        size: Callable[[], tuple[int, int]],
        typed: Callable[[], str],
        *,
        colour: bool = True,
    ) -> None:
        self._out = out
        self._size = size
        self._typed = typed
        self._colour = colour
        self._shown = ""
        self._prompt: str | None = None

    # Face

    def reply(self, text: str) -> None:
        text = _laid_out(text)
        shown, self._shown = self._shown, ""
        if shown and text.startswith(shown):
            self._write(text[len(shown) :] + "\n")
        elif shown and text == shown.rstrip():
            self._write("\n")
        else:
            self._take_back(shown)
            self._print(text)

    def remark(self, text: str) -> None:
        if self._shown:  # the answer goes on below
            self._write("\n")
            self._shown = ""
        self._print("\n".join(self._styled(_DIM, f"· {line}") for line in _rows(_laid_out(text))))

    def preview(self, event: FeedPreview) -> None:
        if self._prompt is not None:
            return  # an answer that nobody waits for is shown when it is whole
        if event.begins:
            self._take_back(self._shown)
            self._shown = ""
        piece = _laid_out(event.text)
        self._shown += piece
        self._write(piece)

    def settle(self) -> None:
        self._take_back(self._shown)
        self._shown = ""

    # The prompt, which the keyboard draws

    def prompt(self, user: str) -> str:
        """The prompt's text for readline, which must know what of it takes no space."""
        if not self._colour:
            return f"{user}> "
        return f"\x01{_BOLD}\x02{user}> \x01{_RESET}\x02"

    def begin_prompt(self, user: str) -> None:
        """From now on readline draws the prompt in the last line."""
        self._prompt = f"{user}> "

    def end_prompt(self) -> None:
        self._prompt = None

    def line_break(self) -> None:
        self._write("\n")

    # Inside

    def _print(self, text: str) -> None:
        """Write whole lines: above the prompt and what is typed there, if it is shown."""
        if self._prompt is None:
            self._write(text + "\n")
            return
        below = self._prompt + self._typed()
        drawn = self._styled(_BOLD, self._prompt) + self._typed()
        self._write(f"{self._to_start_of(below)}{text}\n{drawn}")

    def _take_back(self, shown: str) -> None:
        if not shown:
            return
        if self._height(shown) > self._size()[1] - 1:
            # Its beginning has scrolled away and can't be erased.
            self._write("\n" + self._styled(_DIM, "· The answer has changed:") + "\n")
        else:
            self._write(self._to_start_of(shown))

    def _to_start_of(self, text: str) -> str:
        """Goes from the end of this text to its start, and erases it."""
        up = self._height(text) - 1
        return (f"\x1b[{up}A" if up else "") + "\r" + _CLEAR_BELOW

    def _height(self, text: str) -> int:
        columns = max(1, self._size()[0])
        return sum(max(1, -(-_cells(line) // columns)) for line in text.split("\n"))

    def _styled(self, style: str, text: str) -> str:
        return f"{style}{text}{_RESET}" if self._colour else text

    def _write(self, text: str) -> None:
        self._out.write(text)
        self._out.flush()


def _laid_out(text: str) -> str:
    """Printable, and of known width: a tab is as wide as four blanks."""
    return printable(text).replace("\t", "    ")


def _rows(text: str) -> list[str]:
    return text.split("\n")


def _cells(line: str) -> int:
    return sum(_width(char) for char in line)


def _width(char: str) -> int:
    if unicodedata.combining(char) or unicodedata.category(char) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(char) in {"W", "F"} else 1
