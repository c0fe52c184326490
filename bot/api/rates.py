"""How often a token may be used: a bucket for each, in this process's memory."""

from __future__ import annotations

from dataclasses import dataclass

from agentcore.clock import MINUTE, SECOND, Clock, Micros
from agentcore.errors import TooMany

MOST_BUCKETS = 10_000


@dataclass(slots=True)
class _Bucket:
    left: float
    at: Micros


class Rates:
    """`per_minute` requests of each; as many may come at once after a minute of silence. 0: any."""

    def __init__(self, per_minute: int, clock: Clock) -> None:
        self._per_minute = per_minute
        self._clock = clock
        self._buckets: dict[str, _Bucket] = {}

    def take(self, whose: str) -> None:
        """Count one request.

        Raises:
            TooMany: there were more than are allowed; it says when the next one is.
        """
        if not self._per_minute:
            return
        now = self._clock.now()
        bucket = self._buckets.get(whose)
        if bucket is None:
            if len(self._buckets) >= MOST_BUCKETS:
                self._buckets.clear()
            bucket = self._buckets[whose] = _Bucket(self._per_minute, now)
        refilled = max(0, now - bucket.at) * self._per_minute / MINUTE
        bucket.left, bucket.at = min(self._per_minute, bucket.left + refilled), now
        if bucket.left < 1:
            wait = (1 - bucket.left) * MINUTE / self._per_minute / SECOND
            msg = f"More than {self._per_minute} requests in a minute with this token."
            raise TooMany(msg, retry_after=wait)
        bucket.left -= 1
