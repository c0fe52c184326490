"""The terminal without a person before it: one message per line in, the replies' text out."""

from __future__ import annotations

from contextlib import suppress
from typing import TextIO

from adapters.base import ServiceGone
from adapters.feed import FeedPreview
from adapters.terminal.conversation import Conversation, printable
from adapters.terminal.lines import MAX_LINE, LineReader, TooLong, lines_of


class PipeFace:
    """Replies go to stdout, remarks to stderr, previews nowhere."""

    def __init__(self, out: TextIO, err: TextIO) -> None:
        self._out = out
        self._err = err

    def reply(self, text: str) -> None:
        self._out.write(printable(text) + "\n")
        self._out.flush()

    def remark(self, text: str) -> None:
        with suppress(BrokenPipeError):  # nobody reads the remarks: the replies still count
            self._err.write(printable(text) + "\n")
            self._err.flush()

    def preview(self, event: FeedPreview) -> None:
        pass

    def settle(self) -> None:
        pass


async def converse(conversation: Conversation, fd: int, face: PipeFace) -> int:
    """Say each line of the descriptor and wait for its answer. 1 if any came to nothing.

    Raises:
        ServiceGone: the service can't be reached any more.
    """
    lines, number, status = lines_of(fd), 0, 0
    with LineReader(lambda: next(lines, None)) as reader:
        while (line := await reader.next()) is not None:
            number += 1
            if isinstance(line, TooLong):
                face.remark(f"Line {number} was not sent: it is longer than {MAX_LINE} bytes.")
                status = 1
            elif line.strip() and not await _say(conversation, line, number, face):
                status = 1
    return status


async def _say(conversation: Conversation, line: str, number: int, face: PipeFace) -> bool:
    try:
        return await conversation.say(line)
    except ServiceGone:
        raise
    except Exception as error:  # noqa: BLE001 - the other lines still have a chance
        face.remark(f"Line {number} was not sent: {str(error) or type(error).__name__}")
        return False
