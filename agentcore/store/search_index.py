"""Keeping what messages are found by up to date with how it is made."""

from __future__ import annotations

from typing import Protocol


class SearchIndex(Protocol):
    async def reindex(self) -> bool:
        """Index a piece of what an older version of this program has indexed; a fraction of a
        second. True: nothing is left. Until then, older messages are found less.
        """
        ...

    async def start_over(self) -> None:
        """Let `reindex` begin anew with all messages."""
        ...
