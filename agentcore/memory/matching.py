"""Which line of one text is which of another: those that kept their order first, then those that
were moved. Pure.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher


def common(left: Sequence[str], right: Sequence[str]) -> int:
    """How many lines both begin with."""
    count = 0
    for one, other in zip(left, right, strict=False):
        if one != other:
            break
        count += 1
    return count


def common_ends(left: Sequence[str], right: Sequence[str]) -> tuple[int, int]:
    """How many lines both begin with, and how many of the rest both end with."""
    head = common(left, right)
    most = min(len(left), len(right)) - head
    return head, min(common(left[::-1], right[::-1]), most)


def matched(old: Sequence[str], new: Sequence[str]) -> Mapping[int, int]:
    """Each line of `new` that `old` had too, with its place there. A blank line is never moved: no
    two of them can be told apart.
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
        if at not in places and text.strip() and left[text]:
            places[at] = left[text].pop()
    return places
