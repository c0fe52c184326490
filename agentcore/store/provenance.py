"""Where an agent's memory comes from: each edit as it was made, and what a person was shown of it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol

from agentcore.clock import Micros
from agentcore.records import BlockId, Listing, Revision, RevisionMark, UserId


class Provenance(Protocol):
    """The edits of the blocks that one agent holds, for one actor."""

    async def marks(self, *, limit: int, offset: int = 0) -> Sequence[RevisionMark]:
        """The agent's own edits without their texts, newest first."""
        ...

    async def edits(self, marks: Sequence[RevisionMark]) -> Sequence[Revision]:
        """These edits of the agent's own, in their order; without those that are gone."""
        ...

    async def of_block(
        self, block_id: BlockId, *, before: int | None = None, limit: int = 50
    ) -> Sequence[Revision]:
        """A block's edits, newest first, those older than version `before` if it is given."""
        ...

    async def untrusted(self, blocks: Collection[BlockId]) -> Sequence[Revision]:
        """The edits of these blocks that words other than the owner's led to, newest first."""
        ...

    async def forgotten_at(self) -> Micros | None:
        """When something was forgotten last that the person can still bring back."""
        ...

    async def listing(self, user_id: UserId, *, shown_by: Micros) -> Listing | None:
        """What the person was shown last; None if that was too long ago, never, or later than
        `shown_by`, so that it isn't what they meant then.
        """
        ...
