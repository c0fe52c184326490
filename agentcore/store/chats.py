"""Chats as such: what was sent to them, and what is known of them."""

from __future__ import annotations

from typing import Protocol

from agentcore.records import Address, ChatChange, IdentityKey, SentButtons
from agentcore.store.gate import Composer


class Chats(Protocol):
    async def buttons(self, nonce: str, presser: IdentityKey) -> SentButtons | None:
        """What stands below a chunk that was sent; None if there is nothing, or no more."""
        ...

    async def listens(self, home: Address) -> bool:
        """Whether what is said to nobody or to others is let in there, too."""
        ...

    async def note(self, change: ChatChange, composer: Composer) -> bool:
        """Write down what happened to a chat. False: that was known, or changes nothing."""
        ...
