"""The bot's updates: queued, fetched by getUpdates, kept until an offset confirms them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from agentcore.clock import SECOND, Micros
from tests.simulators.telegram_server.http import Cut
from tests.simulators.telegram_server.parameters import Parameters
from tests.simulators.telegram_server.refusals import (
    JSON,
    TWO_POLLERS,
    WEBHOOK_ACTIVE,
    Refused,
    bad_request,
    conflict,
)
from tests.simulators.timeline import Bell, Timeline, pause

KINDS = (
    "message",
    "edited_message",
    "channel_post",
    "edited_channel_post",
    "business_connection",
    "business_message",
    "edited_business_message",
    "deleted_business_messages",
    "guest_message",
    "message_reaction",
    "message_reaction_count",
    "inline_query",
    "chosen_inline_result",
    "callback_query",
    "shipping_query",
    "pre_checkout_query",
    "purchased_paid_media",
    "poll",
    "poll_answer",
    "my_chat_member",
    "chat_member",
    "chat_join_request",
    "chat_boost",
    "removed_chat_boost",
    "managed_bot",
)
DEFAULT_KINDS = frozenset(KINDS) - {"chat_member", "message_reaction", "message_reaction_count"}
LONGEST_POLL = 50
MOST_UPDATES = 100
CONFLICT_PAUSE = 3.0
KEPT_SECONDS = 24 * 3600
NEVER = Micros(0)


@dataclass(slots=True)
class _Poll:
    """A getUpdates that waits."""

    turn: asyncio.Future[None]
    failure: Exception | None = None

    def end(self, failure: Exception | None = None) -> None:
        if not self.turn.done():
            self.failure = failure
            self.turn.set_result(None)


@dataclass(slots=True, eq=False)
class Pending:
    """An update that nobody confirmed; updates of one queue (a chat) keep their order."""

    update: JSON
    queue: int
    at: Micros = NEVER
    tries: int = 0
    not_before: Micros = NEVER


@dataclass(slots=True)
class _Pace:
    offset: int | None = None
    started: Micros = NEVER
    next_conflict: Micros = NEVER


@dataclass(slots=True)
class Updates:
    timeline: Timeline
    bell: Bell
    allowed: frozenset[str] = DEFAULT_KINDS
    pending: list[Pending] = field(default_factory=list)
    webhook_set: bool = False
    on_push: Callable[[], None] = lambda: None
    """Called when there is something to deliver."""
    polls: list[JSON] = field(default_factory=list)
    """What every getUpdates asked for, as it was granted."""
    _next_id: int = 730_000_001
    _history: dict[int, Pending] = field(default_factory=dict)
    _again: list[Pending] = field(default_factory=list)
    _poll: _Poll | None = None
    _pace: _Pace = field(default_factory=_Pace)

    def push(self, kind: str, payload: Any, queue: int) -> int:
        """Queue an update, if the bot wants its kind; its id, 0 for none."""
        if kind not in self.allowed:
            return 0
        return self.push_raw({kind: payload}, queue)

    def push_raw(self, fields: JSON, queue: int = 0) -> int:
        """Queue an update as it is, however malformed; its id."""
        number = self._next_id
        self._next_id += 1
        pending = Pending({"update_id": number} | fields, queue, self.timeline.now())
        self.pending.append(pending)
        self._history[number] = pending
        self._wake()
        return number

    def again(self, update_id: int) -> None:
        """Deliver an update once more, even if it was confirmed."""
        old = self._history[update_id]
        self._again.append(Pending(old.update, old.queue, self.timeline.now()))
        self._wake()

    def skip(self, numbers: int) -> None:
        """Leave a gap in the ids, as after a quiet week."""
        self._next_id += numbers

    def _wake(self) -> None:
        if self._poll is not None:
            self._poll.end()
        self.on_push()
        self.bell.ring()

    @property
    def confirmed(self) -> list[int]:
        """The ids of all updates that the bot has confirmed, in order."""
        waiting = {each.update["update_id"] for each in self.pending}
        return [number for number in self._history if number not in waiting]

    def take_again(self) -> list[Pending]:
        """Those to be delivered once more; they are then forgotten."""
        again, self._again = self._again, []
        return again

    def allow(self, asked: Parameters) -> None:
        """Keep `allowed_updates`; what is left out changes nothing, an empty list is the default.

        Raises:
            Refused: It isn't a list of texts.
        """
        told = asked.json("allowed_updates")
        if told is None:
            return
        if not isinstance(told, list) or not all(isinstance(each, str) for each in told):
            raise bad_request("can't parse allowed updates JSON object")
        self.allowed = frozenset(told) & frozenset(KINDS) if told else DEFAULT_KINDS

    def drop(self) -> None:
        self.pending.clear()
        self.bell.ring()

    def abort_poll(self, why: str) -> None:
        if self._poll is not None:
            self._poll.end(conflict(why))

    def cut_poll(self) -> bool:
        """Cut the connection of the getUpdates that waits, if one does."""
        if self._poll is None:
            return False
        self._poll.end(Cut())
        return True

    @property
    def polled(self) -> bool:
        """Whether a getUpdates waits now."""
        return self._poll is not None

    async def fetch(self, asked: Parameters) -> list[JSON]:
        """Answer a getUpdates.

        Raises:
            Refused: A webhook is set, or another getUpdates came.
            Cut: A test cut the connection.
        """
        if self.webhook_set:
            raise conflict(WEBHOOK_ACTIVE)
        self.abort_poll(TWO_POLLERS)
        self.allow(asked)
        offset = asked.integer("offset")
        limit = min(max(asked.integer("limit", 100), 1), MOST_UPDATES)
        seconds = min(max(asked.integer("timeout"), 0), LONGEST_POLL)
        limit, seconds = self._paced(offset, limit, seconds)
        self.polls.append({"offset": offset, "limit": limit, "timeout": seconds})
        self._confirm(offset)
        try:
            if seconds and not self.pending and not self._again:
                await self._wait(seconds)
        except Refused:
            await self._spread_conflicts()
            raise
        return [each.update for each in [*self.take_again(), *self.pending][:limit]]

    def _paced(self, offset: int, limit: int, seconds: int) -> tuple[int, int]:
        """Whoever asks for the same again and again is slowed down."""
        now = self.timeline.now()
        if offset == self._pace.offset:
            since = now - self._pace.started
            seconds = max(seconds, 3) if since < 3 * SECOND else seconds
            limit = 1 if since < SECOND // 2 else limit
        self._pace.offset, self._pace.started = offset, now
        return limit, seconds

    def forget_old(self) -> None:
        """Nothing is kept for more than a day."""
        day_ago = self.timeline.now() - KEPT_SECONDS * SECOND
        self.pending = [each for each in self.pending if each.at > day_ago]

    def _confirm(self, offset: int) -> None:
        self.forget_old()
        if offset > 0:
            self.pending = [each for each in self.pending if each.update["update_id"] >= offset]
        elif offset < 0:
            self.pending = self.pending[offset:]
        self.bell.ring()

    async def _wait(self, seconds: float) -> None:
        poll = _Poll(asyncio.get_running_loop().create_future())
        self._poll = poll
        self.bell.ring()
        call_off = self.timeline.call_later(seconds, poll.end)
        try:
            await poll.turn
        finally:
            call_off()
            if self._poll is poll:
                self._poll = None
            self.bell.ring()
        if poll.failure is not None:
            raise poll.failure

    async def _spread_conflicts(self) -> None:
        now = self.timeline.now()
        late = now < self._pace.next_conflict
        self._pace.next_conflict = Micros(now + round(CONFLICT_PAUSE * SECOND))
        if late:
            await pause(self.timeline, CONFLICT_PAUSE)
