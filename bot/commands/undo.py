"""`/undo`: taking back what the agent did to its memory, or the person by `/memory edit`, one change
after the other, however far back; or the change that a line came with (`/undo 3`), or that a turn made (`/undo #12`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Self

from agentcore.clock import Micros
from agentcore.memory.blame import LineOrigin, LineTrace
from agentcore.memory.listing import MemoryLine
from agentcore.memory.undoing import (
    Change,
    TakenBack,
    Walk,
    is_sharing,
    is_undoable,
    taken_back,
)
from agentcore.records import Block, BlockEdit, EditActor, Origin, RevisionMark, StepCommit
from agentcore.store.provenance import Provenance
from bot.commands.base import Command, InLine, Line
from bot.commands.choices import Becoming, changed_persona, template_name
from bot.commands.naming import Unclear, named_line, turn_named
from bot.commands.notes import note_of
from bot.commands.reasons import reason_of
from bot.commands.wording import MAX_CHANGED_LINES, changes, quoted, title

PAGE = 200
_TOLD = "The person took back what you had changed."
_TOLD_OWN = "The person took back a change that they had made to your memory themselves."


class StandingChanges:
    """The changes of an agent that stand, newest first, read as far as they are asked for. `since`:
    those made up to then are withheld; `withheld` tells whether there are any.
    """

    def __init__(
        self, provenance: Provenance, blocks: Sequence[Block], since: Micros | None = None
    ) -> None:
        self.withheld = False
        self._since = since
        self._provenance = provenance
        self._labels = {block.block_id: block.label for block in blocks}
        self._walk = Walk()
        self._page: list[RevisionMark] = []
        self._seen = 0
        self._at_end = False

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Change:
        while self._page or not self._at_end:
            while self._page:
                change = self._walk.past(self._page.pop())
                if change is not None:
                    return change
            if not self._at_end:
                await self._turn_page()
        last = self._walk.end()
        if last is None:
            raise StopAsyncIteration
        return last

    async def _turn_page(self) -> None:
        marks = await self._provenance.marks(limit=PAGE, offset=self._seen)
        self._seen += len(marks)
        page = [mark for mark in reversed(marks) if self._counts(mark)]
        self._page = [m for m in page if self._since is None or m.created_at > self._since]
        self.withheld = len(self._page) < len(page)
        self._at_end = self.withheld or not marks

    def _counts(self, mark: RevisionMark) -> bool:
        label = self._labels.get(mark.block_id)
        return label is not None and not is_sharing(label, mark)


async def _undo(line: Line) -> StepCommit:
    if (await line.door.head(line.claim)).thread.ephemeral:
        return line.done("reply.incognito_not_now")
    blocks = await line.blocks()
    # What is forgotten and may still come back must not come back in this way.
    since = await line.door.provenance.forgotten_at()
    standing = StandingChanges(line.door.provenance, blocks, since)
    asked = line.claim.first.text.strip()
    if not asked:
        return await _undo_newest(line, blocks, standing)
    turn = turn_named(asked)
    if turn is not None:
        return await _undo_turn(line, blocks, standing, turn)
    return await _undo_line(line, blocks, standing, asked)


async def _undo_newest(
    line: Line, blocks: Sequence[Block], standing: StandingChanges
) -> StepCommit:
    """The newest change of which anything can be taken back."""
    left: list[str] = []
    gone: str | None = None
    async for change in standing:
        if change.persona:
            step = await _undo_persona(line, change, blocks)
            if step is not None:
                return step
            gone = gone or _persona_before(change)
            continue
        taken = await _reversed(line, change, blocks)
        left += _standing_lines(taken)
        if not taken.changes_nothing:
            return await _undone(line, change, taken, left)
    if standing.withheld:
        return line.done("reply.undo_forgotten")
    if gone is not None:
        return line.done("reply.undo_persona_gone", None, {"name": gone})
    return _overwritten(line, left) if left else line.done("reply.nothing_to_undo")


async def _undo_turn(
    line: Line, blocks: Sequence[Block], standing: StandingChanges, turn: int
) -> StepCommit:
    """What one turn changed, whatever came later."""
    async for change in standing:
        if change.turn == turn and not change.persona:
            taken = await _reversed(line, change, blocks)
            left = _standing_lines(taken)
            if not taken.changes_nothing:
                return await _undone(line, change, taken, left)
            return _overwritten(line, left) if left else line.done("reply.undo_already")
    return line.done("reply.undo_forgotten" if standing.withheld else "reply.undo_already")


async def _undo_line(
    line: Line, blocks: Sequence[Block], standing: StandingChanges, words: str
) -> StepCommit:
    """The change that a line came with."""
    provenance = line.door.provenance
    named = named_line(words, "undo", await line.listing(), blocks)
    if isinstance(named, Unclear):
        return line.done(named.key, None, named.arguments)
    origin = await traced(provenance, named)
    if origin is None or not _may_be_undone(named, origin):
        return _not_undoable(line, named, origin)
    revision, later_persona = origin.revision, False
    async for change in standing:
        if not change.holds(revision.block_id, revision.version):
            later_persona = later_persona or change.persona
        elif not change.persona:
            taken = await _reversed(line, change, blocks)
            if taken.takes_out(named.block.block_id, named.text):
                return await _undone(line, change, taken, _standing_lines(taken))
            return _overwritten(line, _standing_lines(taken))
        elif not later_persona and (step := await _undo_persona(line, change, blocks)):
            return step
    withheld = line.done("reply.undo_forgotten") if standing.withheld else None
    return withheld or _overwritten(line, [named.text])


def _may_be_undone(line: MemoryLine, origin: LineOrigin) -> bool:
    """Whether the edit that a line came with is this agent's or this person's to take back."""
    edit = origin.revision
    return edit.own and is_undoable(edit) and not is_sharing(line.block.label, edit)


async def traced(provenance: Provenance, line: MemoryLine) -> LineOrigin | None:
    """Where a line came from; None if the history doesn't tell."""
    trace, before = LineTrace(line.at), None
    while revisions := await provenance.of_block(line.block.block_id, before=before):
        for revision in revisions:
            found = trace.follow(revision)
            if found is not None or trace.lost:
                return found
        before = revisions[-1].version
    return None


