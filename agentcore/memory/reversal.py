"""Taking one edit back from a text that may have changed since: its reverse, line by line, on the
text as it is now. Pure.

Invariants. A text that reads as the edit left it becomes, byte for byte, what it was before. Else
only lines that the edit wrote are taken out, and only lines that it took out are put back: a place
that was written over since stays as it is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from agentcore.memory.matching import matched, stretches


@dataclass(frozen=True, slots=True)
class Reversal:
    """What came of it: the text, the lines that were put back, and for each place that couldn't be
    taken back the lines that stand there now.
    """

    text: str
    restored: tuple[str, ...] = ()
    left: tuple[tuple[str, ...], ...] = ()


def reversed_on(now: str, before: str, after: str) -> Reversal:
    """The text `now` without what made `after` of `before`."""
    change = _Change(_lines(after), _lines(now))
    for hunk in _hunks(_lines(before), _lines(after)):
        change.take_back(hunk)
    return change.done()


@dataclass(frozen=True, slots=True)
class _Hunk:
    """The lines from `start` up to `end` of the text after the edit, and those before it that they
    took the place of.
    """

    start: int
    end: int
    back: tuple[str, ...]


def _hunks(before: Sequence[str], after: Sequence[str]) -> Iterator[_Hunk]:
    for each in stretches(after, before):
        if each.kind != "equal":
            yield _Hunk(each.start, each.end, tuple(before[each.new_start : each.new_end]))


class _Change:
    """The lines of a text while hunks of an older edit are taken back from it."""

    def __init__(self, after: Sequence[str], now: Sequence[str]) -> None:
        self._after = after
        self._now = now
        self._places, self._written_over = _since(after, now)
        there = set(self._places.values())
        self._new = Counter(line for at, line in enumerate(now) if at not in there and line.strip())
        self._gone: set[int] = set()
        self._put: dict[int, list[str]] = {}
        self._restored: list[str] = []
        self._left: list[tuple[str, ...]] = []

    def take_back(self, hunk: _Hunk) -> None:
        back = self._missing(hunk.back)
        if hunk.start == hunk.end:
            self._put_back(self._beside(hunk.start), back)
        elif back:
            self._replace(hunk, back)
        else:
            self._remove(hunk, stands_again=bool(hunk.back))

    def done(self) -> Reversal:
        lines: list[str] = []
        for at in range(len(self._now) + 1):
            lines += self._put.get(at, ())
            if at < len(self._now) and at not in self._gone:
                lines.append(self._now[at])
        return Reversal("\n".join(lines), tuple(self._restored), tuple(self._left))

    def _missing(self, back: Sequence[str]) -> list[str]:
        """Without those that were written again since."""
        missing = []
        for line in back:
            if self._new[line] > 0:
                self._new[line] -= 1
            else:
                missing.append(line)
        return missing

    def _put_back(self, at: int, lines: Sequence[str]) -> None:
        self._put.setdefault(at, []).extend(lines)
        self._restored += lines

    def _replace(self, hunk: _Hunk, back: Sequence[str]) -> None:
        """All of it or nothing: which of the old lines is which of the new nobody knows."""
        found = [self._places.get(at) for at in range(hunk.start, hunk.end)]
        first = found[0]
        if first is None or found != list(range(first, first + len(found))):
            self._leave(range(hunk.start, hunk.end))
            return
        self._gone.update(range(first, first + len(found)))
        self._put_back(first, back)

    def _remove(self, hunk: _Hunk, *, stands_again: bool) -> None:
        """Line by line. What somebody has taken out already, or put back themselves, is no trouble."""
        rewritten = []
        for at in range(hunk.start, hunk.end):
            place = self._places.get(at)
            if place is not None:
                self._gone.add(place)
            elif at in self._written_over and not stands_again:
                rewritten.append(at)
        if rewritten:
            self._leave(rewritten)

    def _leave(self, lines: Sequence[int]) -> None:
        stands = {self._places[at] for at in lines if at in self._places}
        last: Sequence[int] = ()
        for at in lines:
            if at in self._places:
                continue
            over = self._written_over.get(at, ())
            if over is not last:  # the lines of a stretch share what was written over them
                stands.update(over)
                last = over
        now = (self._now[at] for at in sorted(stands))
        self._left.append(tuple(line for line in now if line.strip()))

    def _beside(self, at: int) -> int:
        """Where a line goes that stood before line `at`: behind the nearest that was before it."""
        for before in range(at - 1, -1, -1):
            if before in self._places:
                return self._places[before] + 1
        for after in range(at, len(self._after)):
            if after in self._places:
                return self._places[after]
        return len(self._now)


def _since(
    after: Sequence[str], now: Sequence[str]
) -> tuple[Mapping[int, int], Mapping[int, Sequence[int]]]:
    """What became of each line since: where it stands now, or what was written over it. In neither
    are those that were only taken out.
    """
    places = {place: at for at, place in matched(after, now).items()}
    kept = set(places.values())
    written_over: dict[int, Sequence[int]] = {}
    for each in stretches(after, now):
        fresh = [at for at in range(each.new_start, each.new_end) if at not in kept]
        if each.kind == "replace" and fresh:
            written_over |= dict.fromkeys(range(each.start, each.end), fresh)
    return places, written_over


def _lines(text: str) -> Sequence[str]:
    """An empty text has none, so that what is put beside it is no second line."""
    return text.split("\n") if text else []
