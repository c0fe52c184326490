"""One chat's feed being followed: what is committed, in order, and pieces of what is being made."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import Literal, Self

from adapters.feed import Cursor, FeedAnswered, FeedEvent, FeedMessage, FeedNotice, FeedPreview
from agentcore.records import Address, Feed, FeedPlace, Message, Role, TurnEnd
from agentcore.store import Store
from bot.texts import text_of
from bot.waking.hints import Hints, Watcher
from bot.wording.actions import actions_of

LOOK_AGAIN = 30.0
"""Seconds after which a reader looks by itself, should a hint have been lost."""


class ChatFeed:
    """`adapters.base.FeedStream` over the store. Followed by one reader; close it after use."""

    def __init__(self, store: Store, hints: Hints, address: Address, after: Cursor | None) -> None:
        self._store = store
        self._hints = hints
        self._address = address
        self._cursor = after
        self._watcher: Watcher | None = None
        self._ready: deque[FeedEvent] = deque()
        self._reported: int | None = None
        self._numbers: int | None = None
        self._more = False
        self._closed = False

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> FeedEvent:
        while not self._ready:
            if self._closed:
                raise StopAsyncIteration
            await self._look()
        return self._ready.popleft()

    async def aclose(self) -> None:
        """Stop following."""
        self._closed = True
        self._ready.clear()
        if self._watcher is not None:
            self._hints.unwatch(self._address, self._watcher)
            self._watcher = None

    async def _look(self) -> None:
        """Gather what is new; if nothing is, wait until something may be."""
        if self._watcher is None:
            # Before the first look, so that nothing falls between.
            self._watcher = self._hints.watch(self._address)
        elif not self._more:
            await self._watcher.bell.wait(at_most=LOOK_AGAIN)
        if self._cursor is None:
            self._cursor = cursor_at(await self._store.feed_end(self._address))
        # Pieces first: they were made before what is read next.
        self._ready.extend(_pieces(self._watcher))
        place = FeedPlace(self._cursor.message, self._cursor.notice, self._cursor.since)
        feed = await self._store.feed(self._address, place)
        if feed.restarted:
            self._cursor, self._more, self._reported = Cursor(), True, 0
            self._ready.clear()
            self._ready.append(FeedAnswered(0))
            return
        self._more = bool(feed.messages or feed.notices)
        if feed.since != self._cursor.since:  # other numbers from here on
            message = 0 if self._cursor.since else self._cursor.message
            self._cursor = Cursor(message, self._cursor.notice, feed.since)
        self._ready.extend(_items(feed, self._cursor))
        self._cursor = _past(feed, self._cursor)
        first = self._numbers is None
        if feed.numbers != self._numbers:
            self._numbers, self._reported = feed.numbers, None
        # Nothing is news only to who has just come, and after what was is erased.
        if feed.answered != self._reported and (feed.answered or first):
            self._reported = feed.answered
            self._ready.append(FeedAnswered(feed.answered, _failed(feed), self._cursor))


def _failed(feed: Feed) -> bool:
    return feed.last_stop is not None and TurnEnd(feed.last_stop).state != "done"


def _pieces(watcher: Watcher) -> Iterator[FeedPreview]:
    while watcher.previews:
        piece = watcher.previews.popleft()
        yield FeedPreview(piece.text, piece.begins)


def _items(feed: Feed, cursor: Cursor) -> Iterator[FeedMessage | FeedNotice]:
    """Messages and notices in the order in which they came to be. At the same moment, a notice is
    what was said when the message came in, before it is answered: the terms, say.
    """
    messages = [each for each in feed.messages if each.text.strip()]
    notices = list(feed.notices)
    while messages or notices:
        if messages and (not notices or messages[0].created_at < notices[0].created_at):
            message = messages.pop(0)
            cursor = Cursor(message.seq, cursor.notice, feed.since)
            yield feed_message(message, cursor)
        else:
            notice = notices.pop(0)
            cursor = Cursor(cursor.message, notice.seq, feed.since)
            text = text_of(notice.key, notice.arguments, feed.language)
            actions = actions_of(notice.key, notice.arguments, feed.language)
            yield FeedNotice(cursor, notice.key, text, notice.created_at, actions=actions)


def cursor_at(place: FeedPlace) -> Cursor:
    """The place as adapters know it."""
    return Cursor(place.message, place.notice, place.since)


def feed_message(message: Message, cursor: Cursor) -> FeedMessage:
    """A message as its reader sees it."""
    speaker: Literal["user", "assistant"] = "user" if message.role is Role.USER else "assistant"
    return FeedMessage(cursor, speaker, message.text, message.created_at, message.otid)


def _past(feed: Feed, cursor: Cursor) -> Cursor:
    """After all of the feed, what has no text of its own included."""
    return Cursor(
        feed.messages[-1].seq if feed.messages else cursor.message,
        feed.notices[-1].seq if feed.notices else cursor.notice,
        feed.since,
    )
