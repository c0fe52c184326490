"""`PushPlatform`: the server side of a push platform, as strict as a real one.

It hands out updates by Telegram's offset rule: an update is given again and again until a poll
asks for a higher one; a poll acknowledges everything below its offset. Everything sent is kept
with its nonce, so that resends, gaps and disorder can be counted (`disorder`). In memory; the
simulator of the tests puts HTTP before it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Literal

from adapters.splitting import has_visible, length
from adapters.testing.signals import Changes

MAX_TEXT = 400
"""The longest message in UTF-16 units: short, so that tests split."""

FailureKind = Literal[
    "rate_limited", "server_error", "cut_after_delivery", "blocked", "window_closed", "rejected"
]


@dataclass(frozen=True, slots=True)
class Failure:
    """How the platform answers one send. `cut_after_delivery` delivers, then says nothing."""

    kind: FailureKind
    retry_after: float = 0.0


class PlatformError(Exception):
    """The platform's error answer: an HTTP-like status and, for 429, seconds to wait.

    400 bad text, 403 blocked, 423 window closed, 429 too fast, 500 broken, 0 no answer came.
    """

    def __init__(self, status: int, description: str, retry_after: float = 0.0) -> None:
        super().__init__(description)
        self.status = status
        self.description = description
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class Update:
    """A line that somebody wrote, or a button that they pressed, by its token; ids count up from 1
    over all chats. A press can be answered by its `handle`.
    """

    update_id: int
    chat: str
    user: str
    name: str
    text: str = ""
    pressed: str | None = None
    handle: str | None = None


@dataclass(frozen=True, slots=True)
class SendAttempt:
    """One call of `send_message` as it came in. `buttons` have a name and a token each."""

    chat: str
    text: str
    nonce: str
    part: int
    parts: int
    uncertain: bool = False
    buttons: tuple[tuple[str, str], ...] = ()
    handle: str | None = None


@dataclass(frozen=True, slots=True)
class DeliveredText:
    """What a chat sees: a message with the platform's id."""

    message_id: int
    attempt: SendAttempt

    @property
    def text(self) -> str:
        return self.attempt.text


@dataclass(frozen=True, slots=True)
class ShownPreview:
    """An answer in the making, as a chat saw it after so many messages."""

    chat: str
    text: str
    turn: str
    after: int


@dataclass(slots=True)
class _Room:
    seen: list[DeliveredText] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    gate: asyncio.Event | None = None
    refused: set[str] = field(default_factory=set)
    told: list[str] = field(default_factory=list)
    handles: set[str] = field(default_factory=set)


