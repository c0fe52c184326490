"""Which line of one text is which of another: those that kept their order first, then those that
were moved. Pure.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from typing import Literal, NamedTuple

Kind = Literal["equal", "replace", "delete", "insert"]

MOST_PAIRS = 40_000
"""Lines of one text times those of the other, up to which each is compared with each. That may take
time that grows with the square of it, and a model that repeats itself writes thousands.
"""


class Stretch(NamedTuple):
    """Lines of the old text, from `start` up to `end`, and those of the new that are in their place,
    as in `difflib.SequenceMatcher.get_opcodes`.
    """

    kind: Kind
    start: int
    end: int
    new_start: int
    new_end: int


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


def stretches(old: Sequence[str], new: Sequence[str]) -> Iterator[Stretch]:
    """How the old text became the new, in order; equal ones may follow each other."""
    head, tail = common_ends(old, new)
    old_end, new_end = len(old) - tail, len(new) - tail
    if head:
        yield Stretch("equal", 0, head, 0, head)
    for kind, *place in _compared(old[head:old_end], new[head:new_end]):
        yield Stretch(kind, *(head + each for each in place))
    if tail:
        yield Stretch("equal", old_end, len(old), new_end, len(new))


def _compared(old: Sequence[str], new: Sequence[str]) -> Iterable[tuple[Kind, int, int, int, int]]:
    if len(old) * len(new) <= MOST_PAIRS:
        return SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    return _with_gaps(_in_order(old, new), len(old), len(new))


def _in_order(old: Sequence[str], new: Sequence[str]) -> Sequence[tuple[int, int]]:
    """The places of equal lines, the first of them here with the first there and so on, as many as
    keep their order: the longest rising subsequence (Fredman 1975).
    """
    there = {line: at for at, line in enumerate(_told_apart(old))}
    pairs = [(there[line], at) for at, line in enumerate(_told_apart(new)) if line in there]
    ends, last, before = list[int](), list[int](), list[int]()
    for number, (place, _) in enumerate(pairs):
        length = bisect_left(ends, place)
        before.append(last[length - 1] if length else -1)
        ends[length : length + 1] = [place]
        last[length : length + 1] = [number]
    kept, number = list[tuple[int, int]](), last[-1] if last else -1
    while number >= 0:
        kept.append(pairs[number])
        number = before[number]
    return kept[::-1]


def _told_apart(lines: Iterable[str]) -> Iterator[tuple[str, int]]:
    """Each line, with how many equal ones come before it."""
    seen: Counter[str] = Counter()
    for line in lines:
        yield line, seen[line]
        seen[line] += 1


def _with_gaps(
    kept: Iterable[tuple[int, int]], old: int, new: int
) -> Iterator[tuple[Kind, int, int, int, int]]:
    """Lines that were kept, and what is between them, up to the ends of both texts."""
    at, new_at = 0, 0
    for place, new_place in (*kept, (old, new)):
        if place > at or new_place > new_at:
            kind: Kind = "replace"
            if place == at:
                kind = "insert"
            elif new_place == new_at:
                kind = "delete"
            yield kind, at, place, new_at, new_place
        if place < old:
            yield "equal", place, place + 1, new_place, new_place + 1
        at, new_at = place + 1, new_place + 1


def matched(old: Sequence[str], new: Sequence[str]) -> Mapping[int, int]:
    """Each line of `new` that `old` had too, with its place there. A blank line is never moved: no
    two of them can be told apart.
    """
    places: dict[int, int] = {}
    for each in stretches(old, new):
        if each.kind == "equal":
            places |= zip(
                range(each.new_start, each.new_end), range(each.start, each.end), strict=True
            )
    taken = set(places.values())
    left: defaultdict[str, list[int]] = defaultdict(list)
    for place in reversed(range(len(old))):
        if place not in taken:
            left[old[place]].append(place)
    for at, text in enumerate(new):
        if at not in places and text.strip() and left[text]:
            places[at] = left[text].pop()
    return places
