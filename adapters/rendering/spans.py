"""Text as people see it, and what is set how in it.

Positions count characters. What holds of all spans: they aren't empty, and begin and end with
something other than a blank, but for code blocks, whose first line may be indented.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

Kind = Literal[
    "bold",
    "italic",
    "strikethrough",
    "code",
    "pre",
    "text_link",
    "blockquote",
    "heading",
    "item",
]
BLANKS = " \n"
WEB = re.compile(
    r"(?i)https?://(?:(?:[\w-]+\.)+[a-z]{2,}|\d{1,3}(?:\.\d{1,3}){3})"
    r"(?::\d+)?(?:[/?#]\S*)?"
)
"""An address that every platform takes for one."""


@dataclass(frozen=True, slots=True)
class Span:
    """`detail` is a link's address, the language of a code block, the level of a heading, or how
    the sign of a list's item is written.
    """

    kind: Kind
    begin: int
    end: int
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Rendered:
    text: str
    spans: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Look:
    """What platforms show differently. `can_link`: whether a label may lead to an address there.
    `headings` are the levels that are shown as such; deeper ones are bold.
    """

    can_link: Callable[[str, str], bool]
    headings: int = 0


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

    def mark(self, kind: Kind, since: Bookmark, detail: str = "") -> None:
        """Lay a span over all that was added since, blanks around it left out."""
        text = "".join(self._parts[since.part :])
        begin, end = trimmed(text, 0, len(text))
        if begin < end:
            self._spans.append(Span(kind, since.length + begin, since.length + end, detail))

    @property
    def rendered(self) -> Rendered:
        return Rendered("".join(self._parts), in_order(self._spans))


def in_order(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Those that begin first come first, and of these the longest."""
    return tuple(sorted(spans, key=lambda span: (span.begin, -span.end)))


def trimmed(text: str, begin: int, end: int) -> tuple[int, int]:
    """The range without blanks around it; empty at `begin` if there is nothing else in it."""
    while end > begin and text[end - 1] in BLANKS:
        end -= 1
    while begin < end and text[begin] in BLANKS:
        begin += 1
    return begin, end
