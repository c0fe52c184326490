"""Stops calling before Discord bans us: whoever is refused ten thousand times in ten minutes is."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

import discord
import structlog

from adapters.delivery import RateLimited
from adapters.discord.failures import is_about_the_token

_log = structlog.get_logger(__name__)

WINDOW = 600.0
MOST = 2_000
"""Refusals in that time."""
PAUSE = 60.0
_COUNTED = frozenset({401, 403, 429})


class Caution:
    """Counts what is refused."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._refused: deque[float] = deque()
        self._token_refused_at: float | None = None
        self._stopped = False

    def check(self) -> None:
        """Before each call.

        Raises:
            discord.RateLimited: there must be none now.
        """
        now = self._now()
        while self._refused and self._refused[0] <= now - WINDOW:
            self._refused.popleft()
        stopped = len(self._refused) >= MOST
        if stopped and not self._stopped:
            _log.error("discord refuses too much: it is left alone for a while")
        self._stopped = stopped
        if stopped:
            raise discord.RateLimited(max(PAUSE, self._refused[0] + WINDOW - now))

    def check_token(self) -> None:
        """Before anything is sent.

        Raises:
            RateLimited: the token was refused a moment ago.
        """
        at = self._token_refused_at
        if at is not None and self._now() < at + PAUSE:
            raise RateLimited("Discord refuses the bot's token", retry_after=PAUSE)

    def taken(self) -> None:
        """Something was sent."""
        self._token_refused_at = None

    def answered(self, status: int, scope: str | None) -> None:
        """Discord has answered a request so, be it one of the library's repeats. A limit that is
        shared with others counts against nobody.
        """
        if status in _COUNTED and scope != "shared":
            self._refused.append(self._now())

    def refused(self, error: Exception) -> None:
        """Something wasn't."""
        if is_about_the_token(error):
            if self._token_refused_at is None:
                _log.error("discord refuses the bot's token: nothing can be sent")
            self._token_refused_at = self._now()

    @property
    def trouble(self) -> str:
        """In a few words for the operator, or empty."""
        if self._token_refused_at is not None:
            return "Discord refuses the bot's token"
        return "Discord refuses too much: it is left alone for a while" if self._stopped else ""
