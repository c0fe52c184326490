"""Which lines of a text are new, and which are gone. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from agentcore.memory.matching import stretches


def new_lines(before: str, after: str) -> frozenset[int]:
    """The places, from 0, of the lines of `after` that weren't there in `before`."""
    return frozenset(
        place
        for each in stretches(before.split("\n"), after.split("\n"))
        if each.kind in {"insert", "replace"}
        for place in range(each.new_start, each.new_end)
    )


def brought_in(before: str, after: str) -> tuple[str, ...]:
    """Lines with something in them that stand in `after` and nowhere in `before`."""
    known = set(before.split("\n"))
    return tuple(line for line in after.split("\n") if line.strip() and line not in known)


def more_in(text: str, other: str) -> Iterator[str]:
    """Lines with something in them that stand in a text more often than in the other."""
    known = Counter(other.split("\n"))
    for line in text.split("\n"):
        if known[line]:
            known[line] -= 1
        elif line.strip():
            yield line
