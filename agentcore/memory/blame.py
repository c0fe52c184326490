"""Which edit brought a line into a block: the block's history, followed backwards. Pure.

A line that an undo brought back came with the edit that first wrote it. A line that was moved,
or whose neighbours were replaced, stays the same line; one that was taken out and written again
is a new one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from agentcore.records import Revision


@dataclass(frozen=True, slots=True)
class LineOrigin:
    """The edit that a line came with, and the latest undo that brought it back, if one did."""

    revision: Revision
    restored: Revision | None = None


def origin_of(at: int, newest_first: Iterable[Revision]) -> LineOrigin | None:
    """Where line `at` (from 0) of the newest revision's text came from.

    Reads no more of the history than it takes. None: the history doesn't tell, because a part
    of it is gone.
    """
    restored: Revision | None = None
    newest: int | None = None
    text: str | None = None
    for revision in newest_first:
        if newest is not None and revision.version > newest:
            continue  # what an undo took back
        after = revision.after.split("\n")
        if at >= len(after) or text not in {None, after[at]}:
            return None
        text = after[at]
        before = revision.before.split("\n")
        earlier = place_before(before, after, at)
        if revision.undoes is None:
            if earlier is None:
                return LineOrigin(revision, restored)
            at = earlier
            continue
        # The text is that of the version before the one that was taken back.
        restored = restored or (revision if earlier is None else None)
        newest = revision.undoes - 1
    return None


def place_before(before: Sequence[str], after: Sequence[str], at: int) -> int | None:
    """Where a line of `after` stood in `before`; None if it is new."""
    head = _common(before, after)
    if at < head:
        return at
    most = min(len(before), len(after)) - head
    tail = min(_common(before[::-1], after[::-1]), most)
    if at >= len(after) - tail:
        return at - len(after) + len(before)
    old, new = before[head : len(before) - tail], after[head : len(after) - tail]
    place = _matched(old, new).get(at - head)
    return None if place is None else head + place


def _matched(old: Sequence[str], new: Sequence[str]) -> dict[int, int]:
    """Each line of `new` that `old` had too, with its place there: first those that kept their
    order, then those that were moved.
    """
    places: dict[int, int] = {}
    for block in SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks():
        places.update({block.b + n: block.a + n for n in range(block.size)})
    taken = set(places.values())
    left: defaultdict[str, list[int]] = defaultdict(list)
    for place in reversed(range(len(old))):
        if place not in taken:
            left[old[place]].append(place)
    for at, text in enumerate(new):
        if at not in places and left[text]:
            places[at] = left[text].pop()
    return places


def _common(left: Sequence[str], right: Sequence[str]) -> int:
    count = 0
    for one, other in zip(left, right, strict=False):
        if one != other:
            break
        count += 1
    return count
