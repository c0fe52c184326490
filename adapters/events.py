"""What happens to a chat rather than in it: the bot is added, removed, blocked, the chat moves, and
what was said in it is taken away.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

from adapters.addresses import ChatAddress


@dataclass(frozen=True, slots=True)
class ChatEvent:
    """One such event, once per `update_id` (which no `Inbound` of the same source has).

    `reachable`: we may write there, as for the first time or again; `unreachable`: blocked,
    removed or deleted. `joined`: somebody who speaks `language` took the bot into a chat of
    several. With `hears_all` False the platform shows the bot only what is meant for it; with
    `hears_as_admin`, it would show it all messages if it were made an admin of the chat. `moved`:
    the chat is at the address `moved_to` from now on. `withdrawn`: the message `message_id` was
    deleted there, by whoever may do that. If it still waits to be answered, it is taken back; what
    was answered, or is being answered, stays.
    """

    update_id: str
    address: ChatAddress
    kind: Literal["reachable", "unreachable", "joined", "moved", "withdrawn"]
    language: str | None = None
    hears_all: bool = True
    hears_as_admin: bool = False
    moved_to: ChatAddress | None = None
    message_id: str | None = None


class ChatEvents(Protocol):
    """Where an adapter reports them."""

    async def note(self, event: ChatEvent) -> None:
        """Durable when it returns; only then acknowledge it. Safe to call again with the same
        event. An error means that it isn't stored: the platform must send it again.
        """
        ...
