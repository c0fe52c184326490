"""Text and spans in the signs that Discord's clients read. Pure.

Every sign of the text itself is told to mean itself, so that it can't be shown as what nobody
meant, and nobody is mentioned. An address is left as it is, for a backslash would become part of
it; where something follows that could be taken for more of it, it stands in angle brackets, which
nobody sees.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from adapters.discord.stretches import WRAPS, Stretches, stretches
from adapters.rendering.spans import Kind, Rendered, Span
from adapters.splitting import length

_MARKS: dict[Kind, str] = {"bold": "**", "strikethrough": "~~"}
_SIGNS = re.compile(
    r"[\\*`\[]|~(?![^~])|(?<=~)~|(?<=\])\(|(?<=\|)\||\|(?=\|)|<(?!\s)|@(?=everyone|here)"
    r"|:(?=[a-zA-Z+-][\w+-]*:)|(?<![^\W_])_|_(?![^\W_])"
)
"""What may mean something. A `_` within a word, a single `|` or `~` and the like don't."""
_SIGNS_IN_STYLES = re.compile(
    r"[\\*`~\[#|_]|(?<=\])\(|<(?!\s)|@(?=everyone|here)|:(?=[a-zA-Z+-][\w+-]*:)"
)
_BEGINS_A_LINE = re.compile(r"[ \t]*(?:\d+(?=\.(?!\S))|(?=[#>]|[+-](?![^\s#])))")
_AFTER_AN_ADDRESS = re.compile(r"[.,:;\"']*(?:\s|$)")
_IN_A_TARGET = re.compile(r"[()<>\[\]\\*\"`|~\s]")
_LANGUAGE = re.compile(r"[A-Za-z0-9_+.#-]+")
_BACKTICKS = re.compile(r"`+")
_TWO_OF_THREE = re.compile(r"``(?=`)")
_UNSEEN = "\u200b"


def marked_up(page: Rendered) -> str:
    """The text with signs for its spans."""
    return "".join(_Writer(page.text, stretches(page)).written())


def sent_length(page: Rendered) -> int:
    """How long that is, as Discord counts or longer."""
    return length(marked_up(page), "utf16")


def escaped(text: str) -> str:
    """The text so that all its signs mean themselves."""
    return marked_up(Rendered(text))


def target(address: str) -> str:
    """An address as it stands behind a label."""
    return _IN_A_TARGET.sub(lambda found: f"%{ord(found[0]):02X}", address)


