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
    several; with `hears_all` False the platform shows it only what is meant for it, but as one of
    the chat's admins all if `hears_as_admin`. `moved`: the chat is at the address `moved_to` from now on. `withdrawn`: the message `message_id` was deleted
    there, by whoever may do that. While it waits, it is taken back; what was answered, or is being
    answered, stays.
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
