"""`/memory edit`: a line of the memory in the person's own words.

A line is named by its number in what they were shown, or, where a platform shows a form for it, by
a reference that names the line itself: a form may be filled in long after it was shown.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from adapters.delivery import Form
from agentcore.memory.listing import MemoryLine, line_at, listing_of
from agentcore.records import (
    Block,
    BlockEdit,
    BlockId,
    EditActor,
    ListedLine,
    Listing,
    Origin,
    StepCommit,
)
from bot.commands.base import Line
from bot.commands.naming import Unclear, is_number, named_line
from bot.commands.notes import note_of
from bot.commands.wording import quoted
from bot.texts import text_of
from bot.wording.actions import MAX_LINE

NAMES = frozenset({"edit", "ändern"})
MOST_FORMS = 25
"""Lines that are offered with a form; any can be named by its number."""
LONGEST = 4_000
"""Characters of a line for which there is a form, and that one takes."""
_REFERENCE = re.compile(r"=(block-[0-9a-f-]{36})\.(\d{1,18})\.(\d{1,9})\.([0-9a-f]{24})", re.ASCII)
_TOLD = "The person changed this line of your memory themselves."
_TOLD_REMOVED = "The person took this line out of your memory themselves."


def is_edit(words: str) -> bool:
    """Whether that behind `/memory` asks for an edit."""
    first, *_ = words.split(maxsplit=1) or [""]
    return first.casefold() in NAMES


def with_forms(lines: Sequence[MemoryLine]) -> str:
    """The argument of a notice under which each of these lines can be changed: a reference and what
    the line is called, a line each.
    """
    numbered = [line for line in lines if line.number is not None]
    listed = zip(numbered, listing_of(numbered).lines, strict=True)
    offered = [
        f"{_reference(ref)} {line.number}. {quoted(line.text)[:MAX_LINE]}"
        for line, ref in listed
        if len(line.text) <= LONGEST
    ]
    return "\n".join(offered[:MOST_FORMS])


def form_for(command: str, blocks: Sequence[Block], language: str | None) -> Form | None:
    """The form behind such a command; None if its line isn't there any more."""
    line = _referred(command.rpartition(" ")[2], blocks)
    if line is None:
        return None
    room = line.block.limit - len(line.block.value) + len(line.text)
    return Form(
        title=text_of("form.edit_title", {}, language),
        label=text_of("form.edit_label", {}, language),
        value=line.text,
        limit=max(len(line.text), min(room, LONGEST)),
    )


async def edit(line: Line) -> StepCommit:
    """Have a line read otherwise; emptied in its form, it is gone."""
    head = await line.door.head(line.claim)
    if head.thread.ephemeral:
        return line.done("reply.incognito_not_now")
    if head.among_others:
        return line.done("reply.private_only")
    _, name, written = [*line.claim.first.text.split(maxsplit=2), "", ""][:3]
    text = _as_lines(written)
    meant = await _meant(line, name, text)
    if isinstance(meant, Unclear):
        return line.done(meant.key, None, meant.arguments)
    return await _put(line, meant, text)


async def _meant(line: Line, name: str, text: Sequence[str]) -> MemoryLine | Unclear:
    """The line that is to read so."""
    blocks = await line.blocks()
    if name.startswith("="):
        return _referred(name, blocks) or Unclear("reply.edit_changed")
    if not is_number(name) or not text:
        return Unclear("reply.edit_how")
    return named_line(name, "memory edit", await line.listing(), blocks)


def _as_lines(text: str) -> list[str]:
    """What was written, without blank lines."""
    return [each.rstrip() for each in text.splitlines() if each.strip()]


async def _put(line: Line, place: MemoryLine, text: Sequence[str]) -> StepCommit:
    """Commit what stands in the line's place from now on."""
    block, was = place.block, place.text
    if list(text) == [was]:
        return line.done("reply.edit_same", None, {"line": quoted(was)})
    lines = block.value.split("\n")
    after = "\n".join([*lines[: place.at], *text, *lines[place.at + 1 :]])
    over = len(after) - block.limit
    if over > 0 and len(after) > len(block.value):
        return line.done("reply.edit_full", None, {"most": block.limit, "over": over})
    made = BlockEdit(block, after, EditActor.USER, Origin.OWNER)
    told = await note_of(line, _TOLD if text else _TOLD_REMOVED, [made])
    step = StepCommit(edits=(made,), messages=told)
    if not text:
        return line.done("reply.edit_removed", step, {"line": quoted(was)})
    reads = "\n".join(f"• {quoted(each)}" for each in text)
    return line.done("reply.edited", step, {"lines": reads})


def _reference(listed: ListedLine) -> str:
    return f"={listed.block_id}.{listed.version}.{listed.at}.{listed.digest}"


def _referred(reference: str, blocks: Iterable[Block]) -> MemoryLine | None:
    """The line that is meant by a reference, if it reads as it did."""
    match = _REFERENCE.fullmatch(reference)
    if match is None:
        return None
    listed = ListedLine(BlockId(match[1]), int(match[2]), int(match[3]), match[4])
    editable = [block for block in blocks if not block.read_only]
    found = line_at(Listing((listed,)), 1, editable)
    return None if found is None else replace(found, number=None)
