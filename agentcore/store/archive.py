"""What an agent keeps for good beside its memory blocks: passages, found when they are looked for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from agentcore.records import (
    FIRST_PASSAGES,
    Passage,
    PassageDraft,
    PassageHit,
    PassageId,
    PassagePage,
    PassageQuery,
)


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

    async def add_all(self, drafts: Sequence[PassageDraft]) -> Sequence[Passage]:
        """As `add`: all of them or none."""
        ...

    async def search(
        self, query: PassageQuery, *, thread: int | None = None
    ) -> Sequence[PassageHit]:
        """Best first; newest first without words. Only what may be heard in `thread` (None: all)."""
        ...

    async def passages(self, page: PassagePage = FIRST_PASSAGES) -> Sequence[Passage]:
        """By when they were kept.

        Raises:
            NotFound: the page begins or ends at a passage that isn't in this archive.
        """
        ...

    async def delete(self, passage_id: PassageId) -> bool:
        """Whether there was one of this agent's."""
        ...
