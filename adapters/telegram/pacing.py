"""How fast one bot may write, and who goes first.

Telegram lets a bot write about one message a second to a chat with a little more at once, 20 a
minute to a group and 30 a second to all; it publishes no exact numbers. What is over that it
refuses for a while, answers too. So all that changes a chat is counted here before it is sent, and
what is worth less leaves places free for what is worth more. Nothing queues: a call that must wait
is told how long, and its caller drops it or comes again.

Telegram may count a call at any moment between its start and its end. So here it counts from its
start until as long after its end as the limit looks back, and no delay on the way breaks a limit.

Pure: it knows the time from a function and never waits by itself.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum

BURST = 3.0
A_SECOND = 1.0
GROUP_MOST = 20
GROUP_SECONDS = 60.0
OVERALL_MOST = 28
OVERALL_SECONDS = 1.0
SIGNS_A_SECOND = 100
SEVERAL = 3
"""So many chats refused within `AT_ONCE` seconds mean the bot and not the chats."""
AT_ONCE = 5.0
MANY_LANES = 2_000


@dataclass(frozen=True, slots=True)
class _Share:
    """What a kind of call leaves free, of the chat's places at once, of a group's of a minute and
    of all the bot's; `in_chat`: it takes one of its chat's itself.
    """

    chat: float = 0
    group: int = 0
    overall: int = 0
    in_chat: bool = True


class Kind(Enum):
    """Kinds of calls, the most important first. Signs change nothing, and take no message's place."""

    MESSAGE = _Share()
    KEYBOARD = _Share(chat=1, group=3, overall=8)
    EDIT = _Share(chat=1, group=6, overall=12)
    DRAFT = _Share(overall=12, in_chat=False)
    SIGN = _Share(in_chat=False)


@dataclass(slots=True)
class _Call:
    """`at` is when it began, and once it is over when it ended."""

    at: float
    over: bool = False


class _Window:
    """The calls of the last `seconds`."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._calls: list[_Call] = []

    def wait(self, now: float, most: int) -> float:
        """How long at least until one more fits; 0 for now."""
        self.tidy(now)
        if len(self._calls) < most:
            return 0.0
        ends = sorted(call.at if call.over else now for call in self._calls)
        return ends[-most] + self._seconds - now

    def add(self, call: _Call) -> None:
        self._calls.append(call)

    def tidy(self, now: float) -> None:
        self._calls = [
            call for call in self._calls if not call.over or call.at + self._seconds > now
        ]

    @property
    def empty(self) -> bool:
        return not self._calls


@dataclass(slots=True)
class _Lane:
    """One chat. `minute`: of a group, which alone has that limit; `taken` are places whose call
    hasn't begun.
    """

    places: float
    at: float
    minute: _Window = field(default_factory=lambda: _Window(GROUP_SECONDS))
    taken: deque[_Call] = field(default_factory=deque)
    closed_until: float = 0.0

    def refill(self, now: float) -> None:
        self.places = min(BURST, self.places + (now - self.at) * A_SECOND)
        self.at = now

    def is_idle(self, now: float) -> bool:
        self.refill(now)
        self.minute.tidy(now)
        unused = self.places >= BURST and self.minute.empty and not self.taken
        return unused and self.closed_until <= now


class Pacer:
    """One for each bot."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._lanes: dict[str, _Lane] = {}
        self._overall = _Window(OVERALL_SECONDS)
        self._signs = _Window(OVERALL_SECONDS)
        self._closed_until = 0.0
        self._refusals: deque[tuple[float, str, float]] = deque()

    def take(self, chat: str, kind: Kind) -> float:
        """How many seconds the call must wait at least. 0: its place is taken, and the call can be
        made, within `until_landed`.
        """
        now = self._now()
        wait = self._wait(chat, kind, now)
        if wait > 0:
            return wait
        lane, call = self._lanes[chat], _Call(now)
        lane.taken.append(call)
        if kind is Kind.SIGN:
            self._signs.add(call)
            return 0.0
        self._overall.add(call)
        if kind.value.in_chat:
            lane.places -= 1
            if _is_group(chat):
                lane.minute.add(call)
        return 0.0

    def free(self, chat: str, kind: Kind) -> bool:
        """Whether a call could be made now. Takes nothing."""
        return self._wait(chat, kind, self._now()) <= 0

    @contextmanager
    def until_landed(self, chat: str) -> Iterator[None]:
        """The call for which a place was taken, from its beginning to its end."""
        call = self._lanes[chat].taken.popleft()
        try:
            yield
        finally:
            call.at, call.over = self._now(), True

    def _wait(self, chat: str, kind: Kind, now: float) -> float:
        lane, share = self._lane(chat, now), kind.value
        waits = [0.0, self._closed_until - now, lane.closed_until - now]
        if kind is Kind.SIGN:
            return max(*waits, self._signs.wait(now, SIGNS_A_SECOND))
        waits.append(self._overall.wait(now, OVERALL_MOST - share.overall))
        if share.in_chat:
            waits.append((1 + share.chat - lane.places) / A_SECOND)
        if share.in_chat and _is_group(chat):
            waits.append(lane.minute.wait(now, GROUP_MOST - share.group))
        return max(waits)

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
        self._lanes = {chat: lane for chat, lane in self._lanes.items() if not lane.is_idle(now)}


def _is_group(chat: str) -> bool:
    return chat.startswith("-")
