"""Up to where everything was taken in. Pure.

The invariant: every message with an id up to `value` was taken in, or was nothing for us. Ids are
ordered by time; but a message may come a little after younger ones of other channels, which is for
those to bear in mind who ask for what came after it.
"""

from __future__ import annotations

import itertools
from collections import Counter


class Watermark:
    """`value` None: nothing was ever taken in, and so nothing was missed."""

    def __init__(self, value: int | None) -> None:
        self._newest = value
        self._in_hand: Counter[int] = Counter()
        self._held: dict[int, int | None] = {}
        self._gaps = itertools.count()

    @property
    def value(self) -> int | None:
        if self._held:
            return min(self._held.values(), key=lambda each: -1 if each is None else each)
        if self._in_hand:
            return min(self._in_hand) - 1
        return self._newest

    def take(self, message_id: int) -> None:
        """It is in hand from now on: once more, if it comes twice."""
        self._in_hand[message_id] += 1

    def done(self, message_id: int) -> None:
        """It needs nothing more."""
        self._in_hand[message_id] -= 1
        if self._in_hand[message_id] <= 0:
            del self._in_hand[message_id]
        self.reached(message_id)

    def reached(self, message_id: int) -> None:
        """Up to there, everything that isn't in hand was taken in, or is in a gap."""
        self._newest = max(self._newest or 0, message_id)

    def hold(self) -> int:
        """From here on something may have been missed: a gap, until `release` is called with it."""
        gap = next(self._gaps)
        self._held[gap] = self.value
        return gap

    def release(self, gap: int) -> None:
        """All that was missed in the gap was taken in."""
        self._held.pop(gap, None)
