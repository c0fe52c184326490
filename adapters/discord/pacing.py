"""How many previews a channel takes, so that its answers never wait for them. Pure.

Discord tells no numbers beforehand, but five messages or edits in five seconds are what a channel
was seen to take; the library waits out what is left of that time, and answers with it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from adapters.push.latest import Latest

WINDOW = 5.0
MOST_IN_A_CHANNEL = 3
MOST_CHANNELS = 2_000


class Pacer:
    """Counts what is written, answers too."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._written: Latest[int, deque[float]] = Latest(MOST_CHANNELS)

    def free(self, channel: int | None) -> bool:
        """Whether a preview may be shown now and leaves room for an answer. None: in a channel that
        isn't known yet.
        """
        written = None if channel is None else self._written.get(channel)
        return written is None or _left(written, self._now() - WINDOW) < MOST_IN_A_CHANNEL

    def note(self, channel: int) -> None:
        """Something is written there now."""
        written = self._written.get(channel, deque(maxlen=MOST_IN_A_CHANNEL))
        written.append(self._now())
        self._written[channel] = written


def _left(times: deque[float], since: float) -> int:
    while times and times[0] <= since:
        times.popleft()
    return len(times)
