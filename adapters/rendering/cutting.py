"""Cuts a rendered text into pieces that a platform takes, where a reader would pause.

No link is cut, and no code that fits one piece by itself.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence

from adapters.rendering.spans import BLANKS, Rendered, Span, trimmed
from adapters.splitting import best_end, has_visible, length

_WHOLE = {"text_link", "code", "pre"}
_BLANK_LINES = re.compile(r"(?:[ \t]*\n)*")
_EDGE = BLANKS + "\t"
_CLOSE = 16
"""Units that a piece may be shorter than it could be."""


def as_seen(page: Rendered) -> int:
    """How long a text is in UTF-16 units."""
    return length(page.text, "utf16")


def cut(
    page: Rendered, limit: int, sent: Callable[[Rendered], int] = as_seen
) -> Iterator[Rendered]:
    """The text in pieces of which none is longer than `limit`, as seen and as sent, which is at
    least as long; none for a text that shows nothing.
    """
    cutter = _Cutter(page, limit, sent)
    at = 0
    while (at := cutter.begin(at)) < len(page.text):
        at, piece = cutter.piece(at)
        if has_visible(piece.text):
            yield piece


class _Cutter:
    def __init__(self, page: Rendered, limit: int, sent: Callable[[Rendered], int]) -> None:
        self._text = page.text
        self._limit = limit
        self._sent = sent
        self._spans = page.spans
        self._begins = [span.begin for span in page.spans]
        self._whole = [span for span in page.spans if span.kind in _WHOLE]
        self._begins_of_whole = [span.begin for span in self._whole]
        self._over: list[Span] = []
        self._read = 0

    def begin(self, at: int) -> int:
        """Without the blanks that nobody sees there; of a code block, whole lines of them."""
        while at < len(self._text) and self._text[at] in _EDGE and not self._in_block(at):
            at += 1
        found = _BLANK_LINES.match(self._text, at)
        return found.end() if found else at

    def _in_block(self, at: int) -> bool:
        inside = self._around(at)
        return inside is not None and inside.kind == "pre"

    def piece(self, at: int) -> tuple[int, Rendered]:
        """The longest that fits, and where it ends."""
        spans = self._spans_from(at)
        end, found = self._with_room(at, self._limit, spans)
        if self._sent(found) <= self._limit:
            return end, found
        least, most = 1, self._limit
        end, found = self._with_room(at, least, spans)
        while most - least > _CLOSE:
            middle = (least + most) // 2
            tried = self._with_room(at, middle, spans)
            if self._sent(tried[1]) <= self._limit:
                least, (end, found) = middle, tried
            else:
                most = middle
        return end, found

    def _with_room(self, at: int, room: int, spans: Sequence[Span]) -> tuple[int, Rendered]:
        end = self._end(at, room)
        inside = self._around(end)
        if inside is not None:
            end = self._whole_end(at, end, inside, room)
        return end, self._piece(at, end, spans)

    def _spans_from(self, at: int) -> list[Span]:
        """Those that a piece that begins there may show something of, in order."""
        most = bisect_left(self._begins, at + self._limit)
        self._over = [each for each in self._over if each.end > at]
        self._over += [each for each in self._spans[self._read : most] if each.end > at]
        self._read = max(self._read, most)
        return self._over

    def _around(self, at: int) -> Span | None:
        """The span in which this position lies, of those that don't overlap."""
        number = bisect_right(self._begins_of_whole, at) - 1
        found = self._whole[number] if number >= 0 else None
        return found if found is not None and at < found.end else None

    def _end(self, at: int, room: int) -> int:
        if len(self._text) - at <= room and length(self._text[at:], "utf16") <= room:
            return len(self._text)
        return best_end(self._text, at, room, "utf16")

    def _whole_end(self, at: int, end: int, inside: Span, room: int) -> int:
        """Before what would be cut, or behind it, if it fits one piece by itself."""
        if length(self._text[inside.begin : inside.end], "utf16") > room:
            return end
        return inside.begin if inside.begin > at else inside.end

    def _piece(self, begin: int, end: int, spans: Sequence[Span]) -> Rendered:
        text = self._text[begin:end].rstrip(_EDGE)
        end = begin + len(text)
        found: list[Span] = []
        for each in spans:
            first, last = max(each.begin, begin) - begin, min(each.end, end) - begin
            if each.kind != "pre":
                first, last = trimmed(text, first, last)
            if first < last:
                found.append(Span(each.kind, first, last, each.detail))
        return Rendered(text, tuple(found))
