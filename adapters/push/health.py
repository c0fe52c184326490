"""Whether a platform is there, for the operator."""

from __future__ import annotations

import anyio


class Health:
    """What the last round trips came to. `grace`: how long failures are nobody's business."""

    def __init__(self, grace: float) -> None:
        self._grace = grace
        self._trouble = ""
        self._since = 0.0

    def well(self) -> None:
        """The platform answered as it should."""
        self._trouble = ""

    def trouble(self, what: str, *, at_once: bool = False) -> None:
        """It didn't. `at_once`: waiting mends nothing."""
        if not self._trouble:
            self._since = anyio.current_time()
        if at_once:
            self._since = min(self._since, anyio.current_time() - self._grace)
        self._trouble = what

    def told(self) -> str:
        """See `ReportsHealth.health`."""
        if not self._trouble or anyio.current_time() - self._since < self._grace:
            return "ok"
        return self._trouble