async def _reversed(line: Line, change: Change, blocks: Sequence[Block]) -> TakenBack:
    provenance = line.door.provenance
    revisions = await provenance.edits(change.marks)
    untrusted = await provenance.untrusted({mark.block_id for mark in change.marks})
    return taken_back(revisions, {block.block_id: block for block in blocks}, untrusted)


def _standing_lines(taken: TakenBack) -> list[str]:
    return list(dict.fromkeys(line for _, lines in taken.left for line in lines))


async def _undone(line: Line, change: Change, taken: TakenBack, left: Sequence[str]) -> StepCommit:
    changed = [(old, new) for old, new in taken.blocks.values() if old.value != new.value]
    shown = "\n\n".join(
        f"{title(old.label, line.reader)}:\n{changes(old.value, new.value)}" for old, new in changed
    )
    if left:
        shown = f"{shown}\n\n{line.reader.piece('reply.undo_left', {'lines': _listed(left)})}"
    net = [
        BlockEdit(replace(old, version=new.version - 1), new.value, EditActor.USER, Origin.OWNER)
        for old, new in changed
    ]
    told = await note_of(line, _TOLD_OWN if change.by_the_person else _TOLD, net)
    return line.done(
        "reply.undone", StepCommit(edits=taken.edits, messages=told), {"changes": shown}
    )


def _overwritten(line: Line, left: Sequence[str]) -> StepCommit:
    """Nothing was taken back, since all of it was written over."""
    if not left:
        return line.done("reply.undo_already")
    return line.done("reply.undo_changed", None, {"lines": _listed(left)})


def _listed(lines: Sequence[str]) -> str:
    shown = [f"• {quoted(line)}" for line in lines[:MAX_CHANGED_LINES]]
    return "\n".join([*shown, "…"] if len(lines) > len(shown) else shown)


def _not_undoable(line: Line, named: MemoryLine, origin: LineOrigin | None) -> StepCommit:
    reason = line.reader.piece("reply.why_unknown")
    if origin is not None:
        reason = reason_of(origin.revision, None, line.reader)
    return line.done("reply.undo_not_mine", None, {"line": quoted(named.text), "reason": reason})


async def _undo_persona(line: Line, change: Change, blocks: Sequence[Block]) -> StepCommit | None:
    """Be again who the agent was, down to the text that it had come to. None: that persona isn't
    offered any more.
    """
    name = _persona_before(change)
    if name not in line.offers.templates:
        return None
    taken = await _reversed(line, change, blocks)
    if not taken.edits:
        return None
    head, edit = await line.door.head(line.claim), taken.edits[0]
    become = Becoming(name, edit.after, undoes=edit.undoes)
    step = changed_persona(head, blocks, become, line.offers, line.clock.now())
    return line.done("reply.undone_persona", step, {"name": name})


def _persona_before(change: Change) -> str:
    return next(template_name(mark.template) for mark in change.marks if mark.template is not None)


COMMANDS: tuple[Command, ...] = (InLine("undo", _undo),)
