"""The lines of an agent's memory under numbers that a person can name: one count through all
blocks that may be edited, blank lines left out. Pure.

A number is good for the listing that it was read in: `Listing` holds what each one stood for,
and `line_at` finds it again, or says that it is no longer there.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from agentcore.records import Block, ListedLine, Listing


@dataclass(frozen=True, slots=True)
class MemoryLine:
    """A line of a block. `at` counts the block's lines from 0; `number` is None in blocks that
    are read-only.
    """

    number: int | None
    block: Block
    at: int
    text: str


def memory_lines(blocks: Sequence[Block]) -> tuple[MemoryLine, ...]:
    """All lines with something in them, in the order of the blocks."""
    lines: list[MemoryLine] = []
    newest = 0
    for block in blocks:
        for at, text in enumerate(block.value.split("\n")):
            if not text.strip():
                continue
            newest += not block.read_only
            lines.append(MemoryLine(None if block.read_only else newest, block, at, text))
    return tuple(lines)


def numbered_lines(blocks: Sequence[Block]) -> list[MemoryLine]:
    """The lines that have a number."""
    return [line for line in memory_lines(blocks) if line.number is not None]


def listing_of(lines: Sequence[MemoryLine]) -> Listing:
    """What the numbers stand for."""
    return Listing(
        tuple(
            ListedLine(line.block.block_id, line.block.version, line.at, digest_of(line.text))
            for line in lines
            if line.number is not None
        )
    )


def line_at(listing: Listing, number: int, blocks: Sequence[Block]) -> MemoryLine | None:
    """The line that a number of the listing stands for; None if it isn't there any more.

    A line may have moved, as long as it reads the same and no other of its block does.
    """
    if not 1 <= number <= len(listing.lines):
        return None
    listed = listing.lines[number - 1]
    block = next((each for each in blocks if each.block_id == listed.block_id), None)
    if block is None:
        return None
    lines = block.value.split("\n")
    same = [at for at, text in enumerate(lines) if digest_of(text) == listed.digest]
    if block.version == listed.version:
        same = [at for at in same if at == listed.at]
    return MemoryLine(number, block, same[0], lines[same[0]]) if len(same) == 1 else None


def digest_of(text: str) -> str:
    """Which line it is, without its words."""
    return hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=12).hexdigest()
