"""A block's history, as commands at the gate read it, and where a line of it comes from."""

from __future__ import annotations

from collections.abc import Iterator

from agentcore.memory.blame import LineOrigin, origin_of
from agentcore.memory.listing import MemoryLine, memory_lines
from agentcore.records import BlockId, EditActor, Revision
from agentcore.store import GateScope


def newest_first(scope: GateScope, block_id: BlockId) -> Iterator[Revision]:
    """Read no further than it is asked for."""
    before: int | None = None
    while revisions := scope.revisions(block_id, before=before):
        yield from revisions
        before = revisions[-1].version


def where_from(scope: GateScope, line: MemoryLine) -> LineOrigin | None:
    """Where a line comes from. What came along with another agent's memory came from where that one
    had it from.
    """
    origin = origin_of(line.at, newest_first(scope, line.block.block_id))
    if origin is None or origin.revision.actor is not EditActor.LINK:
        return origin
    same = (each for each in memory_lines(scope.absorbed()) if reads_like(each, line))
    earlier = (origin_of(each.at, newest_first(scope, each.block.block_id)) for each in same)
    return next(filter(None, earlier), origin)


def reads_like(line: MemoryLine, other: MemoryLine) -> bool:
    return line.text.strip() == other.text.strip()