class PushPlatform:
    def __init__(self) -> None:
        self.changes = Changes()
        self.attempts: list[SendAttempt] = []
        self.typing: list[str] = []
        self.previews: list[ShownPreview] = []
        self.handed_out: dict[int, int] = {}
        self._rooms: dict[str, _Room] = {}
        self._pending: dict[int, Update] = {}
        self._last_update = 0
        self._last_message = 0

    # What users and tests do

    def write(self, chat: str, text: str, *, user: str = "", name: str = "Ada") -> Update:
        """Somebody writes a line; the update waits to be fetched."""
        return self._new(Update(0, chat, user or chat, name, text))

    def press(self, chat: str, label: str, *, user: str = "", name: str = "Ada") -> Update:
        """Somebody presses the button of this name.

        Raises:
            KeyError: the newest message with buttons has none such.
        """
        token = dict(self.buttons(chat))[label]
        handle = f"handle {self._last_update + 1}"
        self._room(chat).handles.add(handle)
        return self._new(Update(0, chat, user or chat, name, pressed=token, handle=handle))

    def buttons(self, chat: str) -> tuple[tuple[str, str], ...]:
        """Those of the newest message that has some."""
        offered = (each.attempt.buttons for each in reversed(self._room(chat).seen))
        return next((each for each in offered if each), ())

    def told(self, chat: str) -> list[str]:
        """What people were told about their presses."""
        return list(self._room(chat).told)

    def fail(self, chat: str, *failures: Failure) -> None:
        """The next sends to this chat are answered like this, one each."""
        self._room(chat).failures.extend(failures)

    def close_gate(self, chat: str) -> None:
        """Sends to this chat wait until `open_gate`."""
        self._room(chat).gate = asyncio.Event()

    def open_gate(self, chat: str) -> None:
        room = self._room(chat)
        if room.gate is not None:
            room.gate.set()
            room.gate = None

    def seen(self, chat: str) -> list[DeliveredText]:
        return list(self._room(chat).seen)

    @property
    def unacknowledged(self) -> list[Update]:
        return list(self._pending.values())

    @property
    def resent(self) -> int:
        """How many deliveries repeated a nonce that the chat had seen."""
        rooms = self._rooms.values()
        return sum(len(r.seen) - len({each.attempt.nonce for each in r.seen}) for r in rooms)

    def disorder(self, chat: str) -> list[str]:
        """What is wrong with the order of chunks in a chat; empty if nothing is."""
        room, found = self._room(chat), list[str]()
        previous: SendAttempt | None = None
        first: set[str] = set()
        gaps_expected = bool(room.refused - {each.attempt.nonce for each in room.seen})
        for delivered in room.seen:
            attempt = delivered.attempt
            if attempt.nonce in first:
                if previous is None or previous.nonce != attempt.nonce:
                    found.append(f"{attempt.nonce} was sent again after later chunks")
                continue
            first.add(attempt.nonce)
            expected = previous.part + 1 if previous and previous.part < previous.parts else 1
            if attempt.part != expected and not gaps_expected:
                found.append(f"{attempt.nonce} is part {attempt.part}, {expected} was due")
            previous = attempt
        return found

    async def until(self, holds: Callable[[], bool]) -> None:
        await self.changes.until(holds)

    # What the adapter's client does

    async def get_updates(self, offset: int, *, limit: int = 100, wait: float = 0) -> list[Update]:
        """Acknowledge all updates below `offset`; then those from it on, oldest first.

        Waits up to `wait` seconds for one.
        """
        for update_id in [each for each in self._pending if each < offset]:
            del self._pending[update_id]
        self.changes.tell()
        try:
            async with asyncio.timeout(wait):
                while not self._pending:
                    await self.changes.next()
        except TimeoutError:
            return []
        batch = [self._pending[each] for each in sorted(self._pending)[:limit]]
        for update in batch:
            self.handed_out[update.update_id] = self.handed_out.get(update.update_id, 0) + 1
        return batch

    async def send_message(self, attempt: SendAttempt) -> int:
        """The id of the message that the chat now sees.

        Raises:
            PlatformError: it sees none; with status 0 it may see one.
        """
        self.attempts.append(attempt)
        self.changes.tell()
        room = self._room(attempt.chat)
        if room.gate is not None:
            await room.gate.wait()
        self._check(attempt, room)
        failure = room.failures.pop(0) if room.failures else None
        if failure is not None and failure.kind != "cut_after_delivery":
            room.refused.add(attempt.nonce)
            raise _answer(failure)
        self._last_message += 1
        room.seen.append(DeliveredText(self._last_message, attempt))
        self.changes.tell()
        if failure is not None:
            raise _answer(failure)
        return self._last_message

    async def tell(self, chat: str, handle: str, text: str) -> None:
        """Say something to whoever pressed, and to nobody else.

        Raises:
            PlatformError: 400 for a handle that isn't of this chat.
        """
        self._check_handle(handle, self._room(chat))
        self._room(chat).told.append(text)
        self.changes.tell()

    async def show_typing(self, chat: str) -> None:
        self.typing.append(chat)
        self.changes.tell()

    async def show_preview(self, chat: str, text: str, turn: str) -> None:
        """In place of what the same turn showed before.

        Raises:
            PlatformError: 400 for a text without a visible character.
        """
        if not has_visible(text):
            raise PlatformError(400, "Bad Request: message text is empty")
        self.previews.append(ShownPreview(chat, text, turn, len(self._room(chat).seen)))
        self.changes.tell()

    # Inside

    def _new(self, update: Update) -> Update:
        self._last_update += 1
        update = replace(update, update_id=self._last_update)
        self._pending[update.update_id] = update
        self.changes.tell()
        return update

    def _check_handle(self, handle: str | None, room: _Room) -> None:
        if handle is not None and handle not in room.handles:
            raise PlatformError(400, "Bad Request: nothing waits for that")

    def _room(self, chat: str) -> _Room:
        return self._rooms.setdefault(chat, _Room())

    def _check(self, attempt: SendAttempt, room: _Room) -> None:
        self._check_handle(attempt.handle, room)
        problem = ""
        if not has_visible(attempt.text):
            problem = "message text is empty"
        elif length(attempt.text, "utf16") > MAX_TEXT:
            problem = "message is too long"
        elif not 1 <= attempt.part <= attempt.parts:
            problem = f"part {attempt.part} of {attempt.parts}"
        if problem:
            room.refused.add(attempt.nonce)
            raise PlatformError(400, f"Bad Request: {problem}")


def _answer(failure: Failure) -> PlatformError:
    match failure.kind:
        case "rate_limited":
            return PlatformError(429, "Too Many Requests", failure.retry_after)
        case "server_error":
            return PlatformError(500, "Internal Server Error")
        case "cut_after_delivery":
            return PlatformError(0, "the connection was cut")
        case "blocked":
            return PlatformError(403, "Forbidden: bot was blocked by the user")
        case "window_closed":
            return PlatformError(423, "Locked: the person has to write first")
        case "rejected":
            return PlatformError(400, "Bad Request: this text is not taken")
