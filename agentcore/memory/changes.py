"""Which lines of a text are new. Pure."""

from __future__ import annotations

from difflib import SequenceMatcher


def new_lines(before: str, after: str) -> frozenset[int]:
    """The places, from 0, of the lines of `after` that weren't there in `before`."""
    old, new = before.split("\n"), after.split("\n")
    changes = SequenceMatcher(a=old, b=new, autojunk=False).get_opcodes()
    return frozenset(
        place
        for kind, _, _, begin, end in changes
        if kind in {"insert", "replace"}
        for place in range(begin, end)
    )
