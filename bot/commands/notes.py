"""What the model is told of edits that a person's command made."""

from __future__ import annotations

from collections.abc import Sequence

from agentcore.loop.telling import shown_by
from agentcore.memory.frame import render_change
from agentcore.records import BlockEdit, NewMessage, Origin, Part, Role, TextPart, new_message_id
from agentcore.tools.base import changed
from bot.commands.base import Line


async def note_of(line: Line, text: str, edits: Sequence[BlockEdit] = ()) -> tuple[NewMessage, ...]:
    """A note with how the blocks read now; none for a thread that has no prompt yet."""
    head = await line.door.head(line.claim)
    if head.epoch is None:
        return ()
    shown = [
        f"The block now reads:\n{render_change(changed(edit), edit.block.value)}" for edit in edits
    ]
    said = TextPart("\n".join([text, *shown]), Origin.OWNER)
    parts: tuple[Part, ...] = (said, *shown_by(edits))
    return (NewMessage(new_message_id(), Role.NOTE, parts, line.clock.now()),)
