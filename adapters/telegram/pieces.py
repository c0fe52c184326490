"""A rendered text in pieces that Telegram takes, with their spans.

Each piece is at most 4,096 UTF-16 units long, which is the stricter of the two ways in which
clients and the server count. No link is cut, and no code that fits one message by itself. What
would be more than five pieces is one: its beginning, and the whole text as a file.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from itertools import islice

from adapters.delivery import Attachment, Piece
from adapters.splitting import best_end, has_visible, length
from adapters.telegram.rendering import mended, rendered, with_kept_indentation
from adapters.telegram.spans import Rendered, Span, encode, most_important, trimmed

MAX_TEXT = 4096
MAX_CAPTION = 1024
MOST_PIECES = 5
LONGEST = 100_000
"""Characters beyond which nobody looks whether a text would fit: rendering it takes a second."""
_WHOLE = {"text_link", "code", "pre"}
_BLANK_LINES = re.compile(r"(?:[ \t]*\n)*")
_BLANK = " \t\n"
_UNSEEN = re.compile("[\\s\u2800\ufffc]*")
"""What Telegram takes for nothing, though it shows: a message of these alone is refused."""


def composed(text: str, *, plain: bool, rest_in: Callable[[str], str]) -> list[Piece]:
    """A text's pieces. `rest_in` says that the rest is in the file of this name."""
    text = mended(text)
    whole = len(text) <= LONGEST
    shown = text if whole else text[: MAX_TEXT * MOST_PIECES]
    page = Rendered(shown) if plain else rendered(shown)
    found = list(islice(cut(page, MAX_TEXT), MOST_PIECES + 1))
    if whole and len(found) <= MOST_PIECES:
        return [Piece(each.text, encode(each.text, each.spans)) for each in found]
    name = "answer.txt" if plain else "answer.md"
    note = f"\n\n{rest_in(name)}"
    first = next(cut(page, MAX_CAPTION - length(note, "utf16")), Rendered("…"))
    file = Attachment(name, text)
    return [Piece(first.text + note, encode(first.text, first.spans), file)]


def first_piece(markdown: str) -> Piece | None:
    """What the first message of an answer looks like; None while nothing is to be seen."""
    first = next(cut(rendered(markdown), MAX_TEXT), None)
    return None if first is None else Piece(first.text, encode(first.text, first.spans))


def cut(page: Rendered, limit: int) -> Iterator[Rendered]:
    """The text in pieces of at most `limit` UTF-16 units; none for one that shows nothing."""
    whole = [span for span in page.spans if span.kind in _WHOLE]
    begins = [span.begin for span in whole]
    at = 0
    while (at := _begin(page.text, at, _around(at, whole, begins))) < len(page.text):
        end = _end(page.text, at, limit)
        inside = _around(end, whole, begins)
        if inside is not None and inside.begin < end:
            end = _whole_end(page.text, at, end, inside, limit)
        piece = _piece(page, at, end)
        if has_visible(piece.text) and not _UNSEEN.fullmatch(piece.text):
            yield piece
        at = end


def _around(at: int, whole: Sequence[Span], begins: Sequence[int]) -> Span | None:
    """The span in which this position lies, of those that don't overlap."""
    number = bisect_right(begins, at) - 1
    return whole[number] if number >= 0 and at < whole[number].end else None


def _begin(text: str, at: int, inside: Span | None) -> int:
    """Without the blanks that nobody sees there; of code, whole lines of them."""
    if inside is not None and inside.kind == "pre":
        found = _BLANK_LINES.match(text, at)
        return found.end() if found else at
    while at < len(text) and text[at] in _BLANK:
        at += 1
    return at


def _end(text: str, at: int, limit: int) -> int:
    if len(text) - at <= limit and length(text[at:], "utf16") <= limit:
        return len(text)
    return best_end(text, at, limit, "utf16")


def _whole_end(text: str, at: int, end: int, inside: Span, limit: int) -> int:
    """Before what would be cut, or behind it, if it fits one piece by itself."""
    if length(text[inside.begin : inside.end], "utf16") > limit:
        return end
    return inside.begin if inside.begin > at else inside.end


def _piece(page: Rendered, begin: int, end: int) -> Rendered:
    text = page.text[begin:end].rstrip(_BLANK)
    end = begin + len(text)
    spans: list[Span] = []
    for each in page.spans:
        if each.begin < end and begin < each.end:
            first, last = max(each.begin, begin) - begin, min(each.end, end) - begin
            if each.kind == "pre" and each.begin < begin:
                text = with_kept_indentation(text)
            first, last = trimmed(text, first, last)
            if first < last:
                spans.append(Span(each.kind, first, last, each.detail))
    return Rendered(text, most_important(spans))
