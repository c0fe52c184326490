"""Reads lines where reading blocks: in a thread of its own, one line when one is asked for."""

from __future__ import annotations

import asyncio
import codecs
import os
import queue
import threading
from collections.abc import Callable, Generator
from contextlib import suppress
from dataclasses import dataclass
from typing import Self

MAX_LINE = 1_000_000
"""Bytes of one line that are kept; far more than any service takes."""


@dataclass(frozen=True, slots=True)
class TooLong:
    """A line of more than `MAX_LINE` bytes, which isn't kept."""


Line = str | TooLong


class LineReader:
    """Calls `read` in a daemon thread. It returns None at the end of input.

    The thread can't be interrupted while it reads: leaving the reader abandons it, and the end
    of the process ends it.
    """

    def __init__(self, read: Callable[[], Line | None]) -> None:
        self._read = read
        self._asked: queue.SimpleQueue[asyncio.Future[Line | None] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="terminal input", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._asked.put(None)

    async def next(self) -> Line | None:
        """The next line; None at the end."""
        future: asyncio.Future[Line | None] = asyncio.get_running_loop().create_future()
        self._asked.put(future)
        return await future

    def _work(self) -> None:
        while (future := self._asked.get()) is not None:
            try:
                line = self._read()
            except (EOFError, OSError):
                line = None  # a terminal that went away reads as an error
            with suppress(RuntimeError):  # the loop has closed: nobody waits any more
                future.get_loop().call_soon_threadsafe(_settle, future, line)


def _settle(future: asyncio.Future[Line | None], line: Line | None) -> None:
    if not future.done():
        future.set_result(line)


def lines_of(fd: int) -> Generator[Line, None, None]:
    """The lines of a file or pipe, without their line feed or carriage return.

    They are UTF-8; what isn't becomes U+FFFD. Reads the descriptor itself: a thread that is
    blocked in a buffered file would keep its lock at the end of the process.
    """
    rest, skipping = b"", False
    while block := os.read(fd, 65_536):
        *whole, rest = (rest + block).split(b"\n")
        for each in whole:
            yield TooLong() if skipping or len(each) > MAX_LINE else _decoded(each)
            skipping = False
        if len(rest) > MAX_LINE:
            rest, skipping = b"", True
    if rest or skipping:
        yield TooLong() if skipping else _decoded(rest)


def _decoded(line: bytes) -> str:
    return line.removeprefix(codecs.BOM_UTF8).removesuffix(b"\r").decode("utf-8", "replace")
