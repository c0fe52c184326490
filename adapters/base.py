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
from typing import Any, Literal, Protocol, runtime_checkable

from adapters.feed import Action, Cursor, FeedStream

ENTRY_POINT_GROUP = "familiar.adapters"


@dataclass(frozen=True, slots=True)
class ChatAddress:
    """Where a conversation takes place. `chat` and `topic` are the platform's own ids."""

    platform: str
    account: str
    chat: str
    topic: str | None = None

    @property
    def source(self) -> str:
        """Platform and account: within one source, an `update_id` never names two updates."""
        return f"{_escape(self.platform)}:{_escape(self.account)}"

    def __str__(self) -> str:
        """The opaque text that the service stores; `parse` takes it back."""
        fields = [self.platform, self.account, self.chat]
        if self.topic is not None:
            fields.append(self.topic)
        return ":".join(_escape(each) for each in fields)

    @classmethod
    def parse(cls, text: str) -> ChatAddress:
        """The address that was written as `text`.

        Raises:
            ValueError: `text` wasn't made by `str(ChatAddress(…))`.
        """
        fields = [_unescape(each) for each in text.split(":")]
        if len(fields) not in {3, 4}:
            msg = f"{text!r} is not a chat address: expected platform:account:chat[:topic]"
            raise ValueError(msg)
        address = cls(fields[0], fields[1], fields[2], fields[3] if len(fields) == 4 else None)
        if str(address) != text:
            msg = f"{text!r} is not a chat address: it escapes what needs no escape"
            raise ValueError(msg)
        return address


def _escape(text: str) -> str:
    return text.replace("%", "%25").replace(":", "%3A")


def _unescape(text: str) -> str:
    return text.replace("%3A", ":").replace("%25", "%")


Origin = Literal["owner", "other_person", "forwarded", "document", "web"]


@dataclass(frozen=True, slots=True)
class InboundPart:
    """A piece of what was sent, and where it came from. Owner = the sender's own words."""

    text: str
    origin: Origin = "owner"


@dataclass(frozen=True, slots=True)
class Sender:
    """Who wrote. `external_id` is the platform's id; `display_name` identifies nobody."""

    external_id: str
    display_name: str = ""
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Inbound:
    """One update that means something.

    `update_id` is unique per platform account, the same at every redelivery. `sent_at` is in
    microseconds UTC as the platform says, or None.
    """

    update_id: str
    address: ChatAddress
    sender: Sender
    parts: tuple[InboundPart, ...]
    audience: Literal["private", "chat"] = "private"
    reply_to: str | None = None
    sent_at: int | None = None


@dataclass(frozen=True, slots=True)
class Outbound:
    """One chunk to send: `part` of `parts`, both from 1.

    `actions` are to be shown as buttons below it; a press comes back as the `Inbound` of whoever
    pressed, with the action's command for its text. None where `Capabilities.buttons` is False.
    `nonce` is the same at every try of this chunk, for platforms that drop repeats;
    `uncertain`: an earlier try may have arrived.
    """

    address: ChatAddress
    text: str
    part: int
    parts: int
    nonce: str
    reply_to: str | None = None
    uncertain: bool = False
    actions: tuple[Action, ...] = ()


@dataclass(frozen=True, slots=True)
class Sent:
    """The platform took it, under this id."""

    platform_message_id: str


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What the platform can do, as limits. Without `buttons`, what could be done about a notice is
    written below it.

    `max_text` counts in `unit`; `debounce` is how long, in seconds, the service waits for a
    person to finish a thought, `max_debounce` how long at most however they go on.
    """

    delivery: Literal["push", "pull"]
    max_text: int
    unit: Literal["characters", "utf16", "bytes"] = "characters"
    debounce: float = 0.0
    max_debounce: float = 0.0
    previews: bool = False
    buttons: bool = False


class DeliveryError(Exception):
    """A chunk was not, or perhaps not, delivered. Its subclasses say what the service does.

    DeliveryError
    ├── TemporaryFailure    tried again with backoff
    │   └── RateLimited     tried again after `retry_after` seconds
    ├── OutcomeUnknown      may have arrived: tried again once, counted and marked uncertain
    ├── ChatUnreachable     for good (blocked, kicked): the chat's rows end, its timers pause
    ├── WindowClosed        not now: the platform lets us write only after the person does
    └── MessageRejected     this chunk can never be sent; the next one may
    """


class TemporaryFailure(DeliveryError):
    """Not delivered, and nobody's fault: the network, a 500, an adapter that isn't connected."""


class RateLimited(TemporaryFailure):
    """Not delivered: the platform wants `retry_after` seconds of silence."""

    def __init__(self, message: str, *, retry_after: float) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class OutcomeUnknown(DeliveryError):
    """The request went out and no answer came back."""


class ChatUnreachable(DeliveryError):
    """Not delivered, nor will be until the person writes again."""


class WindowClosed(DeliveryError):
    """Not delivered: the platform takes our messages only for a while after the person's."""


class MessageRejected(DeliveryError):
    """Not delivered: the platform refuses this very text."""


class ServiceGone(Exception):
    """The service can't be reached any more; the client should say so and end.

    Only a client in another process than the service meets it.
    """


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of an `Inbound`.

    `accepted`: it is stored for good, the platform may be acknowledged, and `position` is its
    place in its chat's feed. `duplicate`: it was accepted before; `position` is 0 if its place
    isn't known any more. `answered`: dealt with at once; `text` is all of the answer. `refused`:
    it was not let in and never will be; acknowledge it all the same. `text` is what the sender
    should be shown now, if anything: on push platforms the service has already queued it, for
    pull clients it is said here and not in the feed.
    """

    outcome: Literal["accepted", "duplicate", "answered", "refused"]
    position: int = 0
    text: str = ""


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


class AdapterState(Protocol):
    """A few small durable values of one adapter (offsets, watermarks, command hashes)."""

    async def get(self, key: str) -> str | None: ...

    async def put(self, key: str, value: str) -> None:
        """Durable when it returns. At most 64 kB."""
        ...


@dataclass(frozen=True, slots=True)
class AdapterContext:
    """What an adapter is built from.

    `state_for` gives the durable state of the adapter of that name; two names never share a
    value. `settings` are the platform's own, by their names.
    """

    service: Service
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
        """
        ...

    def compose(self, text: str) -> Sequence[str]:
        """Split a text into chunks that `send` takes.

        Pure; no I/O; also before `run`. Empty exactly for a text without a visible character;
        no visible character is lost.
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


@runtime_checkable
class HasRoutes(Protocol):
    """Optional: the adapter serves HTTP (webhooks)."""

    def routes(self) -> Sequence[object]:
        """Starlette routes, mounted at the root of the service's one port."""
        ...


@runtime_checkable
class ShowsTyping(Protocol):
    """Optional: the platform can show that an answer is being written."""

    typing_interval: float

    async def show_typing(self, address: ChatAddress) -> None:
        """Show it for about `typing_interval` seconds. Failures are ignored."""
        ...
