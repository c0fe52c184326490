"""A block's history, as commands at the gate read it, and where a line of it comes from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from agentcore.memory.blame import LineOrigin, origin_of
from agentcore.memory.forgetting import Topic
from agentcore.memory.joining import bare
from agentcore.memory.listing import MemoryLine, memory_lines
from agentcore.memory.terms import query_terms
from agentcore.records import BlockId, EditActor, Revision
from agentcore.store.gate import GateScope


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
    earlier = (
        origin_of(each.at, newest_first(scope, each.block.block_id))
        for each in _came_as(origin, line, scope)
    )
    return next(filter(None, earlier), origin)


def came_as(scope: GateScope, line: MemoryLine) -> Sequence[MemoryLine]:
    """What a line was in another agent's memory with which it came along; empty for all others."""
    return _came_as(origin_of(line.at, newest_first(scope, line.block.block_id)), line, scope)


def _came_as(origin: LineOrigin | None, line: MemoryLine, scope: GateScope) -> Sequence[MemoryLine]:
    """The same line; or those with a word of it that didn't come along as they were."""
    if origin is None or origin.revision.actor is not EditActor.LINK:
        return ()
    there = memory_lines(scope.absorbed())
    if same := [each for each in there if reads_like(each, line)]:
        return same
    texts = (origin.revision.after, line.block.value)
    as_they_were = {bare(each) for text in texts for each in text.split("\n")}
    any_word = Topic(query_terms(line.text), least=1)
    return [
        each for each in there if bare(each.text) not in as_they_were and any_word.is_in(each.text)
    ]


def reads_like(line: MemoryLine, other: MemoryLine) -> bool:
    return bare(line.text) == bare(other.text)
