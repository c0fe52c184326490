"""Forgetting, as a command at the gate sees it, and as the service does.

What is forgotten is marked at once and by the same transaction everywhere: in the window, in
summaries, in the search, in the archive. The person may take it back for a while; after that the
words are erased.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol

from agentcore.clock import Micros
from agentcore.records import (
    AgentId,
    Exchange,
    ExchangeRef,
    ForgetRef,
    Forgetting,
    Forgotten,
    Message,
    Offer,
    Passage,
    PassageId,
    Revision,
    SearchHit,
)


class GateForgetting(Protocol):
    """What `/forget` finds and does: of the sender's agent and of those that it has absorbed, and only
    what may be heard in this chat. An exchange that is still under way is none yet.
    """

    def said_about(self, words: str, *, limit: int) -> Sequence[SearchHit]:
        """Messages with some of the words, best first."""
        ...

    def passages_about(self, words: str, *, limit: int) -> Sequence[Passage]: ...

    def passage(self, passage_id: PassageId) -> Passage | None: ...

    def exchange(self, ref: ExchangeRef) -> Sequence[Message]:
        """All that belongs to it, oldest first."""
        ...

    def exchange_of(self, message: int, agent_id: AgentId) -> Exchange | None:
        """The exchange that a message of that agent belongs to."""
        ...

    def last_exchange(self) -> Exchange | None:
        """The newest of this chat."""
        ...

    def edits_from(self, refs: Collection[ExchangeRef]) -> Sequence[Revision]:
        """The edits that these exchanges led to, newest first."""
        ...

    def offer(self, refs: Sequence[ForgetRef], *, until: Micros) -> int:
        """What the sender was shown, in order; in place of what they were shown before. Returns
        the offer's number.
        """
        ...

    def offered(self) -> Offer:
        """What the sender was shown last; nothing in it if that was too long ago."""
        ...

    def forget(self, what: Forgetting) -> Forgotten | None:
        """Hide it everywhere. None: a block has changed meanwhile, or something of it is no more the
        sender's, and nothing was done.
        """
        ...

    def take_back(self, note: str, number: int | None = None) -> Forgotten | None:
        """Bring back what was forgotten last, and tell the agent so. None: there is nothing that
        still can be, or it hasn't this number.
        """
        ...


class Forgettings(Protocol):
    """Forgetting for good."""

    async def erase_due(self) -> int:
        """Erase the words of what can't be taken back any more. Returns how many forgettings."""
        ...

    async def next_due(self) -> Micros | None: ...
