"""What an edit does to a block's value. Pure; the rules are held by shared test vectors.

A refused edit is a value for the model to read (`EditRefused` carries its text): it says what
was wrong and what to try, and the block stays as it was.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import assert_never

from agentcore.memory.frame import LINE_NUMBER_BANNER, name_told
from agentcore.records import Block

_LINE_NUMBER_PREFIX = re.compile(r"^[^\S\n]*\d+→\s", re.MULTILINE)
MOST_PLACES = 10
"""At which a text stands, of those that a refusal tells."""
_BANNER_HEAD = LINE_NUMBER_BANNER.split("(", maxsplit=1)[0].strip()


class EditRefused(Exception):
    """The edit breaks a rule; the text is written for the model. `sought`: what it was to find
    in the block, where a look at the block helps to put it right.
    """

    def __init__(self, text: str, *, sought: str | None = None) -> None:
        super().__init__(text)
        self.sought = sought


@dataclass(frozen=True, slots=True)
class Insert:
    """Put lines in after line `line`, counted from 0 = before the first; -1 = at the end."""

    text: str
    line: int = -1


@dataclass(frozen=True, slots=True)
class Replace:
    """Replace the one place where `old` stands, verbatim."""

    old: str
    new: str


@dataclass(frozen=True, slots=True)
class ReplaceAll:
    """Replace every place where `old` stands: what the older tool did."""

    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Rethink:
    """Replace the whole value."""

    text: str


@dataclass(frozen=True, slots=True)
class Rewrite:
    """Take whole lines out, and put others in the place of the first of them; where none is taken
    out, at the end.
    """

    take_out: tuple[str, ...]
    put_in: tuple[str, ...]


Operation = Insert | Replace | ReplaceAll | Rethink | Rewrite


def find_block(blocks: Sequence[Block], label: str) -> Block:
    """The block with that label.

    Raises:
        EditRefused: there is none; the text names those there are.
    """
    for block in blocks:
        if block.label == label:
            return block
    known = ", ".join(f"`{block.label}`" for block in blocks) or "none"
    msg = f"There is no memory block `{name_told(label)}`. The blocks are: {known}."
    raise EditRefused(msg)


def edited(block: Block, operation: Operation) -> str:
    """The block's value after the operation.

    Raises:
        EditRefused: the block is read-only, an argument is wrong, or the value gets too long.
    """
    if block.read_only:
        msg = (
            f"The memory block `{block.label}` is read-only: it can't be edited. Leave it as it is."
        )
        raise EditRefused(msg)
    match operation:
        case Insert(text, line):
            value = _inserted(block, text, line)
        case Replace(old, new):
            value = _replaced(block, old, new)
        case ReplaceAll(old, new):
            value = _replaced_everywhere(block, old, new)
        case Rethink(text):
            _refuse_display_text("new_memory", text)
            value = text
        case Rewrite(take_out, put_in):
            value = _rewritten(block, take_out, put_in)
        case _:
            assert_never(operation)
    return within_limit(block, value)


def within_limit(block: Block, value: str) -> str:
    """The value, if the block may hold it.

    Raises:
        EditRefused: it is longer than the block's limit.
    """
    over = len(value) - block.limit
    if over > 0:
        msg = (
            f"That would make the memory block `{block.label}` {len(value)} characters long: "
            f"{over} over its limit of {block.limit}. It is unchanged. "
            "Shorten the new text, or first merge or remove lines that matter less."
        )
        raise EditRefused(msg)
    return value


def _inserted(block: Block, text: str, line: int) -> str:
    _refuse_display_text("new_string", text)
    lines = block.value.split("\n") if block.value else []
    if line != -1 and not 0 <= line <= len(lines):
        msg = (
            f"Invalid `insert_line` parameter: {line}. "
            f"It must be in the range of the block's lines, [0, {len(lines)}], or -1 for the end."
        )
        raise EditRefused(msg)
    if not text:
        return block.value
    at = len(lines) if line == -1 else line
    return "\n".join([*lines[:at], text, *lines[at:]])


_NOTHING_THERE = (
    "No replacement was made: `old_string` did not appear verbatim in the memory block `{label}`, "
    "which is empty. Use memory_insert to add a line."
)


def _replaced(block: Block, old: str, new: str) -> str:
    _refuse_display_text("old_string", old)
    _refuse_display_text("new_string", new)
    if not old and block.value:
        msg = (
            "`old_string` is empty. Give the exact text to replace, "
            "or use memory_insert to add a line."
        )
        raise EditRefused(msg)
    starts = _occurrences(block.value, old)
    if not block.value and old:
        raise EditRefused(_NOTHING_THERE.format(label=block.label))
    if not starts:
        msg = (
            f"No replacement was made: `old_string` did not appear verbatim in the memory block "
            f"`{block.label}`. Copy it exactly as it stands there, without line numbers."
        )
        raise EditRefused(msg, sought=old)
    if len(starts) > 1:
        lines = [block.value.count("\n", 0, start) + 1 for start in starts[:MOST_PLACES]]
        more = len(starts) - len(lines)
        told = f"{lines} and {more} more" if more else f"{lines}"
        msg = (
            f"No replacement was made: Multiple occurrences of `old_string` in lines {told}. "
            "Make it unique by taking in more of the text around it."
        )
        raise EditRefused(msg, sought=old)
    return block.value[: starts[0]] + new + block.value[starts[0] + len(old) :]


def _replaced_everywhere(block: Block, old: str, new: str) -> str:
    _refuse_display_text("old_content", old)
    _refuse_display_text("new_content", new)
    if not old:
        msg = "`old_content` is empty. Give the exact text to replace."
        raise EditRefused(msg)
    if old not in block.value:
        msg = (
            f"The old content was not found in memory block `{block.label}`. "
            "It must be there exactly as given."
        )
        raise EditRefused(msg, sought=old)
    return block.value.replace(old, new)


def _rewritten(block: Block, take_out: Sequence[str], put_in: Sequence[str]) -> str:
    lines = block.value.split("\n") if block.value else []
    gone: set[int] = set()
    for text in take_out:
        places = [at for at, line in enumerate(lines) if at not in gone and _same(line, text)]
        if not places:
            msg = f"No line of the memory block `{block.label}` reads: {text}"
            raise EditRefused(msg, sought=text)
        gone.add(places[-1])  # of a line that is there twice, the later one
    for text in put_in:
        _refuse_display_text("put_in", text)
    first = min(gone, default=len(lines))
    kept = [line for at, line in enumerate(lines) if at not in gone]
    return "\n".join([*kept[:first], *put_in, *kept[first:]])


def _same(line: str, text: str) -> bool:
    return bool(text.strip()) and line.strip() == text.strip()


def _occurrences(value: str, sought: str) -> list[int]:
    """Where it starts, overlapping places included; an empty text stands once in an empty value."""
    starts, at = [], value.find(sought)
    while at != -1:
        starts.append(at)
        at = value.find(sought, at + 1)
    return starts


def _refuse_display_text(argument: str, text: str) -> None:
    """What is shown for orientation must not find its way into a block."""
    if _BANNER_HEAD in text:
        msg = (
            f"`{argument}` contains a line number warning, which is only for display. "
            "Leave it out and give the block's own text."
        )
        raise EditRefused(msg)
    if _LINE_NUMBER_PREFIX.search(text):
        msg = (
            f"`{argument}` contains a line number prefix such as `1→ `, which is only for "
            "display. Leave the numbers out and give the block's own text."
        )
        raise EditRefused(msg)
