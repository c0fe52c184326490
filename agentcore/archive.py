"""What an agent keeps for good beside its memory blocks: passages, found when they are looked for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from agentcore.records import Passage, PassageDraft, PassageHit, PassageId, PassageQuery


class Archive(Protocol):
    """One agent's passages, and those of the agents that it has absorbed, for one actor. A turn adds
    its own with its commit.
    """

    async def add(self, draft: PassageDraft) -> Passage:
        """Keep a passage that no turn wrote.

        Raises:
            NotFound: there is no such agent.
        """
        ...

    async def search(
        self, query: PassageQuery, *, thread: int | None = None
    ) -> Sequence[PassageHit]:
        """Best first; newest first without words. Only what may be heard in `thread` (None: all)."""
        ...

    async def passages(
        self, *, limit: int = 50, before: Passage | None = None
    ) -> Sequence[Passage]:
        """Newest first, those that are older than `before`."""
        ...

    async def delete(self, passage_id: PassageId) -> bool:
        """Whether there was one of this agent's."""
        ...
