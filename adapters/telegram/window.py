"""Which updates were fetched and which of them are done. Pure.

The invariant: every update below `offset`, which tells Telegram to forget them, is done; and an
offset never lies between the parts of an album, which are to come again together or not at all.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable


class Window:
    """The updates between what Telegram was told to forget and the newest."""

    def __init__(self) -> None:
        self._open: set[int] = set()
        self._done: set[int] = set()
        self._albums: list[tuple[int, int]] = []
        self._last = 0

    def new(self, fetched: Collection[int]) -> set[int]:
        """Those of a batch that weren't fetched before; they are in hand from now on.

        An empty batch says that Telegram has forgotten all that is done: from then on, any update
        is the next, for after a quiet week their numbers may begin anew, and lower.
        """
        if not fetched and not self._open:
            self._done.clear()
            self._albums.clear()
            self._last = 0
        found = set(fetched) - self._open - self._done
        self._open |= found
        self._last = max(fetched, default=self._last)
        return found

    def leave(self, update_ids: Iterable[int]) -> None:
        """These are done; several are one album."""
        done = set(update_ids)
        self._open -= done
        self._done |= done
        if len(done) > 1:
            self._albums.append((min(done), max(done)))

    @property
    def in_hand(self) -> int:
        """How many are fetched and not done."""
        return len(self._open)

    @property
    def offset(self) -> int | None:
        """The next update to ask for; None: any."""
        if not self._last:
            return None
        offset = min(self._open, default=self._last + 1)
        while cut := [first for first, last in self._albums if first < offset <= last]:
            offset = min(cut)
        self._done = {each for each in self._done if each >= offset}
        self._albums = [(first, last) for first, last in self._albums if last >= offset]
        return offset
