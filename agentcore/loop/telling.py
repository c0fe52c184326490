"""Which versions of the blocks a conversation's model knows of, and the note of those it doesn't.

A block may be edited elsewhere: by another agent that holds it too, in another chat, by its
owner, by a background run. Whatever shows a block to the model says so in a `ShownPart`; what
no message in view has shown is told at the conversation's next turn.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from agentcore.clock import Micros
from agentcore.loop.prompt import AnyMessage
from agentcore.memory.frame import WHOLE_VALUE, render_change
from agentcore.records import (
    SHARED_OWNER,
    Block,
    BlockEdit,
    BlockId,
    NewMessage,
    Origin,
    Part,
    Revision,
    Role,
    ShownPart,
    TextPart,
    new_message_id,
)

LONGEST_NOTE = 4_000
"""Characters; where there is more to tell, a new head tells it for less."""

REVISIONS = 200
"""How many edits back a block is looked for as it was told; else it is shown whole."""

_CHANGED = "The memory block `{label}` was edited elsewhere. It now reads:\n{shown}"


def told(versions: Mapping[BlockId, int], messages: Iterable[AnyMessage]) -> Mapping[BlockId, int]:
    """The newest version of each block that the head (at these versions) or a message shows."""
    known = dict(versions)
    for message in messages:
        for part in message.parts:
            if isinstance(part, ShownPart):
                known[part.block_id] = max(part.version, known.get(part.block_id, 0))
    return known


def untold(blocks: Sequence[Block], known: Mapping[BlockId, int]) -> Sequence[Block]:
    """The blocks that read otherwise than the model was told."""
    return [block for block in blocks if known.get(block.block_id) != block.version]


def note_of(
    changed: Sequence[Block],
    known: Mapping[BlockId, int],
    revisions: Sequence[Revision],
    now: Micros,
) -> NewMessage | None:
    """How these blocks read now. None: it is too much for a note. `revisions` are the newest; of a
    block whose `known` version is older than they are, all is shown.
    """
    unheard = [each for each in revisions if each.version > known.get(each.block_id, 0)]
    before = {
        each.block_id: each.before
        for each in unheard
        if each.version - 1 == known.get(each.block_id)
    }
    untrusted = (each.origin for each in unheard if not each.origin.trusted)
    shown = [
        _CHANGED.format(
            label=block.label, shown=render_change(block, before.get(block.block_id, ""))
        )
        for block in changed
    ]
    text = "\n".join(shown)
    if len(text) > LONGEST_NOTE:
        return None
    # It is shown on the word of whoever let it in, but no more trusted for that.
    parts: list[Part] = [TextPart(text, next(untrusted, Origin.AGENT))]
    parts += [ShownPart(block.block_id, block.version) for block in changed]
    return NewMessage(new_message_id(), Role.NOTE, tuple(parts), now)


def shown_by(
    edits: Sequence[BlockEdit], known: Mapping[BlockId, int] | None = None
) -> tuple[ShownPart, ...]:
    """What a message shows that says how the blocks read after these edits.

    Of a long block it shows but what the edits changed: somebody else's edit, made since the
    version that is `known`, stays untold. Where that isn't known, a shared block's is taken for
    possible.
    """
    first: dict[BlockId, BlockEdit] = {}
    last: dict[BlockId, BlockEdit] = {}
    for edit in edits:
        first.setdefault(edit.block.block_id, edit)
        last[edit.block.block_id] = edit
    return tuple(
        ShownPart(block_id, edit.block.version + 1)
        for block_id, edit in last.items()
        if len(edit.after) <= WHOLE_VALUE or _was_known(first[block_id].block, known)
    )


def _was_known(block: Block, known: Mapping[BlockId, int] | None) -> bool:
    if known is None:
        return block.owner != SHARED_OWNER
    return known.get(block.block_id) == block.version
