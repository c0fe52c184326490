"""Which line of the memory a person means: by its number in what they were shown, or by its words."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from agentcore.clock import DAY, Micros
from agentcore.memory.listing import MemoryLine, line_at, numbered_lines
from agentcore.records import Block, Listing

LISTING_HOLDS = Micros(DAY)
"""How long a number that was shown can be named."""
_TURN = re.compile(r"#(\d{1,18})")


@dataclass(frozen=True, slots=True)
class Unclear:
    """No one line is meant: what to answer to that."""

    key: str
    arguments: Mapping[str, str | int] = field(default_factory=dict)


def turn_named(words: str) -> int | None:
    """The turn, or whatever else counts, that is meant by `#12`: what a button sends."""
    match = _TURN.fullmatch(words.strip())
    return None if match is None else int(match[1])


def is_number(words: str) -> bool:
    """Whether it is a number of a listing that somebody means, maybe as `3.`."""
    said = words.strip().rstrip(".")
    return said.isascii() and said.isdigit()


def line_that_reads(words: str, lines: Sequence[MemoryLine]) -> MemoryLine | None:
    """The first line with just these words."""
    sought = words.strip().casefold()
    return next((line for line in lines if line.text.strip().casefold() == sought), None)


def named_line(
    words: str, command: str, listing: Listing | None, blocks: Sequence[Block]
) -> MemoryLine | Unclear:
    """The line that is meant by what stands behind a command. A number is good for the listing that
    it was read in.
    """
    if not is_number(words):
        line = _line_with(words, numbered_lines(blocks))
        return Unclear("reply.line_which", {"command": command}) if line is None else line
    if listing is None:
        return Unclear("reply.line_not_listed", {"command": command})
    said = words.strip().rstrip(".")
    # More digits than any listing has lines are no number of a line.
    number = int(said[:9])
    if not 1 <= number <= len(listing.lines):
        return Unclear("reply.line_no_such", {"number": said, "last": len(listing.lines)})
    found = line_at(listing, number, blocks)
    return Unclear("reply.line_changed", {"number": number}) if found is None else found


def _line_with(words: str, lines: Sequence[MemoryLine]) -> MemoryLine | None:
    """The line that reads so, or the only one that has the words in it."""
    if not (sought := words.strip().casefold()):
        return None
    near = [line for line in lines if sought in line.text.casefold()]
    return line_that_reads(words, near) or (near[0] if len(near) == 1 else None)
