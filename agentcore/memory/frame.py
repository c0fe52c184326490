"""How blocks are shown to a model: one fixed frame, for the prompt's head and for tool returns.

Invariant: nothing inside a value can look like the frame. Every line of a value starts with its
number and an arrow (`3→ `), and the frame's own lines never do; `parse_blocks` is the proof.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Protocol

from agentcore.memory.matching import common_ends

WHOLE_VALUE = 2_000
"""Characters up to which a tool return shows the whole new value."""
CONTEXT_LINES = 3
LONGEST_NAME = 200
"""Characters of a name that a refusal says again."""

LINE_NUMBER_BANNER = (
    "# NOTE: Line numbers shown below (with arrows like '1→') are to help during editing. "
    "Do NOT include line number prefixes in your memory edit tool calls."
)


class Shown(Protocol):
    """What the frame needs of a block; `Block` and `HeadBlock` both have it."""

    @property
    def label(self) -> str: ...
    @property
    def value(self) -> str: ...
    @property
    def limit(self) -> int: ...
    @property
    def description(self) -> str: ...
    @property
    def read_only(self) -> bool: ...


def render_blocks(blocks: Sequence[Shown]) -> str:
    """All blocks, in the order given."""
    inner = "\n".join(render_block(block) for block in blocks)
    return f"<memory_blocks>\n{inner}\n</memory_blocks>"


def render_block(block: Shown) -> str:
    """One block with its whole value."""
    return _framed(block, numbered(block.value))


def render_change(block: Shown, before: str) -> str:
    """A block after an edit, as its model sees it again: whole if it is short, else the changed
    lines and those around. Its description stands in the prompt's head.
    """
    if len(block.value) <= WHOLE_VALUE:
        return _framed(block, numbered(block.value), again=True)
    lines, old = block.value.split("\n"), before.split("\n")
    same_head, same_tail = common_ends(lines, old)
    first = max(0, same_head - CONTEXT_LINES)
    last = min(len(lines), len(lines) - same_tail + CONTEXT_LINES)
    return _framed(
        block, _numbered_lines(lines[first:last], start=first + 1), again=True, part=True
    )


def numbered(value: str) -> str:
    """The value with its line numbers; empty for an empty value."""
    return _numbered_lines(value.split("\n"), start=1) if value else ""


def _numbered_lines(lines: Sequence[str], *, start: int) -> str:
    return "\n".join(f"{number}→ {line}" for number, line in enumerate(lines, start=start))


def _framed(block: Shown, shown: str, *, again: bool = False, part: bool = False) -> str:
    marks = ' read_only="true"' if block.read_only else ""
    marks += ' shown="part"' if part else ""
    about = "" if again else f"<description>{one_line(block.description)}</description>\n"
    head = (
        f'<block label="{attribute(block.label)}" chars="{len(block.value)}" limit="{block.limit}"'
    )
    body = f"{shown}\n" if shown else ""
    return f"{head}{marks}>\n{about}<value>\n{body}</value>\n</block>"


def render_around(block: Shown, sought: str) -> str:
    """A block for somebody who looks for a text that isn't there, or not once: whole if it is
    short, else the lines around the one that has most words in common with it.
    """
    if len(block.value) <= WHOLE_VALUE:
        return _framed(block, numbered(block.value), again=True)
    wanted, lines = _words(sought), block.value.split("\n")
    alike = max(range(len(lines)), key=lambda at: len(wanted & _words(lines[at])))
    first, last = max(0, alike - CONTEXT_LINES), alike + CONTEXT_LINES + 1
    return _framed(
        block, _numbered_lines(lines[first:last], start=first + 1), again=True, part=True
    )


def _words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", text.casefold()))


def name_told(text: str) -> str:
    """A name that a model made up, as its refusal says it: of a huge one the beginning."""
    return text if len(text) <= LONGEST_NAME else f"{text[:LONGEST_NAME]}…"


def attribute(text: str) -> str:
    """A text that can stand inside the quotes of the frame."""
    return one_line(text).replace('"', "&quot;")


def one_line(text: str) -> str:
    """A text that can't end the line or the element that it stands in."""
    return " ".join(text.split()).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


_HEAD = re.compile(r'<block label="([^"]*)" chars="\d+" limit="\d+"[^>]*>')
_LINE = re.compile(r"\d+→ ", re.ASCII)


def parse_blocks(text: str) -> Mapping[str, str]:
    """The blocks that a text shows, label -> value, the last one of each label.

    The inverse of `render_blocks` and `render_block`; blocks shown in part are left out.
    """
    found: dict[str, str] = {}
    label: str | None = None
    lines: list[str] | None = None
    for line in text.split("\n"):
        if lines is None:
            if match := _HEAD.fullmatch(line):
                label = None if ' shown="part"' in line else _unescaped(match[1])
            elif line == "<value>":
                lines = []
        elif line == "</value>":
            if label is not None:
                found[label] = "\n".join(lines)
            lines = None
        elif match := _LINE.match(line):
            lines.append(line[match.end() :])
    return found


def _unescaped(text: str) -> str:
    quoted = text.replace("&quot;", '"').replace("&gt;", ">").replace("&lt;", "<")
    return quoted.replace("&amp;", "&")
