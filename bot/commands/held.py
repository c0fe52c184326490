"""`/keep` and `/drop`: the person's word on edits that the words of others led to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from agentcore.memory.changes import brought_in
from agentcore.records import (
    BlockEdit,
    HeldDecision,
    HeldEdit,
    Origin,
    StepCommit,
)
from agentcore.tools.arguments import Arguments
from agentcore.tools.base import WorkingBlocks
from agentcore.tools.memory_tools import memory_tool
from bot.commands.base import Command, InLine, Line
from bot.commands.naming import turn_named
from bot.commands.notes import note_of
from bot.commands.wording import quoted


async def _keep(line: Line) -> StepCommit:
    """Carry out what waits, as it was asked for, on the memory as it is now."""
    waiting = await _waiting(line)
    if not waiting:
        return line.done("reply.nothing_held")
    edits = _carried_out(waiting, WorkingBlocks(await line.blocks(), Origin.OWNER))
    decided: dict[int, HeldDecision] = {
        each.number: "kept" if each.number in edits else "dropped" for each in waiting
    }
    kept = list(edits.values())
    if not kept:
        return line.done("reply.kept_too_late", StepCommit(decided=decided))
    told = await note_of(line, "The person agreed to what you wanted to note.", kept)
    step = StepCommit(edits=tuple(kept), messages=told, decided=decided)
    return line.done("reply.kept", step, {"lines": _lines(kept)})


async def _waiting(line: Line) -> Sequence[HeldEdit]:
    """All edits that wait, or those of the turn that is named."""
    here = {block.block_id for block in await line.blocks()}
    waiting = [each for each in await line.door.held_edits() if each.block_id in here]
    turn = turn_named(line.claim.first.text)
    return waiting if turn is None else [each for each in waiting if each.turn == turn]


def _carried_out(waiting: Sequence[HeldEdit], blocks: WorkingBlocks) -> dict[int, BlockEdit]:
    """The edits by the number of what was held; what can't be done any more is left out."""
    edits: dict[int, BlockEdit] = {}
    for held in waiting:
        tool, label = memory_tool(held.tool), blocks.label_of(held.block_id)
        if tool is None or label is None:
            continue
        before = len(blocks.edits)
        operation = tool.operation(Arguments(held.arguments))
        blocks.edit(label, operation, tool=held.tool, arguments=held.arguments)
        if len(blocks.edits) > before:
            edits[held.number] = replace(blocks.edits[-1], message=held.message)
    return edits


async def _drop(line: Line) -> StepCommit:
    """Leave out what waits."""
    waiting = await _waiting(line)
    if not waiting:
        return line.done("reply.nothing_held")
    told = await note_of(line, "The person does not want that noted. Leave it out.")
    decided: dict[int, HeldDecision] = {each.number: "dropped" for each in waiting}
    return line.done("reply.dropped", StepCommit(messages=told, decided=decided))


def _lines(edits: Sequence[BlockEdit]) -> str:
    fresh = (line for edit in edits for line in brought_in(edit.block.value, edit.after))
    return "\n".join(f"• {quoted(line)}" for line in fresh)


COMMANDS: tuple[Command, ...] = (
    InLine("keep", _keep, hidden=True),
    InLine("drop", _drop, hidden=True),
)
