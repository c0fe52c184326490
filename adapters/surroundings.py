"""What a client may show around a chat: who the person is to the service, what their agent keeps
in mind, and what was said earlier. Only for clients of one person's own, such as the web page.

Nothing here changes anything: what a person does, they do by messages and commands.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from adapters.addresses import ChatAddress
from adapters.base import Sender
from adapters.feed import Cursor, FeedMessage
from adapters.wording import MenuEntry


@dataclass(frozen=True, slots=True)
class Persona:
    """A character that the person may choose: `/persona <name>`."""

    name: str
    title: str
    description: str


@dataclass(frozen=True, slots=True)
class Profile:
    """Where somebody stands. `persona` None: nobody answers them yet. `provider` says who sees
    what is written; `offline`: nobody does, and no language model answers.
    """

    model: str
    provider: str
    offline: bool
    language: str
    personas: tuple[Persona, ...]
    persona: str | None = None
    access: Literal["admitted", "pending", "blocked"] = "pending"
    consent: Literal["new", "noticed", "consented", "declined", "paused"] = "new"
    consent_required: bool = False

    @property
    def first_contact(self) -> bool:
        return self.persona is None


@dataclass(frozen=True, slots=True)
class MemoryLine:
    """A line of a block. `number` counts through all blocks as `/memory` does, and is None where
    nothing can be changed; `changed`: the newest edit wrote it.
    """

    number: int | None
    text: str
    changed: bool = False


@dataclass(frozen=True, slots=True)
class MemoryBlock:
    """A memory block as its person sees it. `limit` and `characters` count characters."""

    label: str
    description: str
    limit: int
    characters: int
    read_only: bool
    lines: tuple[MemoryLine, ...]


@dataclass(frozen=True, slots=True)
class Memory:
    """All blocks of the agent that answers. `version` rises with every change."""

    version: int
    blocks: tuple[MemoryBlock, ...]
    can_undo: bool


class MemoryStream(Protocol):
    """A memory being followed: first as it is, then whenever it has changed. `aclose` it."""

    def __aiter__(self) -> AsyncIterator[Memory]: ...

    async def __anext__(self) -> Memory: ...

    async def aclose(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Past:
    """Earlier messages, oldest first; `more`: there are still earlier ones."""

    messages: tuple[FeedMessage, ...]
    more: bool


class Surroundings(Protocol):
    """What a client of one person's own may read. Anybody else's address yields nothing."""

    async def profile(self, address: ChatAddress, sender: Sender) -> Profile: ...

    def memory(self, address: ChatAddress, sender: Sender) -> MemoryStream: ...

    async def beginning(self, address: ChatAddress, *, messages: int) -> Cursor:
        """Where a reader begins that wants to see the last so many messages."""
        ...

    async def past(
        self, address: ChatAddress, sender: Sender, *, before: Cursor | None, limit: int
    ) -> Past:
        """What was said at the address before that message (None: up to now)."""
        ...

    async def export(self, address: ChatAddress, sender: Sender) -> Mapping[str, bytes]:
        """All that is kept of them, as files by their names; none for a stranger."""
        ...

    def texts(self, prefix: str, language: str | None) -> Mapping[str, str]:
        """Our own texts whose keys begin so, in the language or in English."""
        ...

    def menu(self, language: str | None) -> Sequence[MenuEntry]:
        """The commands that make sense here, the most used first."""
        ...
