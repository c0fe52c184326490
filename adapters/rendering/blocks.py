"""Markdown's blocks as a text with spans over it.

The tree is read as the flat list that the parser makes of it, so that depth costs no stack, and in
time that grows with the text alone.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from markdown_it.token import Token

from adapters.markdown import dialect
from adapters.rendering.inline import rendered_inline
from adapters.rendering.spans import Bookmark, Look, Page, Rendered, Span
from adapters.rendering.tables import Table, rendered_table
from adapters.splitting import has_visible

RULE = "———"
_BULLETS = ("•", "◦", "▪")
_BULLET = re.compile(f"[{''.join(_BULLETS)}] $")
_PLAIN_BULLETS = str.maketrans(dict.fromkeys(_BULLETS, "-"))
_TASK = re.compile(r"\[([ xX])\]\s+(?=\S)")
_TASKS = {" ": "☐ ", "x": "☑ "}
_LANGUAGE = re.compile(r"[\w+#.-]{1,32}")
_SURROGATE = re.compile("[\ud800-\udfff]")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_LINE_END = re.compile("\r\n?|[\u2028\u2029]")


def mended(text: str) -> str:
    """The text as it can be sent at all: without halves of characters, with plain line ends."""
    return _LINE_END.sub("\n", _SURROGATE.sub("\ufffd", text))


def rendered(markdown: str, look: Look) -> Rendered:
    """The Markdown's text and spans.

    All words of it are in it, in order, but for those that markup keeps to itself (titles of
    links, languages); of a table that is too wide the head's words come with each row.
    """
    source = _CONTROL.sub(" ", mended(markdown))
    result = _Rendering(dialect().parse(source), look).result
    if not has_visible(result.text):
        return Rendered(source)  # nothing but signs of markup: then they mean themselves
    return result


@dataclass(slots=True)
class _List:
    """A list that is open. `next` is its next item's number, None if it has bullets."""

    next: int | None
    sign: str


@dataclass(slots=True)
class _Place:
    """Where in the document the next block stands. `marker` is that of the item it begins."""

    lists: list[_List] = field(default_factory=list)
    marker: str = ""
    quotes: int = 0
    quote_begun: Bookmark | None = None
    last_line: int = 0

    @property
    def indent(self) -> str:
        return "  " * len(self.lists)


