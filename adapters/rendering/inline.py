"""The inside of a paragraph, heading or cell: its words, and how they are set.

What touches of one style is united, code has no style, and a style is cut where it would cross a
link: so Telegram shows it, whatever it is told, and so it can be told in signs.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from markdown_it.token import Token

from adapters.rendering.spans import Kind, Look, Rendered, Span, trimmed
from adapters.splitting import has_visible

_STYLES: dict[str, Kind] = {"strong": "bold", "em": "italic", "s": "strikethrough"}
_UNSAID_SCHEME = re.compile(r"(?i)^(?:mailto|tel):")


@dataclass(frozen=True, slots=True)
class _Run:
    """A stretch of text that is set in one way. `link` is a link's number."""

    text: str
    styles: frozenset[Kind]
    link: int | None = None
    code: bool = False


@dataclass(slots=True)
class _Line:
    """What was read so far. `links` are the addresses, by number."""

    newline: str
    look: Look
    runs: list[_Run] = field(default_factory=list)
    open: Counter[Kind] = field(default_factory=Counter)
    styles: frozenset[Kind] = frozenset()
    links: list[str] = field(default_factory=list)
    link: int | None = None
    link_began: int = 0

    def add(self, text: str, *, code: bool = False) -> None:
        if text:
            inside = code and self.link is None
            self.runs.append(_Run(text.replace("\t", " "), self.styles, self.link, inside))

    def turn(self, style: Kind, by: int) -> None:
        """One more of this style begins, or with -1 ends."""
        self.open[style] += by
        self.styles = frozenset(each for each, count in self.open.items() if count > 0)

    def begin_link(self, address: str) -> None:
        self.links.append(address)
        self.link, self.link_began = len(self.links) - 1, len(self.runs)

    def end_link(self) -> None:
        """Its label is linked, or its address said after it."""
        if self.link is None:
            return
        address = self.links[self.link]
        shown = _UNSAID_SCHEME.sub("", address)
        label = "".join(each.text for each in self.runs[self.link_began :])
        if not has_visible(label):
            self.add(shown)
        elif not self.look.can_link(label, address) and shown not in label:
            self.add(f" ({shown})" if shown else "")
        self.link = None


def rendered_inline(
    tokens: Sequence[Token], look: Look, *, bold: bool = False, newline: str = "\n"
) -> Rendered:
    """The tokens' text and spans. `newline` is what a line break in it becomes."""
    if not tokens:
        return Rendered("")
    line = _Line(newline, look)
    if bold:
        line.turn("bold", 1)
    for token in tokens:
        _read(token, line)
    return _set(line)


def _read(token: Token, line: _Line) -> None:
    name, _, side = token.type.rpartition("_")
    match token.type:
        case "text" | "text_special" | "html_inline":
            line.add(token.content)
        case "softbreak" | "hardbreak":
            line.add(line.newline)
        case "code_inline":
            line.add(token.content, code=True)
        case "link_open":
            line.begin_link(str(token.attrs.get("href", "")))
        case "link_close":
            line.end_link()
        case "image":
            _read_image(token, line)
        case _ if name in _STYLES and side == "open":
            line.turn(_STYLES[name], 1)
        case _ if name in _STYLES and side == "close":
            line.turn(_STYLES[name], -1)
        case _:
            raise ValueError(f"the dialect has no {token.type} in a line")


def _read_image(token: Token, line: _Line) -> None:
    """An image is a link to it; one inside a link is its description alone."""
    description = "".join(_words(token))
    if line.link is not None:
        line.add(description)
        return
    line.begin_link(str(token.attrs.get("src", "")))
    line.add(description)
    line.end_link()


def _words(image: Token) -> Iterator[str]:
    waiting = list(reversed(image.children or []))
    while waiting:
        token = waiting.pop()
        if token.type == "image":
            waiting.extend(reversed(token.children or []))
        elif token.type in {"softbreak", "hardbreak"}:
            yield " "
        else:
            yield token.content


def _set(line: _Line) -> Rendered:
    text = "".join(run.text for run in line.runs)
    links, codes, styles = _Ranges(), _Ranges(), {each: _Ranges() for each in _STYLES.values()}
    at = 0
    link_at: dict[int, int] = {}
    for run in line.runs:
        end = at + len(run.text)
        if run.code:
            codes.add(at, end, touching=False)
        else:
            for kind in run.styles:
                styles[kind].add(at, end)
        if run.link is not None:
            link_at.setdefault(run.link, len(link_at))
            links.add(at, end, touching=link_at[run.link] < len(links.ranges))
        at = end
    addresses = [line.links[number] for number in link_at]
    spans = [
        span
        for (begin, end), address in zip(links.ranges, addresses, strict=True)
        if line.look.can_link(label := text[begin:end], address) and label.strip() != address
        for span in _span("text_link", text, begin, end, address)
    ]
    kept = [(each.begin, each.end) for each in spans]
    spans += [span for begin, end in codes.ranges for span in _span("code", text, begin, end)]
    for kind, ranges in styles.items():
        for begin, end in _cut(ranges.ranges, kept):
            spans += _span(kind, text, begin, end)
    return Rendered(text, tuple(spans))


@dataclass(slots=True)
class _Ranges:
    """Of one kind, in order; those that touch are one, unless told apart."""

    ranges: list[tuple[int, int]] = field(default_factory=list)

    def add(self, begin: int, end: int, *, touching: bool = True) -> None:
        if touching and self.ranges and self.ranges[-1][1] == begin:
            self.ranges[-1] = (self.ranges[-1][0], end)
        else:
            self.ranges.append((begin, end))


def _cut(
    ranges: Sequence[tuple[int, int]], links: Sequence[tuple[int, int]]
) -> Iterator[tuple[int, int]]:
    """The ranges, cut where they cross one of the links; both are in order."""
    edges = iter(links)
    link = next(edges, None)
    for each in ranges:
        begin, end = each
        while link is not None and link[1] <= begin:
            link = next(edges, None)
        if link is not None and link[0] < begin and link[1] < end:
            yield begin, link[1]
            begin = link[1]
        while link is not None and link[1] < end:
            link = next(edges, None)
        if link is not None and begin < link[0] < end < link[1]:
            yield begin, link[0]
            begin = link[0]
        yield begin, end


def _span(kind: Kind, text: str, begin: int, end: int, detail: str = "") -> Iterator[Span]:
    begin, end = trimmed(text, begin, end)
    if begin < end:
        yield Span(kind, begin, end, detail)
