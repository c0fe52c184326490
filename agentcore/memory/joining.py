"""One memory out of two: what an agent keeps in mind when another's memory comes to it. Pure.

A model may say which lines tell the same and what they become; the rest is decided here. Invariants.
No line comes in that isn't one of the two memories' own, or made of the words of such lines, those
of the other memory among them. No line that comes along is lost: what has no room in a block is
given back, for the archive.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace

from agentcore.memory.edits import EditRefused, Rewrite, edited
from agentcore.memory.languages import STOP_WORDS
from agentcore.memory.terms import possible_terms, words_of
from agentcore.records import (
    SHARED_OWNER,
    Block,
    BlockEdit,
    BlockId,
    Drawer,
    EditActor,
    IdentityId,
    JoinedLine,
    Joining,
    LinkSide,
    Note,
    Origin,
    new_block_id,
    storable,
)

PERSONA = "persona"
KEPT_APART = frozenset({"public"})
"""Labels of blocks whose lines the person chose one by one: no model sees or rewrites them."""
_LONGER = 40
"""Characters by which a line may be longer than all that it was made of."""
_SMALL_WORDS = frozenset(word for words in STOP_WORDS.values() for word in words)
_DIGITS = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Joined:
    """What comes of it: blocks that the agent didn't have, edits in order, each computed from the
    one before, and what had no room.
    """

    blocks: tuple[Block, ...] = ()
    edits: tuple[BlockEdit, ...] = ()
    archived: tuple[Note, ...] = ()


OriginOf = Callable[[BlockId, str], Origin | None]
"""Where a line of a block came from; None for what its template says."""


def notes_of(drawer: Drawer, origin_of: OriginOf) -> tuple[Note, ...]:
    """A block's lines, with whose words they were."""
    block = drawer.block
    found: list[Note] = []
    for line in block.value.split("\n"):
        origin = origin_of(block.block_id, line)
        if line.strip() and origin is not None:
            facts = drawer.lines.get(line)
            found.append(Note(line, origin, None if facts is None else facts.author))
    return tuple(found)


def joined(joining: Joining, lines: Sequence[JoinedLine], origin_of: OriginOf) -> Joined:
    """The memory of the agent that stays, with what the other brings."""
    stays, goes = joining.stays, joining.goes
    if stays.agent_id is None or goes.agent_id is None:
        return Joined()
    ours = {drawer.block.label: drawer for drawer in stays.drawers}
    result = _Result()
    for drawer in goes.drawers:
        label, block = drawer.block.label, drawer.block
        if block.read_only or block.owner == SHARED_OWNER:
            continue  # nothing in it is the person's own
        if label == PERSONA:
            result.become(ours.get(label), drawer, stays, goes)
            continue
        held = ours.get(label)
        notes = notes_of(drawer, origin_of)
        if held is None and notes:
            new = replace(block, block_id=new_block_id(), owner=stays.agent_id, value="", version=1)
            result.blocks.append(new)
            held = Drawer(new)
        if held is not None:
            wanted = [each for each in lines if each.label == label]
            result.bring(held, drawer, notes, wanted)
    return Joined(tuple(result.blocks), tuple(result.edits), tuple(result.archived))


