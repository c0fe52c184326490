"""Splits a text into chunks that a platform takes, each at most `limit` units long.

Pure. It knows units and plain text, no platform and no markup.

What holds for every text and limit (tests/adapters/test_splitting.py):

- a chunk is never longer than the limit, and none is without a visible character;
- the chunks hold all visible characters of the text, in order, and nothing is added;
- a character is never cut (surrogate pairs, UTF-8 sequences), and a cluster that is seen as one
  (emoji with joiners, letters with marks) only where it is longer than the limit alone.

Where it cuts, in this order: after an empty line, a line, a sentence, a word, a cluster; each
only if the chunk doesn't become too short by it.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Literal

Unit = Literal["characters", "utf16", "bytes"]

MIN_LIMIT = 4
"""No shorter limit: one character may take four bytes."""

_BOUNDARIES = tuple(
    re.compile(pattern)
    for pattern in (
        r"\n[ \t]*\n+",
        r"\n+",
        r"(?<=[.!?…])[ \t]+|(?<=[\u3002\uff01\uff1f])[ \t]*",
        r"[ \t\u3000]+",
    )
)
_JOINER = "\u200d"
_SHORTEST = 0.5
"""A better kind of boundary is worth a chunk of at least this share of the limit."""


def length(text: str, unit: Unit = "characters") -> int:
    """How long the text is in the unit. Lone surrogates count as one UTF-16 unit, three bytes."""
    match unit:
        case "characters":
            return len(text)
        case "utf16":
            return len(text) + sum(char > "\uffff" for char in text)
        case "bytes":
            return len(text.encode("utf-8", "surrogatepass"))


def is_visible(char: str) -> bool:
    """Whether the character shows: no space, control, format mark or filler."""
    return not char.isspace() and unicodedata.category(char) not in {"Cc", "Cf"}


def has_visible(text: str) -> bool:
    return any(is_visible(char) for char in text)


def split(text: str, limit: int, unit: Unit = "characters") -> list[str]:
    """The text in chunks of at most `limit` units; empty for a text that shows nothing.

    Raises:
        ValueError: the limit is below `MIN_LIMIT`.
    """
    if limit < MIN_LIMIT:
        msg = f"can't split by {limit} {unit}: at least {MIN_LIMIT} are needed"
        raise ValueError(msg)
    chunks, start = [], 0
    while len(text) - start > limit or length(text[start:], unit) > limit:
        end = best_end(text, start, limit, unit)
        chunks.append(text[start:end].rstrip())
        start = _after_gap(text, end)
    chunks.append(text[start:])
    return [chunk for chunk in chunks if has_visible(chunk)]


def _after_gap(text: str, end: int) -> int:
    """Where the next chunk begins: blanks and a line break at the cut need no place in it."""
    if text[end - 1] == "\n":
        return end
    while text.startswith((" ", "\t"), end):
        end += 1
    return end + text.startswith("\n", end)


def best_end(text: str, start: int, room: int, unit: Unit) -> int:
    """The best place to end a chunk that begins at `start` and has `room` units; > start.

    For those who keep account of where in the text something stands; blanks around the cut are
    theirs to take off.
    """
    furthest = _furthest(text, start, max(room, MIN_LIMIT), unit)
    least = start + int((furthest - start) * _SHORTEST)
    for boundary in _BOUNDARIES:
        ends = [
            min(found.end(), furthest)
            for found in boundary.finditer(text, start, min(furthest + 1, len(text)))
            if found.start() > least
        ]
        if ends:
            return ends[-1]
    return _before_cluster(text, start, furthest)


def _furthest(text: str, start: int, room: int, unit: Unit) -> int:
    used, at = 0, start
    while at < len(text):
        used += length(text[at], unit)
        if used > room:
            break
        at += 1
    return at


def _before_cluster(text: str, start: int, end: int) -> int:
    """`end`, moved back to where a cluster begins, unless the cluster fills the chunk."""
    at = end
    while at > start and at < len(text) and _continues(text, at):
        at -= 1
    return at if at > start else end


def _continues(text: str, at: int) -> bool:
    """Whether the character at `at` belongs to the one before it."""
    char, before = text[at], text[at - 1]
    if char == _JOINER or before == _JOINER:
        return True
    if unicodedata.category(char) in {"Mn", "Me", "Mc"} or "\U0001f3fb" <= char <= "\U0001f3ff":
        return True
    if "\U000e0020" <= char <= "\U000e007f":  # tags of subdivision flags
        return True
    return _is_regional(char) and _regional_before(text, at) % 2 == 1


def _is_regional(char: str) -> bool:
    return "\U0001f1e6" <= char <= "\U0001f1ff"


def _regional_before(text: str, at: int) -> int:
    count = 0
    while at > count and _is_regional(text[at - count - 1]):
        count += 1
    return count
