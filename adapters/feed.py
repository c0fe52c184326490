"""What a pull client reads: messages, notices, pieces of answers, and how far it is answered."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

ASKED_FOR = "reply."
"""How the keys of notices begin that a command's sender asked for."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far a pull client has read: the last message and the last notice that it has shown.
    `since` tells whose numbers these are; when all was erased, there are others. 0: not known.
    """

    message: int = 0
    notice: int = 0
    since: int = 0


@dataclass(frozen=True, slots=True)
class FeedMessage:
    """A committed message: final, shown once. `sent_as`: the update that a user's came in."""

    cursor: Cursor
    role: Literal["user", "assistant"]
    text: str
    at: int
    sent_as: str | None = None
    type: Literal["message"] = "message"


@dataclass(frozen=True, slots=True)
class Action:
    """Something that a person can do about a notice: under this name, in their language, the
    command is sent as if they had written it.
    """

    label: str
    command: str


MOST_ON_A_LINE = 3


def written_out(text: str, actions: Sequence[Action]) -> str:
    """A notice for where there are no buttons: its commands stand below it, many a line each."""
    separator = " · " if len(actions) <= MOST_ON_A_LINE else "\n"
    commands = separator.join(f"{each.label}: {each.command}" for each in actions)
    return f"{text}\n{commands}" if actions else text


@dataclass(frozen=True, slots=True)
class FeedNotice:
    """A text of the service's own (command replies, refusals, errors), already rendered. What can
    be done about it are `actions`: its text doesn't name them.

    A key that begins with `reply.` is the output of a command: the person asked for it, and a
    client shows it where it shows answers. All other notices are remarks (stderr, a grey line).
    """

    cursor: Cursor
    key: str
    text: str
    at: int
    type: Literal["notice"] = "notice"
    actions: tuple[Action, ...] = ()

    @property
    def asked_for(self) -> bool:
        return self.key.startswith(ASKED_FOR)


@dataclass(frozen=True, slots=True)
class FeedPreview:
    """The next piece of an answer in the making. It may vanish; only `FeedMessage` is final.

    The pieces since the last `FeedMessage` or `begins` make up the answer so far; `begins` says
    that it starts over (the model was asked again), so that what was shown is void.
    """

    text: str
    begins: bool = False
    type: Literal["preview"] = "preview"


@dataclass(frozen=True, slots=True)
class FeedAnswered:
    """Everything from this chat up to `position` has been dealt with, and said before this.

    `failed`: the newest turn ended without an answer; a notice has said why. `cursor` is how
    far the feed has been sent: a client that began at the end resumes from it. Where it goes back,
    all that there was is erased, and numbers begin anew.
    """

    position: int
    failed: bool = False
    cursor: Cursor = field(default_factory=Cursor)
    type: Literal["answered"] = "answered"


FeedEvent = FeedMessage | FeedNotice | FeedPreview | FeedAnswered


class FeedStream(Protocol):
    """A feed being followed; an async generator is one. `aclose` it (`contextlib.aclosing`)."""

    def __aiter__(self) -> AsyncIterator[FeedEvent]: ...

    async def __anext__(self) -> FeedEvent: ...

    async def aclose(self) -> None: ...
