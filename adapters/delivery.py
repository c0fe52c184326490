"""What goes out to push platforms, chunk by chunk, and what may become of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from adapters.addresses import ChatAddress


@dataclass(frozen=True, slots=True)
class Attachment:
    """A text file that goes with a piece."""

    name: str
    content: str


@dataclass(frozen=True, slots=True)
class Piece:
    """What one chunk will hold: `text` as people see it, and how it is set in `format`, which only
    the adapter reads. With a `file`, what doesn't fit is in there.
    """

    text: str
    format: str | None = None
    file: Attachment | None = None


@dataclass(frozen=True, slots=True)
class Button:
    """What can be done about a chunk. A press comes back as `Inbound.pressed` with the token, which
    is at most 40 ASCII letters, digits and `:`.

    A `choice` is one of several of its kind, which may be shown as a list to pick from. A `form`
    asks for a text first: `Forms.form` says which, and the press brings it as `filled`. The first
    of a list says in `prompt` what picking one does.
    """

    label: str
    token: str
    kind: Literal["action", "choice", "form"] = "action"
    prompt: str = ""


@dataclass(frozen=True, slots=True)
class Form:
    """A text to fill in: `value` stands in its field at first, which takes `limit` characters and may
    be left empty. The title has at most 45 characters, and so has the label.
    """

    title: str
    label: str
    value: str = ""
    limit: int = 4_000


@dataclass(frozen=True, slots=True)
class Outbound:
    """One chunk to send: `part` of `parts`, both from 1.

    `text`, `format` and `file` are those of a `Piece` that this adapter composed. `reply_to` is
    the `Inbound.message_id` that it answers: whether to show that is the adapter's to judge.
    `answer_via` is its `Inbound.answer_via`: the chunk goes that way, or one that no more people
    can see.
    `buttons` are to be shown below it; none where `Capabilities.buttons` is False.
    `nonce` is the same at every try of this chunk, for platforms that drop repeats;
    `uncertain`: an earlier try may have arrived.
    """

    address: ChatAddress
    text: str
    part: int
    parts: int
    nonce: str
    format: str | None = None
    file: Attachment | None = None
    reply_to: str | None = None
    answer_via: str | None = None
    uncertain: bool = False
    buttons: tuple[Button, ...] = ()


@dataclass(frozen=True, slots=True)
class Sent:
    """The platform took it, under this id."""

    platform_message_id: str


class DeliveryError(Exception):
    """A chunk was not, or perhaps not, delivered. Its subclasses say what the service does.

    DeliveryError
    ├── TemporaryFailure    tried again with backoff
    │   └── RateLimited     tried again after `retry_after` seconds
    ├── OutcomeUnknown      may have arrived: tried again once, or a few times where repeats are
    │                       dropped; counted and marked uncertain
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
