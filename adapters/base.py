"""The seam between chat platforms and the service.

An adapter turns a platform's updates into `Inbound`, hands them to the `Service`, and carries
out what the service wants sent. It never calls a model, never reads memory and never decides
who is let in. Everything that it must remember over a restart goes through `AdapterState`.

Two kinds of platform, told apart by `Capabilities.delivery`:

- push (Telegram, Discord): the service keeps an outbox and calls `send` chunk by chunk;
- pull (web page, terminal, REST): the client follows its `Service.watch` feed.

Third parties add an adapter through the entry point group `familiar.adapters`: the entry is a
callable `(AdapterContext) -> Adapter`; it must pass `adapters.conformance`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from adapters.addresses import ChatAddress
from adapters.delivery import Form, Outbound, Piece, Sent
from adapters.events import ChatEvents
from adapters.feed import Cursor, FeedStream
from adapters.wording import Audience, Wording

ENTRY_POINT_GROUP = "familiar.adapters"
MAX_HANDLE = 1_000
"""Characters of an `Inbound.answer_via`."""


Origin = Literal["owner", "other_person", "forwarded", "document", "web"]
Unreadable = Literal["photo", "voice", "audio", "video", "document", "sticker", "other"]


@dataclass(frozen=True, slots=True)
class InboundPart:
    """A piece of what was sent, and where it came from. Owner = the sender's own words."""

    text: str
    origin: Origin = "owner"


@dataclass(frozen=True, slots=True)
class Sender:
    """Who wrote. `external_id` is the platform's id; `display_name` identifies nobody. `admin`:
    they have a say over the chat of several in which they wrote.
    """

    external_id: str
    display_name: str = ""
    language: str | None = None
    admin: bool = False


