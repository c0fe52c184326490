"""When a failed call is tried again. Pure: knows no clock and no provider."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Patience:
    """Exponential backoff with jitter. All times are in seconds.

    `longest_obeyed` is the longest wish of a provider (Retry-After) that is waited for: beyond it
    another model, or an honest sentence, serves the user better.
    """

    retries: int = 3
    first_wait: float = 0.5
    longest_wait: float = 8.0
    longest_obeyed: float = 30.0

    def wait(self, failures: int, *, wish: float | None, left: float, luck: float) -> float | None:
        """Seconds to wait after the `failures`-th failure in a row, or None to give up.

        `wish` is the provider's, `left` what remains of the request's time, `luck` in [0, 1)
        spreads callers that failed together over the upper half of the wait.
        """
        if failures > self.retries:
            return None
        if wish is not None and wish > self.longest_obeyed:
            return None
        backoff = min(self.first_wait * 2.0 ** (failures - 1), self.longest_wait)
        jittered = backoff * (0.5 + luck / 2)
        wait = max(wish or 0.0, jittered)
        return wait if wait < left else None