class _Rendering:
    def __init__(self, tokens: Sequence[Token], look: Look) -> None:
        self._look = look
        self._page = Page()
        self._place = _Place()
        self._tokens = tokens
        used = (child for token in tokens for child in token.children or [])
        self._used = {str(child.meta["label"]) for child in used if "label" in child.meta}
        at = 0
        while at < len(tokens):
            at = self._read(at)
        self.result = self._page.rendered

    def _read(self, at: int) -> int:
        """Render the block that begins at a token; where the next begins."""
        token = self._tokens[at]
        match token.type:
            case "inline":
                self._add_text(token, level=_level(self._tokens[at - 1]))
            case "fence" | "code_block":
                self._add_code(token)
            case "hr":
                self._begin_block(token)
                self._page.add(RULE)
            case "definition":
                self._add_definition(token)
            case "table_open":
                return self._add_table(at)
            case _:
                self._turn(token)
        return at + 1

    def _turn(self, token: Token) -> None:
        """Enter or leave a list, an item or a quote."""
        place = self._place
        match token.type:
            case "bullet_list_open":
                place.lists.append(_List(None, _BULLETS[min(len(place.lists), 2)]))
            case "ordered_list_open":
                place.lists.append(_List(int(token.attrs.get("start", 1)), ""))
            case "list_item_open":
                self._begin_item(place.lists[-1])
            case "list_item_close" if place.marker:  # it was empty
                self._begin_block(token)
            case "bullet_list_close" | "ordered_list_close":
                place.lists.pop()
            case "blockquote_open":
                place.quotes += 1
            case "blockquote_close":
                place.quotes -= 1
                if not place.quotes:
                    self._end_quote()
            case _:
                pass  # what a paragraph or heading begins and ends with

    def _begin_item(self, of: _List) -> None:
        place = self._place
        sign = of.sign if of.next is None else f"{of.next}."
        if of.next is not None:
            of.next += 1
        if not place.marker:
            place.marker = "  " * (len(place.lists) - 1)
        place.marker += f"{sign} "

    def _begin_block(self, token: Token, *, own_line: bool = False) -> None:
        """Put between it and what stands before what its source has, and its item's marker."""
        place = self._place
        first, last = token.map or (place.last_line, place.last_line)
        if self._page.length:
            self._page.add("\n\n" if first > place.last_line else "\n")
        place.last_line = max(last, place.last_line)
        if place.quotes and place.quote_begun is None:
            place.quote_begun = self._page.bookmark
        if place.marker:
            self._add_marker(own_line=own_line)
        elif not own_line:
            self._page.add(place.indent)

    def _add_marker(self, *, own_line: bool) -> None:
        marker, self._place.marker = self._place.marker, ""
        if own_line:  # nothing stands behind it there
            self._page.add(marker.rstrip() + "\n")
            return
        begun = self._page.bookmark
        self._page.add(marker)
        if not marker.endswith(tuple(_TASKS.values())):
            self._page.mark("item", begun, marker.strip().translate(_PLAIN_BULLETS))

    def _end_quote(self) -> None:
        begun, self._place.quote_begun = self._place.quote_begun, None
        if begun is not None:
            self._page.mark("blockquote", begun)

    def _add_text(self, token: Token, *, level: int) -> None:
        children = list(token.children or [])
        if self._place.marker and children and (task := _TASK.match(children[0].content)):
            children[0] = replace(children[0], content=children[0].content[task.end() :])
            self._place.marker = _BULLET.sub("", self._place.marker) + _TASKS[task[1].lower()]
        newline = "\n" + self._place.indent
        shown = 0 < level <= self._look.headings
        bold = level > 0 and not shown
        text = rendered_inline(children, self._look, bold=bold, newline=newline)
        if has_visible(text.text):
            self._begin_block(token)
            begun = self._page.bookmark
            self._page.put(text)
            if shown:
                self._page.mark("heading", begun, str(level))

    def _add_code(self, token: Token) -> None:
        code = textwrap.dedent(token.content.expandtabs(4)).strip("\n").rstrip()
        if not has_visible(code):
            return
        language = _LANGUAGE.match(token.info.strip())
        self._begin_block(token, own_line=True)
        self._add_block(Rendered(code), language[0] if language else "")

    def _add_block(self, block: Rendered, language: str = "") -> None:
        self._page.put(Rendered(block.text, (Span("pre", 0, len(block.text), language),)))

    def _add_definition(self, token: Token) -> None:
        """What a reference stands for; said only where no link leads there."""
        if token.meta["id"] not in self._used:
            self._begin_block(token)
            self._page.add(_said(token.meta))

    def _add_table(self, at: int) -> int:
        opened = self._tokens[at]
        rows: list[list[Rendered]] = []
        sides: list[str] = []
        while self._tokens[at].type != "table_close":
            token = self._tokens[at]
            if token.type == "tr_open":
                rows.append([])
            elif token.type == "inline":
                rows[-1].append(rendered_inline(token.children or [], self._look))
            elif token.type == "th_open":
                sides.append(str(token.attrs.get("style", "")).removeprefix("text-align:"))
            at += 1
        table = rendered_table(Table(rows, sides))
        block = bool(table.spans) and table.spans[0].kind == "pre"
        self._begin_block(opened, own_line=block)
        if block:
            self._add_block(table)
        else:
            self._page.put(table)
        return at + 1


def _said(definition: Mapping[str, str]) -> str:
    label = " ".join(definition["label"].split())
    return f"[{label}]: {definition['url']}" + (
        f" {title}" if (title := definition["title"]) else ""
    )


def _level(opened: Token) -> int:
    """Of the heading that begins there; 0 if none does."""
    return int(opened.tag[1:]) if opened.type == "heading_open" else 0
