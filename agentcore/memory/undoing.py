"""What there is to take back of what was done to an agent's memory, and taking it back. Pure.

What an agent did in one turn, or in one run over its memory, is one change, and so is what a person
did by one command: it is taken back as one. An undo is an edit for each of its edits, newest first,
and names the one that it takes back.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from agentcore.memory.changes import brought_in
from agentcore.memory.reversal import Reversal, reversed_on
from agentcore.records import (
    SEEN_IN_GROUPS,
    Block,
    BlockEdit,
    BlockId,
    EditActor,
    Origin,
    Revision,
    RevisionMark,
)

_BY_THE_AGENT = frozenset({EditActor.TOOL, EditActor.SLEEP_TIME})


@dataclass(frozen=True, slots=True)
class Change:
    """Edits that still stand and are taken back together, newest first."""

    turn: int | None
    marks: tuple[RevisionMark, ...]

    @property
    def persona(self) -> bool:
        """Whether the agent became somebody else."""
        return any(mark.template is not None for mark in self.marks)

    @property
    def by_the_person(self) -> bool:
        return all(mark.actor is EditActor.USER for mark in self.marks)

    def holds(self, block_id: BlockId, version: int) -> bool:
        return any((mark.block_id, mark.version) == (block_id, version) for mark in self.marks)


class Walk:
    """Back through the edits that an agent and its person made, from the newest on."""

    def __init__(self) -> None:
        self._undone: defaultdict[BlockId, set[int]] = defaultdict(set)
        self._turn: int | None = None
        self._marks: list[RevisionMark] = []

    def past(self, mark: RevisionMark) -> Change | None:
        """The next older edit; the change that lies behind it, if one does."""
        if mark.undoes is not None:
            self._undone[mark.block_id].add(mark.undoes)
            return None
        undone = mark.version in self._undone[mark.block_id]
        if undone or not is_undoable(mark):
            return None
        together = self._marks and mark.turn is not None and mark.turn == self._turn
        whole = None if together else self.end()
        self._turn = mark.turn
        self._marks.append(mark)
        return whole

    def end(self) -> Change | None:
        """The last change, once there is nothing older."""
        marks, self._marks = tuple(self._marks), []
        return Change(self._turn, marks) if marks else None


def is_undoable(edit: Revision | RevisionMark) -> bool:
    """Whether an edit is the agent's doing or the person's, and its texts are there. What the person
    forgets is no turn's, and has its own way back; what they share, too.
    """
    erased = isinstance(edit, RevisionMark) and edit.erased
    by_the_person = edit.actor is EditActor.USER and edit.turn is not None
    theirs = edit.actor in _BY_THE_AGENT or by_the_person or edit.template is not None
    return edit.undoes is None and theirs and not erased


def is_sharing(label: str, edit: Revision | RevisionMark) -> bool:
    """Whether an edit of the block with this label was made by `/share` or `/unshare`."""
    return label in SEEN_IN_GROUPS and edit.actor is EditActor.USER


def standing(marks: Iterable[RevisionMark]) -> Iterator[Change]:
    """The changes that stand, newest first."""
    walk = Walk()
    yield from filter(None, (walk.past(mark) for mark in marks))
    yield from filter(None, [walk.end()])


@dataclass(frozen=True, slots=True)
class TakenBack:
    """What taking a change back does: its edits, each computed from the one before; how the blocks
    read then; and what stands now in the places that were written over since.
    """

    edits: tuple[BlockEdit, ...]
    blocks: Mapping[BlockId, tuple[Block, Block]]
    left: tuple[tuple[Block, tuple[str, ...]], ...]

    @property
    def changes_nothing(self) -> bool:
        return all(before.value == after.value for before, after in self.blocks.values())

    def takes_out(self, block_id: BlockId, line: str) -> bool:
        """Whether such a line of the block goes."""
        if block_id not in self.blocks:
            return False
        before, after = self.blocks[block_id]
        return after.value.split("\n").count(line) < before.value.split("\n").count(line)


def taken_back(
    revisions: Sequence[Revision],
    blocks: Mapping[BlockId, Block],
    untrusted: Sequence[Revision] = (),
) -> TakenBack:
    """Take the edits of a change, newest first, back from the blocks as they are.

    A block that isn't held any more, that is read-only, or that would get too long is left alone.
    `untrusted` are earlier edits that others' words led to: what of theirs comes back stays theirs.
    """
    now = dict(blocks)
    edits: list[BlockEdit] = []
    left: list[tuple[Block, tuple[str, ...]]] = []
    for revision in revisions:
        block = now.get(revision.block_id)
        if block is None:
            continue
        reversal = reversed_on(block.value, revision.before, revision.after)
        if block.read_only or len(reversal.text) > max(block.limit, len(block.value)):
            left.append((block, brought_in(revision.before, revision.after)))
            continue
        left += [(block, lines) for lines in reversal.left]
        origin = _origin_of(reversal, revision, untrusted)
        edits.append(
            BlockEdit(block, reversal.text, EditActor.USER, origin, undoes=revision.version)
        )
        now[block.block_id] = replace(block, value=reversal.text, version=block.version + 1)
    touched = {edit.block.block_id for edit in edits}
    pairs = {
        block_id: (blocks[block_id], now[block_id]) for block_id in blocks if block_id in touched
    }
    return TakenBack(tuple(edits), pairs, tuple(left))


def _origin_of(reversal: Reversal, undone: Revision, untrusted: Sequence[Revision]) -> Origin:
    """The person's, who asked for it, unless words come back that were others'."""
    restored = set(reversal.restored)
    for each in untrusted:
        older = each.block_id == undone.block_id and each.version < undone.version
        if older and not restored.isdisjoint(brought_in(each.before, each.after)):
            return each.origin
    return Origin.OWNER
