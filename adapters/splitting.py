"""Splits a text into chunks that a platform takes, each at most `limit` units long.

Pure. It knows units and plain text, no platform and no markup but the code fence.

What holds for every text and limit (tests/adapters/test_splitting.py):

- a chunk is never longer than the limit, and none is without a visible character;
- the chunks hold all visible characters of the text, in order. Added are only the lines that
  close a code fence at the end of a chunk and open it again in the next;
- a character is never cut (surrogate pairs, UTF-8 sequences), and a cluster that is seen as one
  (emoji with joiners, letters with marks) only where it is longer than the limit alone.

Where it cuts, in this order: after an empty line, a line, a sentence, a word, a cluster; each
only if the chunk doesn't become too short by it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
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
_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})([^\n]*)$", re.MULTILINE)
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
    return not char.isspace() and unicodedata.category(char) not in {"Cc", "Cf", "Zs", "Zl", "Zp"}


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
    if length(text, unit) <= limit:
        return [text] if has_visible(text) else []
    return [chunk for chunk in _chunks(text, limit, unit) if has_visible(chunk)]


def _chunks(text: str, limit: int, unit: Unit) -> Iterator[str]:
    """Walk over the text; `fence` is the opening line that is in force at `start`."""
    start, fence = 0, ""
    while start < len(text):
        head = f"{fence}\n" if fence else ""
        room = limit - length(head, unit)
        if len(text) - start <= room and length(text[start:], unit) <= room:
            yield head + text[start:]
            return
        end, opened = _end_of_chunk(text, start, room, _Frame(fence, limit, unit))
        yield head + _trimmed(text[start:end], opened) + _closer(opened)
        start = _skip_gap(text, end)
        fence = opened
        closing = re.compile(rf" {{0,3}}{re.escape(_marker(opened))}[ \t]*(?:\n|$)")
        if opened and (found := closing.match(text, start)):
            start, fence = found.end(), ""  # the closer that was added stands for it


@dataclass(frozen=True, slots=True)
class _Frame:
    """What stays the same while the end of one chunk is looked for."""

    fence: str
    limit: int
    unit: Unit


def _end_of_chunk(text: str, start: int, room: int, frame: _Frame) -> tuple[int, str]:
    """Where the chunk ends, and the fence line that is open there and must be closed."""
    width = room
    while True:
        end = best_end(text, start, width, frame.unit)
        opened = _fence_after(text[start:end], frame.fence)
        if _too_tight(opened, frame.limit, frame.unit):
            opened = ""  # its lines alone would fill the chunks: let the text go on plain
        body = _trimmed(text[start:end], opened)
        needed = length(_closer(opened), frame.unit)
        if length(body, frame.unit) + needed <= room:
            return end, opened
        width = min(width - 1, room - needed)


def _trimmed(body: str, fence: str) -> str:
    return body.rstrip("\n") if fence else body.rstrip()


def _closer(fence: str) -> str:
    return f"\n{_marker(fence)}" if fence else ""


def _too_tight(fence: str, limit: int, unit: Unit) -> bool:
    """Whether opening and closing the fence would take more than half of a chunk."""
    return bool(fence) and length(fence, unit) + length(_marker(fence), unit) + 2 > limit // 2


def _marker(fence: str) -> str:
    """The backticks or tildes of an opening line, which also close it."""
    found = _FENCE.match(fence)
    return found.group(1) if found else ""


def _fence_after(body: str, fence: str) -> str:
    """The fence line that is open at the end of `body`, which begins inside `fence`."""
    for found in _FENCE.finditer(body):
        marker, info = found.group(1), found.group(2)
        if not fence:
            # An info string with a backtick is inline code, not a fence (CommonMark 4.5).
            if marker[0] == "~" or "`" not in info:
                fence = found.group(0)
        elif not info.strip() and marker.startswith(_marker(fence)):
            fence = ""
    return fence


def _skip_gap(text: str, end: int) -> int:
    """Where the next chunk begins: blanks and a line break at the cut need no place in it."""
    if text[end - 1] == "\n":
        return end
    found = re.compile(r"[ \t]*\n?").match(text, end)
    return found.end() if found else end


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
    if unit == "characters":
        return min(len(text), start + room)
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
