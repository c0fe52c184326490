"""Server-sent events, as far as a model's stream uses them: the data of each, in order.

Invariant: what a provider sends is held only up to a bound.
"""

from __future__ import annotations

from agentcore.errors import MalformedAnswer

LONGEST_EVENT = 4_000_000
"""Bytes. A whole tool call may come as one event."""

MOST_BYTES = 32_000_000
"""Of one answer, streamed or whole."""


class Bound:
    """How much of an answer has come, and that it isn't more than any answer may be."""

    def __init__(self) -> None:
        self._total = 0

    def add(self, chunk: bytes) -> None:
        """Count a chunk. Raises: MalformedAnswer: it is one too many."""
        self._total += len(chunk)
        if self._total > MOST_BYTES:
            raise MalformedAnswer("the answer is longer than any answer may be")


class EventReader:
    """Bytes in, the data of whole events out."""

    def __init__(self) -> None:
        self._bound = Bound()
        self._rest: list[bytes] = []
        self._data: list[bytes] = []
        self._held = 0

    def feed(self, chunk: bytes) -> list[bytes]:
        """The events that are complete now.

        Raises:
            MalformedAnswer: one is longer than `LONGEST_EVENT`, or all are than `MOST_BYTES`.
        """
        self._bound.add(chunk)
        self._held += len(chunk)
        if self._held > LONGEST_EVENT + len(chunk):
            raise MalformedAnswer("a part of the answer is longer than any part may be")
        self._rest.append(chunk)
        if b"\n" not in chunk:
            return []
        *lines, rest = b"".join(self._rest).split(b"\n")
        self._rest = [rest]
        return [event for line in lines if (event := self._line(line)) is not None]

    def _line(self, line: bytes) -> bytes | None:
        """Take a line in; the event that it ends, if it does."""
        line = line.removesuffix(b"\r")
        if line.startswith(b"data:"):
            self._data.append(line[5:].removeprefix(b" "))
            return None
        if line or not self._data:  # a comment, another field, or nothing to end
            return None
        event = b"\n".join(self._data)
        self._data, self._held = [], 0
        return event
