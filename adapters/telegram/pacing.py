"""How fast one bot may write, and who goes first.

Telegram lets a bot write about one message a second to a chat with a little more at once, 20 a
minute to a group and 30 a second to all; it publishes no exact numbers. What is over that it
refuses for a while, answers too. So all that changes a chat is counted here before it is sent, and
what is worth less leaves places free for what is worth more. Nothing queues: a call that must wait
for long is told so, and its caller drops it or comes again.

Pure: it knows the time from a function and never waits by itself.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import Enum

BURST = 3.0
A_SECOND = 1.0
GROUP_MOST = 20
GROUP_SECONDS = 61.0
"""A second more than a minute: what is sent at even steps arrives at uneven ones."""
OVERALL_MOST = 28
OVERALL_SECONDS = 1.0
SEVERAL = 3
"""So many chats refused within `AT_ONCE` seconds mean the bot and not the chats."""
AT_ONCE = 5.0
MANY_LANES = 2_000


@dataclass(frozen=True, slots=True)
class _Share:
    """What a kind of call leaves free, of the chat's places at once, of a group's of a minute and
    of all the bot's; and where it takes a place itself.
    """

    chat: float
    group: int
    overall: int
    in_chat: bool = True
    counted: bool = True


class Kind(Enum):
    """Kinds of calls, the most important first."""

    MESSAGE = _Share(chat=0, group=0, overall=0)
    KEYBOARD = _Share(chat=1, group=3, overall=8)
    EDIT = _Share(chat=1, group=6, overall=12)
    DRAFT = _Share(chat=0, group=0, overall=12, in_chat=False)
    SIGN = _Share(chat=0, group=0, overall=16, in_chat=False, counted=False)


@dataclass(slots=True)
class _Lane:
    """One chat. `places` may be below zero: taken ahead of time."""

    places: float
    at: float
    minute: deque[float] = field(default_factory=deque)
    closed_until: float = 0.0

    def refill(self, now: float) -> None:
        self.places = min(BURST, self.places + (now - self.at) * A_SECOND)
        self.at = now
        _forget(self.minute, now - GROUP_SECONDS)

    @property
    def idle(self) -> bool:
        return self.places >= BURST and not self.minute and self.closed_until <= self.at


class Pacer:
    """One for each bot."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._lanes: dict[str, _Lane] = {}
        self._overall: deque[float] = deque()
        self._closed_until = 0.0
        self._refusals: deque[tuple[float, str, float]] = deque()

    def take(self, chat: str, kind: Kind, *, patience: float = 0.0) -> float:
        """How many seconds the call must wait. If that is no more than `patience`, its place is
        taken; else nothing is.
        """
        now = self._now()
        lane = self._lane(chat, now)
        share = kind.value
        _forget(self._overall, now - OVERALL_SECONDS)
        waits = [self._closed_until - now, lane.closed_until - now]
        waits.append(_full(self._overall, now, OVERALL_SECONDS, OVERALL_MOST - share.overall))
        if share.in_chat:
            waits.append((1 + share.chat - lane.places) / A_SECOND)
            if _is_group(chat):
                waits.append(_full(lane.minute, now, GROUP_SECONDS, GROUP_MOST - share.group))
        wait = max(0.0, *waits)
        if wait <= patience:
            self._count(lane, chat, share, now + wait)
        return wait

    def free(self, chat: str, kind: Kind) -> bool:
        """Whether a call could be made now. Takes nothing."""
        return self.take(chat, kind, patience=-1) <= 0

    def _count(self, lane: _Lane, chat: str, share: _Share, at: float) -> None:
        if share.counted:
            self._overall.append(at)
        if share.in_chat:
            lane.places -= 1
            if _is_group(chat):
                lane.minute.append(at)

    def refused(self, chat: str, seconds: float) -> None:
        """Telegram wants that many seconds of silence in the chat, or from the bot."""
        now = self._now()
        lane = self._lane(chat, now)
        lane.closed_until = max(lane.closed_until, now + seconds)
        self._refusals.append((now, chat, now + seconds))
        while self._refusals[0][0] < now - AT_ONCE:
            self._refusals.popleft()
        if len({each for _, each, _ in self._refusals}) >= SEVERAL:
            self._closed_until = min(until for _, _, until in self._refusals)

    def _lane(self, chat: str, now: float) -> _Lane:
        if chat not in self._lanes:
            if len(self._lanes) >= MANY_LANES:
                self._sweep(now)
            self._lanes[chat] = _Lane(BURST, now)
        lane = self._lanes[chat]
        lane.refill(now)
        return lane

    def _sweep(self, now: float) -> None:
        """Forget chats whose lane would begin anew like this."""
        for lane in self._lanes.values():
            lane.refill(now)
        self._lanes = {chat: lane for chat, lane in self._lanes.items() if not lane.idle}


def _is_group(chat: str) -> bool:
    return chat.startswith("-")


def _full(taken: Iterable[float], now: float, seconds: float, most: int) -> float:
    """How long until one more fits among those of the last `seconds`, at or below 0 for now."""
    recent = sorted(at for at in taken if at > now - seconds)
    return recent[-most] + seconds - now if len(recent) >= most else 0.0


def _forget(taken: deque[float], before: float) -> None:
    while taken and taken[0] <= before:
        taken.popleft()
