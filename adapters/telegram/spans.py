"""Text as people see it, and what is set how in it.

Here positions count characters; Telegram counts UTF-16 units. In between stands `encode`, whose
text a `Piece` keeps in its `format`, and `decode`, which makes the library's entities of it.
What holds of all spans: they aren't empty, begin and end with something other than a blank, and
cross each other only where Telegram would cut them itself.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from telegram import MessageEntity

Kind = Literal[
    "bold",
    "italic",
    "strikethrough",
    "code",
    "pre",
    "text_link",
    "blockquote",
    "expandable_blockquote",
]
MOST_SPANS = 100
"""More, and Telegram leaves out those at the end."""
BLANKS = " \n"

_KINDS: tuple[Kind, ...] = get_args(Kind)
_RANK: tuple[Kind, ...] = ("text_link", "pre", "code", "expandable_blockquote", "blockquote")
"""What is worth most when there are too many. A link's address stands nowhere else."""


@dataclass(frozen=True, slots=True)
class Span:
    """`detail` is a link's address, or the language of a code block."""

    kind: Kind
    begin: int
    end: int
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Rendered:
    text: str
    spans: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Bookmark:
    part: int
    length: int


class Page:
    """What is rendered so far."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._spans: list[Span] = []
        self.length = 0

    def add(self, text: str) -> None:
        self._parts.append(text)
        self.length += len(text)

    def put(self, rendered: Rendered) -> None:
        moved = (
            Span(each.kind, each.begin + self.length, each.end + self.length, each.detail)
            for each in rendered.spans
        )
        self._spans.extend(moved)
        self.add(rendered.text)

    @property
    def bookmark(self) -> Bookmark:
        return Bookmark(len(self._parts), self.length)

    def mark(self, kind: Kind, since: Bookmark) -> None:
        """Lay a span over all that was added since, blanks around it left out."""
        text = self.since(since)
        begin, end = trimmed(text, 0, len(text))
        if begin < end:
            self._spans.append(Span(kind, since.length + begin, since.length + end))

    def since(self, bookmark: Bookmark) -> str:
        return "".join(self._parts[bookmark.part :])

    @property
    def rendered(self) -> Rendered:
        return Rendered("".join(self._parts), tuple(sorted(self._spans, key=_place)))


def trimmed(text: str, begin: int, end: int) -> tuple[int, int]:
    """The range without blanks around it; empty at `begin` if there is nothing else in it."""
    while end > begin and text[end - 1] in BLANKS:
        end -= 1
    while begin < end and text[begin] in BLANKS:
        begin += 1
    return begin, end


def most_important(spans: Iterable[Span]) -> tuple[Span, ...]:
    """As many as one message may have, in order."""
    ordered = sorted(spans, key=_place)
    if len(ordered) > MOST_SPANS:
        ordered = sorted(sorted(ordered, key=_worth)[:MOST_SPANS], key=_place)
    return tuple(ordered)


def _worth(span: Span) -> int:
    return _RANK.index(span.kind) if span.kind in _RANK else len(_RANK)


def _place(span: Span) -> tuple[int, int]:
    return (span.begin, -span.end)


def encode(text: str, spans: Sequence[Span]) -> str | None:
    """The spans as JSON in UTF-16 units; None without any."""
    if not spans:
        return None
    offsets = _utf16_offsets(text, {edge for each in spans for edge in (each.begin, each.end)})
    rows = [
        [each.kind, offsets[each.begin], offsets[each.end] - offsets[each.begin]]
        + ([each.detail] if each.detail else [])
        for each in spans
    ]
    return json.dumps(rows, ensure_ascii=False, separators=(",", ":"))


def _utf16_offsets(text: str, edges: set[int]) -> dict[int, int]:
    offsets: dict[int, int] = {}
    at = width = 0
    for edge in sorted(edges):
        width += len(text[at:edge].encode("utf-16-le")) // 2
        offsets[edge] = width
        at = edge
    return offsets


def decode(format_: str | None) -> list[MessageEntity]:
    """What `encode` wrote, as the library's entities.

    Raises:
        ValueError: it isn't that.
    """
    if format_ is None:
        return []
    rows = json.loads(format_)
    if not isinstance(rows, list) or len(rows) > MOST_SPANS:
        raise ValueError("a format is a list of at most 100 spans")
    return [_entity(row) for row in rows]


def _entity(row: object) -> MessageEntity:
    match row:
        case [str(kind), int(offset), int(length)] if kind in _KINDS and kind != "text_link":
            detail = None
        case ["text_link" | "pre" as kind, int(offset), int(length), str(detail)] if detail:
            pass
        case _:
            raise ValueError("not a span: kind, offset, length and perhaps a detail")
    if isinstance(offset, bool) or isinstance(length, bool) or offset < 0 or length <= 0:
        raise ValueError("a span lies in its text and isn't empty")
    return MessageEntity(
        kind,
        offset,
        length,
        url=detail if kind == "text_link" else None,
        language=detail if kind == "pre" else None,
    )