@dataclass(frozen=True, slots=True)
class Inbound:
    """One update that means something.

    `update_id` is unique per platform account, the same at every redelivery. `message_id` is the
    platform's name for the message within the chat: answers refer to it, and with `edited` it is
    an earlier message that reads so now. `addressed` False: in a chat of several, it was said to
    nobody or to others. `unreadable`: it is, or comes with, something that can't be passed on.
    `pressed`: not a message, but the `Button.token` of a button that the sender pressed; `filled`
    is what they wrote into the button's form, if it has one. `answer_via`: the adapter's own handle
    of something that waits for just this answer, at most `MAX_HANDLE` characters; every `Outbound`
    of the answer brings it back, and the message is answered by itself. `sent_at` is in
    microseconds UTC as the platform says, or None.

    Raises:
        ValueError: `answer_via` is too long.
    """

    update_id: str
    address: ChatAddress
    sender: Sender
    parts: tuple[InboundPart, ...]
    audience: Audience = "private"
    message_id: str | None = None
    edited: bool = False
    addressed: bool = True
    unreadable: Unreadable | None = None
    pressed: str | None = None
    filled: str | None = None
    answer_via: str | None = None
    sent_at: int | None = None

    def __post_init__(self) -> None:
        if self.answer_via is not None and len(self.answer_via) > MAX_HANDLE:
            msg = f"answer_via has {len(self.answer_via)} characters, at most {MAX_HANDLE} fit"
            raise ValueError(msg)


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What the platform can do, as limits. Without `buttons`, what could be done about a notice is
    written below it. Without `forms`, no button has one. `drops_repeats`: of a chunk that comes twice
    within minutes with the same nonce, the second is dropped.

    `max_text` counts in `unit`; `debounce` is how long, in seconds, the service waits after each
    message for a person to finish a thought, three seconds in all at most.
    """

    delivery: Literal["push", "pull"]
    max_text: int
    unit: Literal["characters", "utf16", "bytes"] = "characters"
    debounce: float = 0.0
    buttons: bool = False
    forms: bool = False
    drops_repeats: bool = False


class ServiceGone(Exception):
    """The service can't be reached any more; the client should say so and end.

    Only a client in another process than the service meets it.
    """


class PlatformRefuses(Exception):
    """The platform won't have us, and only the operator can mend that. The message tells them how,
    and holds nothing secret: it is shown as the adapter's state.
    """


class NotReached(Exception):
    """A platform that was asked about the bot didn't answer, or not as it should."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of an `Inbound`.

    `accepted`: it is stored for good, the platform may be acknowledged, and `position` is its
    place in its chat's feed. `duplicate`: it was accepted before; `position` is 0 if its place
    isn't known any more. `answered`: dealt with at once; `text` is all of the answer. `refused`:
    it was not let in and never will be; acknowledge it all the same. `ignored`: it was meant for
    nobody here, and nothing was stored. `text` is what the sender should be shown now, if
    anything: on push platforms the service has already queued it (but for a press that was
    refused, which the adapter answers with it itself), for pull clients it is said here and not in
    the feed. An `Inbound` with `answer_via` is always answered that way, unless it is a duplicate
    or its sender is blocked. `buttons_stay`: the button that was pressed only shows something, so
    the others beside it stay useful.
    """

    outcome: Literal["accepted", "duplicate", "answered", "refused", "ignored"]
    position: int = 0
    text: str = ""
    buttons_stay: bool = False


class Service(Protocol):
    """What an adapter may ask of the service."""

    async def accept(self, inbound: Inbound) -> Receipt:
        """Take an update in. When this returns it is durable; only then acknowledge it.

        An error means that it isn't stored: don't acknowledge, the platform redelivers.
        Safe to call again with the same update. May block while the database is busy; calls
        for one chat are made one after the other, calls for several chats at once.
        """
        ...

    def watch(self, address: ChatAddress, after: Cursor | None) -> FeedStream:
        """The chat's committed messages and notices after the cursor, in order, without end.

        Starts with what is there, then one `FeedAnswered`, then whatever comes; from that first
        event on nothing is missed. None begins at the end: nothing old, only what comes.

        Raises:
            ServiceGone: while iterating; the service can't be reached any more.
        """
        ...


class Forms(Protocol):
    """What buttons with a form ask for."""

    async def form(self, press: Inbound) -> Form | Receipt:
        """What the sender of a press is to fill in before it is handed to `Service.accept`, or, as
        refused, why they can't. Changes nothing.
        """
        ...


class AdapterState(Protocol):
    """A few small durable values of one adapter (offsets, watermarks, command hashes)."""

    async def get(self, key: str) -> str | None: ...

    async def put(self, key: str, value: str) -> None:
        """Durable when it returns. At most 64 kB."""
        ...

    async def chats(self) -> Sequence[tuple[ChatAddress, str]]:
        """What is kept of chats, those first that were put last."""
        ...

    async def put_chat(self, address: ChatAddress, value: str) -> None:
        """What only makes sense with a chat, and has to go with whose it is: nobody tells an
        adapter of an erasure. Durable when it returns. A few words.
        """
        ...


@dataclass(frozen=True, slots=True)
class AdapterContext:
    """What an adapter is built from.

    `state_for` gives the durable state of the adapter of that name; two names never share a
    value. `settings` are the platform's own, by their names.
    """

    service: Service
    events: ChatEvents
    wording: Wording
    forms: Forms
    state_for: Callable[[str], AdapterState]
    settings: Mapping[str, Any] = field(default_factory=dict)


class Adapter(Protocol):
    """What every adapter must do. `name` is the source of its addresses: `telegram:12345`."""

    @property
    def name(self) -> str: ...

    @property
    def capabilities(self) -> Capabilities: ...

    async def run(self, ready: Callable[[], None]) -> None:
        """Hold the connection and hand what arrives to the service, until cancelled.

        Calls `ready` once, when the platform was reached. Leaving it, in whatever way, lets go
        of every resource; nothing that wasn't accepted is acknowledged. It may be run again after
        that, never twice at once. An error that it can't mend itself (a revoked token, a bug) is
        raised: the service runs it again after a while, so one bad update must not end it.

        Raises:
            PlatformRefuses: what the operator has to do.
        """
        ...

    def compose(self, text: str, *, plain: bool = False) -> Sequence[Piece]:
        """Split a text into pieces that `send` takes. `plain`: its signs mean themselves; else it
        is Markdown, and may be shown as what it means.

        Pure; no I/O; also before `run`. Empty exactly for a text without a visible character; of
        a plain text, no visible character is lost.
        """
        ...

    async def send(self, chunk: Outbound) -> Sent:
        """Send one chunk. For push only, while `run` runs.

        Called by one task at a time per address, in order, and for several addresses at once: a
        slow chat holds up no other.

        Raises:
            DeliveryError: the subclass says what to do next. Anything else is a bug and
                counts as `OutcomeUnknown`.
        """
        ...
