"""How much a bot may send: about one message a second to a chat, 20 a minute to a group, 30 a
second to all. Telegram doesn't publish exact numbers; these are those of its FAQ for bots.
"""

from __future__ import annotations

import math
from collections import defaultdict, deque
from dataclasses import dataclass

from agentcore.clock import SECOND
from tests.simulators.telegram_server.chats import Chat
from tests.simulators.telegram_server.refusals import too_many
from tests.simulators.timeline import Timeline


@dataclass(frozen=True, slots=True)
class Limits:
    """`burst` messages come through at once before a chat's one a second holds."""

    burst: int = 5
    overall_a_second: int = 30
    group_a_minute: int = 20


class Flood:
    def __init__(self, limits: Limits | None, timeline: Timeline) -> None:
        self.limits = limits
        self._timeline = timeline
        self._tokens: dict[int, tuple[float, int]] = {}
        self._groups: defaultdict[int, deque[int]] = defaultdict(deque)
        self._all: deque[int] = deque()

    def take(self, chat: Chat) -> None:
        """Count a message to this chat.

        Raises:
            Refused: It is one too many; nothing is counted then.
        """
        if self.limits is None:
            return
        now = self._timeline.now()
        tokens = self._refilled(chat.id, now, self.limits.burst)
        waits = [(1 - tokens) if tokens < 1 else 0.0]
        waits.append(_full(self._all, now, 1, self.limits.overall_a_second))
        if chat.kind != "private":
            waits.append(_full(self._groups[chat.id], now, 60, self.limits.group_a_minute))
        if max(waits) > 0:
            raise too_many(max(1, math.ceil(max(waits))))
        self._tokens[chat.id] = (tokens - 1, now)
        self._all.append(now)
        if chat.kind != "private":
            self._groups[chat.id].append(now)

    def _refilled(self, chat_id: int, now: int, burst: int) -> float:
        tokens, at = self._tokens.get(chat_id, (float(burst), now))
        return min(float(burst), tokens + (now - at) / SECOND)


def _full(sent: deque[int], now: int, seconds: int, most: int) -> float:
    """How long until one more fits, 0 for now."""
    while sent and sent[0] <= now - seconds * SECOND:
        sent.popleft()
    return (sent[-most] + seconds * SECOND - now) / SECOND if len(sent) >= most else 0.0
