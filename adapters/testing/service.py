"""`FakeService`: the service's side of the seam, in memory, with scripted answers.

It keeps the promises of `adapters.base.Service` (once per update, order per chat, nothing final
before it is kept), so an adapter that works with it works with the service. It has no outbox:
what a push adapter sends is called for by the test.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from adapters.addresses import ChatAddress
from adapters.base import AdapterState, Inbound, Receipt
from adapters.feed import Cursor, FeedAnswered, FeedEvent, FeedMessage, FeedNotice, FeedPreview
from adapters.testing.signals import Changes


@dataclass(frozen=True, slots=True)
class Answer:
    """What becomes of one message: previews, then notices (key, text), then the replies' texts.

    `held`: only previews are shown until `FakeService.release` or a `/stop` in the same chat.
    """

    texts: tuple[str, ...] = ()
    notices: tuple[tuple[str, str], ...] = ()
    previews: tuple[FeedPreview, ...] = ()
    failed: bool = False
    held: bool = False


def echo(inbound: Inbound) -> Answer:
    """Says back what was said."""
    return Answer(texts=(f"You said: {_text(inbound)}",))


def _text(inbound: Inbound) -> str:
    return "\n".join(part.text for part in inbound.parts)


@dataclass(slots=True)
class _Chat:
    events: list[FeedEvent] = field(default_factory=list)
    cursor: Cursor = field(default_factory=Cursor)
    position: int = 0
    answered: int = 0
    failed: bool = False
    held: list[tuple[int, Answer]] = field(default_factory=list)


class FakeService:
    """An in-memory `Service`.

    Args:
        answer: what becomes of a message; asked once per accepted message, `/stop` excepted.
        max_text: longer messages are refused, as are messages that show nothing.
    """

    def __init__(
        self, answer: Callable[[Inbound], Answer] = echo, *, max_text: int = 64_000
    ) -> None:
        self.accepted: list[Inbound] = []
        self.attempts: list[Inbound] = []
        self.changes = Changes()
        self._answer = answer
        self._max_text = max_text
        self._chats: dict[ChatAddress, _Chat] = {}
        self._receipts: dict[tuple[str, str], Receipt] = {}
        self._failures: list[Exception] = []
        self._lost_answers: list[Exception] = []
        self._closed_gates: dict[ChatAddress, asyncio.Event] = {}
        self._no_presses = ""
        self._now = 0

    # What tests do with it

    def fail_accepts(self, *failures: Exception) -> None:
        """The next calls of `accept` raise these, one each, and keep nothing."""
        self._failures.extend(failures)

    def lose_answers(self, *failures: Exception) -> None:
        """The next calls of `accept` keep what they are given, and raise these all the same."""
        self._lost_answers.extend(failures)

    def refuse_presses(self, why: str) -> None:
        """From now on, every press is refused with this."""
        self._no_presses = why

    def close_gate(self, address: ChatAddress) -> None:
        """Calls of `accept` for this chat wait until `open_gate`."""
        self._closed_gates[address] = asyncio.Event()

    def open_gate(self, address: ChatAddress) -> None:
        self._closed_gates.pop(address).set()

    def say(self, address: ChatAddress, text: str) -> None:
        """A message that nobody asked for, such as a reminder."""
        self._publish_message(self._chat(address), "assistant", text)
        self.changes.tell()

    def preview(self, address: ChatAddress, piece: FeedPreview) -> None:
        """A piece of an answer in the making."""
        self._chat(address).events.append(piece)
        self.changes.tell()

    def release(self, address: ChatAddress) -> None:
        """Finish the answers that were held in this chat."""
        chat = self._chat(address)
        held, chat.held = chat.held, []
        for position, answer in held:
            self._finish(chat, position, answer)
        self.changes.tell()

    def texts(self, address: ChatAddress) -> list[str]:
        """What was accepted from this chat, in order."""
        return [_text(each) for each in self.accepted if each.address == address]

    async def until(self, holds: Callable[[], bool]) -> None:
        await self.changes.until(holds)

    # The Service protocol

    async def accept(self, inbound: Inbound) -> Receipt:
        self.attempts.append(inbound)
        self.changes.tell()
        if gate := self._closed_gates.get(inbound.address):
            await gate.wait()
        await asyncio.sleep(0)  # like a database, it lets others run before it is done
        if self._failures:
            raise self._failures.pop(0)
        key = (inbound.address.source, inbound.update_id)
        if known := self._receipts.get(key):
            return replace(known, outcome="duplicate", text="")
        taken = self._press if inbound.pressed is not None else self._message
        receipt = taken(inbound)
        self._receipts[key] = receipt
        self.changes.tell()
        if self._lost_answers:
            raise self._lost_answers.pop(0)
        return receipt

    async def watch(
        self, address: ChatAddress, after: Cursor | None
    ) -> AsyncGenerator[FeedEvent, None]:
        chat = self._chat(address)
        after = after or chat.cursor
        at = len(chat.events)
        for event in [each for each in chat.events if _is_after(each, after)]:
            yield event
        yield FeedAnswered(chat.answered, chat.failed, chat.cursor)
        while True:
            while at < len(chat.events):
                at += 1
                yield chat.events[at - 1]
            await self.changes.next()

    # Inside

    def _chat(self, address: ChatAddress) -> _Chat:
        return self._chats.setdefault(address, _Chat())

    def _press(self, inbound: Inbound) -> Receipt:
        """Nothing is said to it but why it is refused: what it stands for is the service's."""
        if self._no_presses:
            return Receipt("refused", text=self._no_presses)
        self.accepted.append(inbound)
        return Receipt("accepted", self._chat(inbound.address).position)

    def _message(self, inbound: Inbound) -> Receipt:
        return self._refusal(_text(inbound)) or self._take(inbound)

    def _refusal(self, text: str) -> Receipt | None:
        if not text.strip():
            return Receipt("refused", text="There is nothing in this message.")
        if len(text) > self._max_text:
            return Receipt("refused", text=f"That is too long: at most {self._max_text}.")
        return None

    def _take(self, inbound: Inbound) -> Receipt:
        chat = self._chat(inbound.address)
        self.accepted.append(inbound)
        chat.position += 1
        self._publish_message(chat, "user", _text(inbound))
        if _text(inbound) == "/stop":
            self._stop(chat)
            return Receipt("accepted", chat.position)
        answer = self._answer(inbound)
        chat.events.extend(answer.previews)
        if answer.held:
            chat.held.append((chat.position, answer))
        else:
            self._finish(chat, chat.position, answer)
        return Receipt("accepted", chat.position)

    def _stop(self, chat: _Chat) -> None:
        chat.held = []
        self._finish(chat, chat.position, Answer(notices=(("reply.stopped", "Stopped."),)))

    def _finish(self, chat: _Chat, position: int, answer: Answer) -> None:
        for key, text in answer.notices:
            chat.cursor = replace(chat.cursor, notice=chat.cursor.notice + 1)
            chat.events.append(FeedNotice(chat.cursor, key, text, self._tick()))
        for text in answer.texts:
            self._publish_message(chat, "assistant", text)
        chat.answered, chat.failed = max(chat.answered, position), answer.failed
        chat.events.append(FeedAnswered(chat.answered, chat.failed, chat.cursor))

    def _publish_message(self, chat: _Chat, role: Literal["user", "assistant"], text: str) -> None:
        chat.cursor = replace(chat.cursor, message=chat.cursor.message + 1)
        chat.events.append(FeedMessage(chat.cursor, role, text, self._tick()))

    def _tick(self) -> int:
        self._now += 1
        return self._now


def _is_after(event: FeedEvent, after: Cursor) -> bool:
    match event:
        case FeedMessage(cursor=cursor):
            return cursor.message > after.message
        case FeedNotice(cursor=cursor):
            return cursor.notice > after.notice
        case FeedPreview() | FeedAnswered():
            return False


class MemoryState:
    """An `AdapterState` that lasts as long as the object."""

    def __init__(self) -> None:
        self._values: dict[str, str] = {}
        self._chats: dict[ChatAddress, str] = {}

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    async def get(self, key: str) -> str | None:
        return self._values.get(key)

    async def put(self, key: str, value: str) -> None:
        self._values[key] = value

    async def chats(self) -> Sequence[tuple[ChatAddress, str]]:
        return list(reversed(self._chats.items()))

    async def put_chat(self, address: ChatAddress, value: str) -> None:
        self._chats.pop(address, None)
        self._chats[address] = value


class MemoryStates:
    """Gives each adapter name its own state: `AdapterContext.state_for`."""

    def __init__(self) -> None:
        self._states: dict[str, MemoryState] = {}

    def __call__(self, name: str) -> AdapterState:
        return self._states.setdefault(name, MemoryState())
