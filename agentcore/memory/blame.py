"""Which edit brought a line into a block: the block's history, followed backwards. Pure.

A line that an undo brought back came with the edit that first wrote it. A line that was moved,
or whose neighbours were replaced, stays the same line; one that was taken out and written again
is a new one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from agentcore.memory.matching import matched
from agentcore.records import Revision


@dataclass(frozen=True, slots=True)
class LineOrigin:
    """The edit that a line came with, and the latest undo that brought it back, if one did."""

    revision: Revision
    restored: Revision | None = None


class LineTrace:
    """One line, from its place (from 0) in a block's newest text back to where it came from.

    `lost`: the history doesn't tell, because a part of it is gone.
    """

    def __init__(self, at: int) -> None:
        self.lost = False
        self._at = at
        self._text: str | None = None
        self._restored: Revision | None = None
        self._undo: Revision | None = None  # brought it back from before the edit that it undoes

    def follow(self, revision: Revision) -> LineOrigin | None:
        """The next older edit of the block; not None once the line is found."""
        before = revision.before.split("\n")
        if self._undo is not None:
            self._find_in_undone(revision, before)
            return None
        after = revision.after.split("\n")
        if self._at >= len(after) or self._text not in {None, after[self._at]}:
            self.lost = True
            return None
        self._text = after[self._at]
        earlier = place_before(before, after, self._at)
        if earlier is not None:
            self._at = earlier
        elif revision.undoes is None:
            return LineOrigin(revision, self._restored)
        else:
            self._restored = self._restored or revision
            self._undo = revision
        return None

    def _find_in_undone(self, revision: Revision, before: Sequence[str]) -> None:
        """Where the line stood before the edit that was taken back."""
        undo = self._undo
        if undo is None or undo.undoes is None or revision.version > undo.undoes:
            return
        place = None
        if revision.version == undo.undoes:
            place = place_before(before, undo.after.split("\n"), self._at)
        self._undo = None
        self.lost = place is None
        self._at = self._at if place is None else place


def origin_of(at: int, newest_first: Iterable[Revision]) -> LineOrigin | None:
    """Where line `at` (from 0) of the newest revision's text came from.

    Reads no more of the history than it takes. None: the history doesn't tell.
    """
    trace = LineTrace(at)
    for revision in newest_first:
        found = trace.follow(revision)
        if found is not None or trace.lost:
            return found
    return None


def place_before(before: Sequence[str], after: Sequence[str], at: int) -> int | None:
    """Where a line of `after` stood in `before`; None if it is new."""
    return matched(before, after).get(at)
