"""A block's history, as commands at the gate read it."""

from __future__ import annotations

from collections.abc import Iterator

from agentcore.records import BlockId, Revision
from agentcore.store import GateScope


def newest_first(scope: GateScope, block_id: BlockId) -> Iterator[Revision]:
    """Read no further than it is asked for."""
    before: int | None = None
    while revisions := scope.revisions(block_id, before=before):
        yield from revisions
        before = revisions[-1].version