class _Writer:
    """`open` are the styles and links that are begun, with the signs that end them. `fresh`:
    nothing is written in this line; `bare`: nothing but blanks and the marks that begin lines.
    """

    def __init__(self, text: str, found: Stretches) -> None:
        self._text = text
        self._found = found
        self._open: list[tuple[Span, str]] = []
        self._fresh = self._bare = True
        self._after_code = -1

    def written(self) -> Iterator[str]:
        active: list[Span] = []
        waiting = list(reversed(self._found.spans))
        for begin, end in pairwise(self._found.edges):
            active = [each for each in active if each.end > begin]
            while waiting and waiting[-1].begin <= begin:
                active.append(waiting.pop())
            yield from self._write(begin, end, active)
        yield from self._turn_to([])

    def _write(self, begin: int, end: int, active: Sequence[Span]) -> Iterator[str]:
        """A stretch in which nothing begins or ends."""
        of = {each.kind: each for each in active}
        text = self._text[begin:end]
        if "pre" in of:
            if begin == of["pre"].begin:
                yield from self._turn_to([])
                yield from self._begin_line(of, text)
                yield _block(self._text[begin : of["pre"].end], of)
            return
        if text == "\n":
            yield from self._turn_to([])
            yield from self._begin_line(of, text)
            yield text
            self._fresh = self._bare = True
            return
        yield from self._begin_line(of, text)
        yield from self._turn_to([each for each in active if each.kind in WRAPS])
        if "item" in of:
            yield self._item(of["item"])
        elif "code" in of:
            yield from self._code(begin, end)
        elif (begin, end) in self._found.addresses:
            yield self._address(begin, end)
        else:
            yield self._words(begin, end, styled=bool(self._open) or "heading" in of)
        self._bare = self._bare and ("item" in of or not text.strip())

    def _begin_line(self, of: dict[Kind, Span], text: str) -> Iterator[str]:
        if self._fresh and "blockquote" in of:
            yield "> "
        self._fresh = False
        if "heading" in of and self._bare and text.strip():
            yield "#" * int(of["heading"].detail) + " "

    def _turn_to(self, wanted: Sequence[Span]) -> Iterator[str]:
        """End and begin styles and links, so that these are open."""
        same = 0
        while same < min(len(self._open), len(wanted)) and self._open[same][0] == wanted[same]:
            same += 1
        for _, mark in reversed(self._open[same:]):
            yield mark
        del self._open[same:]
        for each in wanted[same:]:
            if each.kind == "text_link":
                yield "["
                mark = f"]({self._target(each.detail)})"
            else:
                yield (mark := self._mark(each))
            self._open.append((each, mark))

    def _target(self, address: str) -> str:
        """A `_` of an address would end italics."""
        told = target(address)
        return told.replace("_", "%5F") if any(mark == "_" for _, mark in self._open) else told

    def _mark(self, style: Span) -> str:
        """Before and behind it. Of the two signs for italics, `_` doesn't work at the inside of
        a word nor beside strikethrough, and `*` not beside bold.
        """
        if style.kind != "italic":
            return _MARKS[style.kind]
        around = (
            self._text[max(style.begin - 1, 0) : style.begin]
            + self._text[style.end : style.end + 1]
        )
        in_word = any(each.isalnum() or each == "_" for each in around)
        if not in_word and not self._found.beside(style, "strikethrough"):
            return "_"
        return "" if self._found.beside(style, "bold") else "*"

    def _item(self, item: Span) -> str:
        """What begins an item, where something of it stands behind."""
        shown = self._text[item.begin : item.end]
        line_end = self._text.find("\n", item.end)
        rest = self._text[item.end :] if line_end < 0 else self._text[item.end : line_end]
        if not rest.strip():
            return shown
        sign = item.detail.partition(" ")[0]
        return sign + shown[len(sign) :]

    def _code(self, begin: int, end: int) -> Iterator[str]:
        text = self._text[begin:end]
        runs = {len(run) for run in _BACKTICKS.findall(text)}
        fence = next((mark for mark in ("`", "``") if len(mark) not in runs), None)
        if fence is None:  # three would begin a block
            yield _SIGNS_IN_STYLES.sub(r"\\\g<0>", text)
            return
        if begin == self._after_code:
            yield _UNSEEN
        pad = " " if text.startswith("`") or text.endswith("`") else ""
        yield f"{fence}{pad}{text}{pad}{fence}"
        self._after_code = end

    def _address(self, begin: int, end: int) -> str:
        address = self._text[begin:end]
        after = _AFTER_AN_ADDRESS.match(self._text, end)
        alone = after is not None and not self._found.begins_in(end, after.end())
        return address if alone else f"<{address}>"

    def _words(self, begin: int, end: int, *, styled: bool) -> str:
        pattern = _SIGNS_IN_STYLES if styled else _SIGNS
        parts, at = [], begin
        if self._bare and (found := _BEGINS_A_LINE.match(self._text, begin, end)):
            at = min(found.end() + 1, end)
            parts.append(f"{found[0]}\\{self._text[found.end() : at]}")
        for sign in pattern.finditer(self._text, at, end):
            parts += [self._text[at : sign.start()], "\\", sign[0]]
            at = sign.end()
        return "".join(parts) + self._text[at:end]


def _block(code: str, of: dict[Kind, Span]) -> str:
    """Discord ends a block at any three backticks: something unseen keeps those of the code apart."""
    told = of["pre"].detail
    language = told if _LANGUAGE.fullmatch(told) else ""
    quoted = "> " if "blockquote" in of else ""
    block = f"```{language}\n{_TWO_OF_THREE.sub(f'``{_UNSEEN}', code)}\n```"
    return block.replace("\n", f"\n{quoted}")
