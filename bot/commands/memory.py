"""`/memory` and `/undo`: what the agent keeps in mind, and taking a change back."""

from __future__ import annotations

from collections.abc import Sequence

from agentcore.memory.frame import numbered, render_change
from agentcore.records import (
    Block,
    BlockEdit,
    EditActor,
    NewMessage,
    NoticeDraft,
    Origin,
    Revision,
    Role,
    TextPart,
    new_message_id,
)
from agentcore.store import StepCommit
from agentcore.tools.base import changed
from bot.commands.base import AtGate, Command, Gate, InLine, Line


def _memory(gate: Gate) -> Sequence[NoticeDraft]:
    shown = _shown(gate.scope.blocks())
    if not shown:
        return gate.answer("reply.memory_empty")
    return gate.answer("reply.memory", {"blocks": shown})


def _shown(blocks: Sequence[Block]) -> str:
    return "\n\n".join(
        f"{block.label}:\n{numbered(block.value)}" for block in blocks if block.value.strip()
    )


async def _undo(line: Line) -> StepCommit:
    """Take back the newest edit that still stands."""
    blocks = {block.block_id: block for block in await line.door.blocks()}
    revision = _newest_standing(await line.door.revisions(limit=200))
    if revision is None:
        return line.done("reply.nothing_to_undo")
    block = blocks[revision.block_id]
    if block.value != revision.after:
        return line.done("reply.undo_changed")
    edit = BlockEdit(block, revision.before, EditActor.USER, Origin.OWNER, undoes=revision.version)
    key = "reply.undone" if revision.before else "reply.undone_empty"
    arguments = {"label": block.label, "value": numbered(revision.before)}
    told = await _told(line, edit)
    return line.done(key, StepCommit(edits=(edit,), messages=told), arguments)


def _newest_standing(revisions: Sequence[Revision]) -> Revision | None:
    """The newest edit by the agent that nobody has taken back."""
    undone = {(each.block_id, each.undoes) for each in revisions if each.undoes is not None}
    for each in revisions:
        taken_back = (each.block_id, each.version) in undone
        if each.undoes is None and not taken_back and each.actor is EditActor.TOOL:
            return each
    return None


async def _told(line: Line, edit: BlockEdit) -> tuple[NewMessage, ...]:
    """The note that tells the model of the change; a thread without a prompt needs none."""
    head = await line.door.head(line.claim)
    if head.epoch is None:
        return ()
    text = f"The person took back your last edit.\n{render_change(changed(edit), edit.block.value)}"
    part = TextPart(text, Origin.OWNER)
    return (NewMessage(new_message_id(), Role.NOTE, (part,), line.clock.now()),)


COMMANDS: tuple[Command, ...] = (AtGate("memory", _memory), InLine("undo", _undo))
