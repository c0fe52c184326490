"""Markdown that is still being written, made to look as it will.

What is open at its end is closed, and signs that mean nothing yet are left out: `**wor` is shown
as a bold "wor", `[label](http` as its label. A code block closes by itself. Only the last block is
looked at; in the others, nothing can be open any more.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})([^\n]*)$", re.MULTILINE)
_HALF_FENCE = re.compile(r"\n *(?:`+|~+)$")
_BLOCK = re.compile(r"\n[ \t]*\n|\n[ \t]*(?=[-*+#>|]|\d{1,9}[.)])")
_SIGNS_ALONE = re.compile(r"[ \t>]*+(?:[-=*_#+`~|:]+|\d{1,9}[.)])?[ \t]*")
"""A last line of a list's or rule's signs, or of what would make a heading of the line above."""
_LINK = re.compile(r"!?\[([^\[\]\n]*)(?:\](?:\([^()\s]*)?)?$")
_CODE = re.compile(r"(?<!`)(`+)(?!`)")
_MARKS = re.compile(r"\*\*|~~|\*|(?<!\w)__?(?=\w)|(?<=\w)__?(?!\w)")
_DANGLING = "*_~ \n"


def completed(text: str) -> str:
    """The text so far as Markdown that means what it is going to."""
    text = text.rstrip()
    if _in_fence(text):
        return _HALF_FENCE.sub("", text)
    last_line = text.rfind("\n") + 1
    if _SIGNS_ALONE.fullmatch(text, last_line):
        text = text[:last_line].rstrip()
    start = max((found.end() for found in _BLOCK.finditer(text)), default=0)
    return text[:start] + _closed(_Block.of(text[start:]))


def _in_fence(text: str) -> bool:
    opened = ""
    for found in _FENCE.finditer(text):
        marker, info = found[1], found[2].strip()
        if not opened:
            opened = marker if marker[0] == "~" or "`" not in info else ""
        elif marker.startswith(opened) and not info:
            opened = ""
    return bool(opened)


@dataclass(frozen=True, slots=True)
class _Block:
    """A block's text, and the same with inline code made unreadable. `code` is where code begins
    that doesn't end, `sign` its backticks.
    """

    text: str
    masked: str
    code: int | None = None
    sign: str = ""

    @classmethod
    def of(cls, text: str) -> _Block:
        masked, at = [], 0
        code, sign = None, ""
        for found in _CODE.finditer(text):
            if code is None:
                code, sign = found.start(), found[1]
            elif found[1] == sign:
                masked += [text[at:code], "x" * (found.end() - code)]
                code, at = None, found.end()
        return cls(text, "".join(masked) + text[at:], code, sign)

    def up_to(self, end: int) -> _Block:
        return _Block(self.text[:end], self.masked[:end])


def _closed(block: _Block) -> str:
    """With its open code, link and emphasis closed."""
    if block.code is not None:
        before = block.up_to(block.code)
        if block.text[block.code :].strip(" `"):
            return block.text + block.sign + _closers(before.masked)
        block = before
    if link := _LINK.search(block.masked):
        label = block.text[link.start(1) : link.end(1)]
        kept = block.up_to(link.start())
        block = _Block(kept.text + label, kept.masked + label)
    bare = block.masked.rstrip(_DANGLING)
    return block.text[: len(bare)] + _closers(bare)


def _closers(masked: str) -> str:
    """What closes the emphasis that is open at the end."""
    opened: list[str] = []
    for found in _MARKS.finditer(masked):
        sign = found[0]
        before = masked[max(found.start() - 1, 0) : found.start()]
        after = masked[found.end() : found.end() + 1]
        if sign in opened and before.strip():
            del opened[opened.index(sign) :]
        elif sign not in opened and after.strip():
            opened.append(sign)
    return "".join(reversed(opened))
