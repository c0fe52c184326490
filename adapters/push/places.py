"""What is known of each place that is written to while the adapter runs: a chat, or a topic."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field

import anyio

from adapters.addresses import ChatAddress

MOST = 5_000
AFTER_AN_ANSWER = 1.0
"""Seconds without a typing sign, for one that comes too late; but somebody may write meanwhile."""


@dataclass(slots=True)
class Place:
    """`lock` is held during every call that shows something there, so that nothing overtakes an
    answer. `newest` is the newest message of theirs, `chunks` how many of ours have gone there,
    `answered_at` when the last did, if nothing was heard since. `shown` is the preview to be seen,
    since `shown_at`; `no_preview`: until the next chunk. `no_drafts`: for good, where a
    platform has some.
    """

    lock: anyio.Lock = field(default_factory=anyio.Lock)
    newest: str | None = None
    chunks: int = 0
    answered_at: float | None = None
    shown: str = ""
    shown_at: float = 0.0
    no_preview: bool = False
    no_drafts: bool = False

    def heard(self, message_id: str) -> None:
        self.newest, self.answered_at = message_id, None

    def answering(self) -> None:
        """A chunk begins to be sent: nothing may be shown of it any more."""
        self.chunks += 1
        self.no_preview = False

    def answered(self, at: float) -> None:
        """It was sent."""
        self.answered_at, self.shown = at, ""

    def takes_sign(self, now: float) -> bool:
        """Whether a typing sign would be true: nothing is on its way there, nor was just now."""
        if self.lock.statistics().locked:
            return False
        return self.answered_at is None or now >= self.answered_at + AFTER_AN_ANSWER

    def reply_to(self, answered: str | None, *, group: bool) -> int | None:
        """What a chunk is shown to answer: among others always, else only where it isn't plain."""
        if answered is None or not answered.isdecimal():
            return None
        plain = not group and self.newest in {None, answered}
        return None if plain else int(answered)

    def question(self, *, group: bool) -> int | None:
        """What a preview is shown to answer, in a group: the newest message, which is probably what
        is being answered. If it turns out not to be, the answer doesn't take the preview's place.
        """
        newest = self.newest or ""
        return int(newest) if group and newest.isdecimal() else None


class Places:
    """The ones in use, and the last few thousand others."""

    def __init__(self) -> None:
        self._places: OrderedDict[ChatAddress, Place] = OrderedDict()

    def at(self, address: ChatAddress) -> Place:
        place = self._places.setdefault(address, Place())
        self._places.move_to_end(address)
        if len(self._places) > MOST:
            self._drop_oldest()
        return place

    def _drop_oldest(self) -> None:
        oldest = next(iter(self._places))
        if not self._places[oldest].lock.statistics().locked:
            del self._places[oldest]