@dataclass
class _Result:
    blocks: list[Block] = field(default_factory=list)
    edits: list[BlockEdit] = field(default_factory=list)
    archived: list[Note] = field(default_factory=list)

    def become(self, held: Drawer | None, theirs: Drawer, stays: LinkSide, goes: LinkSide) -> None:
        """The other's persona, where only that one has become something of its own."""
        if held is None or stays.changed_persona or not goes.changed_persona:
            return
        block, value = held.block, theirs.block.value
        fits = len(value) <= block.limit and not block.read_only and block.owner != SHARED_OWNER
        if fits and value != block.value:
            untrusted = bool(theirs.foreign)
            origin = Origin.OTHER_PERSON if untrusted else Origin.AGENT
            self.edits.append(BlockEdit(block, value, EditActor.LINK, origin))

    def bring(
        self,
        held: Drawer,
        theirs: Drawer,
        notes: Sequence[Note],
        wanted: Sequence[JoinedLine],
    ) -> None:
        """Lines that say the same become one where the model said so; the others follow."""
        block = held.block
        known = {bare(line) for line in block.value.split("\n")}
        fresh = [each for each in _once(notes) if bare(each.text) not in known]
        if block.read_only or block.owner == SHARED_OWNER:
            self.archived += fresh
            return
        for each in wanted:
            left = {note.text: note for note in fresh}
            edit = _one_line(block, held, theirs, each, left)
            if edit is not None:
                self.edits.append(edit)
                block = _after(edit)
                fresh = [note for note in fresh if note.text not in each.theirs]
        self._append(block, fresh)

    def _append(self, block: Block, notes: Sequence[Note]) -> None:
        room = block.limit - len(block.value) - bool(block.value)
        kept: list[Note] = []
        for note in notes:
            size = len(note.text) + bool(kept)
            if size <= room:
                kept.append(note)
                room -= size
            else:
                self.archived.append(note)
        by_source: dict[tuple[Origin, IdentityId | None], list[str]] = {}
        for note in kept:
            by_source.setdefault((note.origin, note.author), []).append(note.text)
        for (origin, author), lines in by_source.items():
            after = "\n".join([*([block.value] if block.value else []), *lines])
            edit = BlockEdit(block, after, EditActor.LINK, origin, author=author)
            self.edits.append(edit)
            block = _after(edit)


def _one_line(
    block: Block,
    held: Drawer,
    theirs: Drawer,
    wanted: JoinedLine,
    left: Mapping[str, Note],
) -> BlockEdit | None:
    """The edit that a model asked for; None if it breaks a rule."""
    notes = [left[line] for line in wanted.theirs if line in left]
    if len(notes) != len(wanted.theirs) or not notes or not may_become(wanted):
        return None
    foreign = held.foreign | held.restored | theirs.foreign | theirs.restored
    if foreign & {*wanted.ours, *wanted.theirs} or block.label in KEPT_APART:
        return None
    try:
        after = edited(block, Rewrite(wanted.ours, (storable(wanted.line),)))
    except EditRefused:
        return None
    authors = {note.author for note in notes}
    author = authors.pop() if len(authors) == 1 else None
    return BlockEdit(block, after, EditActor.LINK, Origin.AGENT, author=author)


def may_become(wanted: JoinedLine) -> bool:
    """Whether the line is made of the lines that it takes the place of: of their words but for a
    third, with no number that they or their dates don't have, and with half of each one's words.
    """
    sources, line = (*wanted.ours, *wanted.theirs), wanted.line
    said = " ".join((*sources, *wanted.days))
    if len(sources) < 2 or not line.strip() or len(line.splitlines()) != 1:
        return False
    if len(line) > sum(map(len, sources)) + _LONGER:
        return False
    if set(_DIGITS.findall(line)) - set(_DIGITS.findall(said)):
        return False
    words = _words(line)
    known = possible_terms(said)
    new = [word for word in words if not possible_terms(word) & known]
    kept = possible_terms(line)
    told = all(_mostly_told(source, kept) for source in sources)
    return bool(words) and 3 * len(new) <= len(words) and told


def _mostly_told(source: str, kept: Set[str]) -> bool:
    words = _words(source)
    return 2 * sum(1 for word in words if possible_terms(word) & kept) >= len(words)


def _words(text: str) -> list[str]:
    """Those that mean something, each once."""
    return list(dict.fromkeys(word for word in words_of(text) if word not in _SMALL_WORDS))


def _after(edit: BlockEdit) -> Block:
    return replace(edit.block, value=edit.after, version=edit.block.version + 1)


def _once(notes: Sequence[Note]) -> Iterator[Note]:
    """Each line once."""
    seen: set[str] = set()
    for note in notes:
        if bare(note.text) not in seen:
            seen.add(bare(note.text))
            yield note


def bare(line: str) -> str:
    """A line by what it says: spaces and case don't matter."""
    return " ".join(line.split()).casefold()
