"""A page as stretches in which nothing begins or ends, ready to be told in signs. Pure.

What holds of the styles and links: each lies within a line, begins and ends with something other
than a blank, and neither crosses code nor an address in which its own sign could stand.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from adapters.rendering.spans import Kind, Rendered, Span, in_order, trimmed

Range = tuple[int, int]

STYLES: frozenset[Kind] = frozenset({"bold", "italic", "strikethrough"})
WRAPS: frozenset[Kind] = STYLES | {"text_link"}
"""What has a sign before it and one behind."""
_APART: frozenset[Kind] = frozenset({"code", "pre", "item"})
_ADDRESS = re.compile(r"(?:https?|steam)://(?:(?!\]\()[^\s<>]){2,}(?<![.,:;\"'\]])")
"""Up to a `](`, which would make a label of what is before."""
_HOLDS_SIGNS = re.compile(r"[*_~`|\\]")


@dataclass(frozen=True, slots=True)
class Stretches:
    """`edges` are where anything begins or ends, the text and its lines too. `addresses` are those
    that clients find by themselves.
    """

    spans: tuple[Span, ...]
    edges: tuple[int, ...]
    addresses: frozenset[Range]
    styles: Mapping[Kind, Sequence[Range]]

    def beside(self, span: Span, kind: Kind) -> bool:
        """Whether a style of this kind is in it, around it, or next to it."""
        ranges = self.styles[kind]
        number = bisect_right(ranges, span.end, key=lambda each: each[0]) - 1
        return number >= 0 and ranges[number][1] >= span.begin

    def begins_in(self, begin: int, end: int) -> bool:
        """Whether anything begins between the two."""
        number = bisect_left(self.spans, begin, key=lambda each: each.begin)
        return number < len(self.spans) and self.spans[number].begin < end


def stretches(page: Rendered) -> Stretches:
    text = page.text
    apart = [(each.begin, each.end) for each in page.spans if each.kind in _APART]
    links = [(each.begin, each.end) for each in page.spans if each.kind == "text_link"]
    addresses = list(_addresses(text, _united(apart + links)))
    closed = [each for each in addresses if _HOLDS_SIGNS.search(text, *each)]
    lines = [found.span() for found in re.finditer("\n", text)]
    holes = _united(apart + closed + lines)
    spans: list[Span] = []
    for each in page.spans:
        if each.kind not in WRAPS:
            spans.append(each)
            continue
        for left in _without(_beside(each, addresses), holes):
            begin, end = trimmed(text, *left)
            if begin < end and (each.kind in STYLES or balanced(text[begin:end])):
                spans.append(Span(each.kind, begin, end, each.detail))
    edges = {0, len(text)}
    for first, last in (*((each.begin, each.end) for each in spans), *addresses, *lines):
        edges |= {first, last}
    ordered = in_order(spans)
    styles = {
        kind: [(each.begin, each.end) for each in ordered if each.kind == kind] for kind in STYLES
    }
    return Stretches(ordered, tuple(sorted(edges)), frozenset(addresses), styles)


def balanced(label: str) -> bool:
    """Whether a link's label may have the brackets that it has."""
    depth = 0
    for sign in re.findall(r"[\[\]]", label):
        depth += 1 if sign == "[" else -1
        if depth not in {0, 1}:
            return False
    return depth == 0


def _addresses(text: str, taken: Sequence[Range]) -> Iterator[Range]:
    """Outside of what is taken, and up to where that begins."""
    begins = [begin for begin, _ in taken]
    at = 0
    while found := _ADDRESS.search(text, at):
        number = bisect_right(begins, found.start()) - 1
        if number >= 0 and found.start() < taken[number][1]:
            at = taken[number][1]
            continue
        following = bisect_left(begins, found.start())
        end = min(found.end(), begins[following]) if following < len(begins) else found.end()
        surplus = text.count(")", found.start(), end) - text.count("(", found.start(), end)
        while surplus > 0 and text[end - 1] == ")":
            end, surplus = end - 1, surplus - 1
        if shorter := _ADDRESS.match(text, found.start(), end):
            yield shorter.span()
            end = shorter.end()
        at = end


def _united(ranges: Iterable[Range]) -> list[Range]:
    """In order, and none over another."""
    result: list[Range] = []
    for begin, end in sorted(ranges):
        if result and begin < result[-1][1]:
            result[-1] = (result[-1][0], max(end, result[-1][1]))
        else:
            result.append((begin, end))
    return result


def _beside(span: Span, addresses: Sequence[Range]) -> Range:
    """The span without the parts of addresses that it cuts."""
    first, last = _cut_at(span.begin, addresses), _cut_at(span.end, addresses)
    return span.begin if first is None else first[1], span.end if last is None else last[0]


def _cut_at(at: int, addresses: Sequence[Range]) -> Range | None:
    """The address that begins before this place and ends behind it."""
    number = bisect_left(addresses, at, key=lambda each: each[0]) - 1
    return addresses[number] if number >= 0 and at < addresses[number][1] else None


def _without(of: Range, holes: Sequence[Range]) -> Iterator[Range]:
    """What is left of a range before, between and behind the holes; that may be nothing."""
    begin, end = of
    at = bisect_right(holes, (begin, begin)) - 1
    for first, last in holes[max(at, 0) : bisect_left(holes, (end, end))]:
        yield begin, first
        begin = max(begin, last)
    yield begin, end
