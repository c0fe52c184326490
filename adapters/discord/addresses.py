"""Where a conversation takes place on Discord, as an address.

A private chat is named after the person, `@` and their id, because their channel's id isn't known
wherever they can be met. A channel of a server is a chat, and its public threads are topics of it;
a private thread is a chat of its own: what is said there isn't for all who read the channel.
"""

from __future__ import annotations

from dataclasses import dataclass

from adapters.addresses import ChatAddress

PLATFORM = "discord"
_PERSON = "@"


@dataclass(frozen=True, slots=True)
class Addresses:
    """The addresses of the bot `account`."""

    account: str

    def of_person(self, user_id: int) -> ChatAddress:
        return ChatAddress(PLATFORM, self.account, f"{_PERSON}{user_id}")

    def of_channel(self, channel_id: int, thread_id: int | None = None) -> ChatAddress:
        """A channel, or a public thread in it."""
        topic = None if thread_id is None else str(thread_id)
        return ChatAddress(PLATFORM, self.account, str(channel_id), topic)


def person_of(address: ChatAddress) -> int | None:
    """Whose private chat it is; None if it is a server's channel."""
    return int(address.chat[1:]) if address.chat.startswith(_PERSON) else None


def channel_of(address: ChatAddress) -> int:
    """The id of a server's channel or thread.

    Raises:
        ValueError: it is a private chat.
    """
    return int(address.topic or address.chat)
