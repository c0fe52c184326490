"""The way in and the feed out: `adapters.base.Service`, as the service itself carries it out."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from adapters.base import (
    Adapter,
    ChatAddress,
    Cursor,
    FeedAnswered,
    FeedEvent,
    FeedMessage,
    FeedNotice,
    FeedPreview,
    Inbound,
    Receipt,
)
from agentcore.clock import Clock, Micros, seconds
from agentcore.records import (
    Accepted,
    Address,
    Admission,
    AgentSeed,
    Duplicate,
    Feed,
    IdentityKey,
    Origin,
    Refused,
    Role,
    Submission,
    TextPart,
    TurnEnd,
)
from agentcore.store import Composer, Store
from bot import commands
from bot.catalogue import text_of
from bot.hints import Hints, Watcher
from bot.names import display_name, usable_text

LOOK_AGAIN = 2.0
"""Seconds after which a reader looks by itself, should a hint have been lost."""

AdmissionFor = Callable[[Inbound], Admission]


@dataclass(frozen=True, slots=True)
class Policy:
    """Who is let in, and what a newcomer's agent is made from."""

    admission: AdmissionFor
    seed: Callable[[], AgentSeed]


class Gateway:
    """`Service` over the store. Safe for any number of callers at once."""

    def __init__(
        self,
        store: Store,
        policy: Policy,
        composer: Composer,
        adapters: Mapping[str, Adapter],
        hints: Hints,
        clock: Clock,
    ) -> None:
        self._store = store
        self._policy = policy
        self._composer = composer
        self._adapters = adapters
        self._hints = hints
        self._clock = clock

    async def accept(self, inbound: Inbound) -> Receipt:
        """See `Service.accept`."""
        submission = self._submission(inbound)
        command = None
        if submission.command is not None:
            asked = commands.Asked(submission.command, submission.text)
            command = commands.at_the_gate(asked, submission.address)
        outcome = await self._store.accept(
            submission,
            self._policy.admission(inbound),
            self._policy.seed,
            self._composer,
            command,
        )
        match outcome:
            case Accepted(position=position):
                self._wake(submission, at_the_gate=command is not None)
                return Receipt("accepted", position)
            case Duplicate(position=position):
                return Receipt("duplicate", position)
            case Refused() as refused:
                self._hints.outbox.ring()
                return Receipt("refused", text=_refusal(refused, inbound.sender.language))

    def _wake(self, submission: Submission, *, at_the_gate: bool) -> None:
        if not at_the_gate:
            self._hints.work.ring()
            return
        self._hints.changed(submission.address)
        self._hints.outbox.ring()
        if submission.command == "stop":
            self._hints.stop_asked.ring()

    def _submission(self, inbound: Inbound) -> Submission:
        now = self._clock.now()
        parts = tuple(
            TextPart(usable_text(part.text), Origin(part.origin)) for part in inbound.parts
        )
        # A forwarded "/delete" is no command of the person who forwards it.
        own = len(parts) == 1 and parts[0].origin is Origin.OWNER
        asked = commands.parsed(parts[0].text) if own else None
        if asked is not None:
            parts = (TextPart(asked.argument, Origin.OWNER),)
        return Submission(
            source=inbound.address.source,
            update_id=inbound.update_id,
            key=IdentityKey(
                inbound.address.platform, inbound.address.account, inbound.sender.external_id
            ),
            display_name=display_name(inbound.sender.display_name),
            address=Address(str(inbound.address)),
            audience=inbound.audience,
            kind="message" if asked is None else "command",
            parts=parts,
            received_at=now,
            due_at=Micros(now + (self._debounce(inbound.address) if asked is None else 0)),
            command=None if asked is None else asked.name,
            speaker=display_name(inbound.sender.display_name)
            if inbound.audience == "chat"
            else None,
            reply_to=inbound.reply_to,
            language=inbound.sender.language,
        )

    def _debounce(self, address: ChatAddress) -> Micros:
        adapter = self._adapters.get(address.source)
        return seconds(adapter.capabilities.debounce if adapter is not None else 0.0)

    async def watch(
        self, address: ChatAddress, after: Cursor | None
    ) -> AsyncGenerator[FeedEvent, None]:
        """See `Service.watch`."""
        where = Address(str(address))
        reported: FeedAnswered | None = None
        with self._hints.watching(where) as watcher:
            cursor = await self._end(where) if after is None else after
            while True:
                # Pieces first: they were made before what is read next.
                for piece in _pieces(watcher):
                    yield piece
                feed = await self._feed(where, cursor)
                for item in _items(feed, cursor):
                    yield item
                cursor = _past(feed, cursor)
                answered = FeedAnswered(feed.answered, _failed(feed), cursor)
                if reported is None or reported.position != answered.position:
                    yield answered
                    reported = answered
                if not feed.messages and not feed.notices:
                    await watcher.bell.wait(at_most=LOOK_AGAIN)

    async def _feed(self, address: Address, cursor: Cursor) -> Feed:
        return await self._store.feed(
            address, after_message=cursor.message, after_notice=cursor.notice
        )

    async def _end(self, address: Address) -> Cursor:
        message, notice = await self._store.feed_end(address)
        return Cursor(message, notice)


def _refusal(refused: Refused, language: str | None) -> str:
    return text_of(f"refused.{refused.reason}", refused.arguments, language)


def _failed(feed: Feed) -> bool:
    return feed.last_stop is not None and TurnEnd(feed.last_stop).state != "done"


def _pieces(watcher: Watcher) -> Iterator[FeedPreview]:
    while watcher.previews:
        text, begins = watcher.previews.popleft()
        yield FeedPreview(text, begins)


def _items(feed: Feed, cursor: Cursor) -> Iterator[FeedMessage | FeedNotice]:
    """Messages and notices in the order in which they came to be."""
    messages = [each for each in feed.messages if each.text.strip()]
    notices = list(feed.notices)
    while messages or notices:
        if messages and (not notices or messages[0].created_at <= notices[0].created_at):
            message = messages.pop(0)
            cursor = Cursor(message.seq, cursor.notice)
            speaker: Literal["user", "assistant"] = (
                "user" if message.role is Role.USER else "assistant"
            )
            yield FeedMessage(cursor, speaker, message.text, message.created_at)
        else:
            notice = notices.pop(0)
            cursor = Cursor(cursor.message, notice.seq)
            text = text_of(notice.key, notice.arguments, None)
            yield FeedNotice(cursor, notice.key, text, notice.created_at)


def _past(feed: Feed, cursor: Cursor) -> Cursor:
    """After all of the feed, what has no text of its own included."""
    return Cursor(
        feed.messages[-1].seq if feed.messages else cursor.message,
        feed.notices[-1].seq if feed.notices else cursor.notice,
    )
