"""`/share` and `/unshare`: the one block of a person's own agent that groups may see, and that only
the person fills.
"""

from __future__ import annotations

from collections.abc import Sequence

from agentcore.clock import Micros
from agentcore.memory.listing import MemoryLine, listing_of, memory_lines
from agentcore.records import (
    AgentId,
    Block,
    BlockEdit,
    EditActor,
    NoticeDraft,
    Origin,
    StepCommit,
    new_block_id,
    storable,
)
from bot.commands.base import Command, Gate, InLine, Line
from bot.commands.naming import LISTING_HOLDS, Unclear, is_number, line_that_reads, named_line
from bot.commands.notes import note_of
from bot.commands.undo import traced
from bot.commands.wording import quoted

PUBLIC = "public"
LIMIT = 4_000
"""Characters: every answer in a group is asked for with all of it."""
_ABOUT = (
    "What the person lets others know about them: in groups, you see this block alone. Only they "
    "fill it, with /share, and empty it, with /unshare."
)
_SHARED = "The person shared this line with the groups that you are in."
_UNSHARED = "The person shares this line with groups no more."


def _look(gate: Gate) -> Sequence[NoticeDraft]:
    """What is public, under numbers for `/unshare`."""
    if gate.scope.incognito():
        return gate.answer("reply.incognito_not_now")
    lines = memory_lines([block for block in gate.scope.blocks() if block.label == PUBLIC])
    if not lines:
        return gate.answer("reply.share_nothing")
    until = Micros(gate.scope.now + LISTING_HOLDS)
    gate.scope.keep_listing(listing_of(lines), until=until)
    shown = "\n".join(f"{line.number}. {line.text.strip()}" for line in lines)
    return gate.answer("reply.share", {"lines": shown})


async def _share(line: Line) -> StepCommit:
    """Copy a line of the memory into the block, or put in what was written."""
    if (refused := await _not_here(line)) is not None:
        return refused
    blocks = await line.blocks()
    words = line.claim.first.text
    named = named_line(words, "share", await line.listing(), blocks)
    if isinstance(named, Unclear) and is_number(words):
        return line.done(named.key, None, named.arguments)
    text, origin = storable(words.strip()), Origin.OWNER
    # A line that only has the words in it may say more than the person wants to be known.
    if isinstance(named, MemoryLine) and (is_number(words) or line_that_reads(words, [named])):
        found = await traced(line.door.provenance, named)
        text = named.text.strip()
        origin = Origin.OWNER if found is None else found.revision.origin
    return await _put_in(line, blocks, text, origin)


async def _put_in(line: Line, blocks: Sequence[Block], text: str, origin: Origin) -> StepCommit:
    there = next((block for block in blocks if block.label == PUBLIC), None)
    block = there or _new_block(line.claim.agent_id)
    if text in block.value.split("\n"):
        return line.done("reply.share_already", None, {"line": quoted(text)})
    after = f"{block.value}\n{text}" if block.value else text
    if len(after) > block.limit:
        return line.done("reply.share_full", None, {"most": block.limit})
    edit = BlockEdit(block, after, EditActor.USER, origin)
    step = StepCommit(
        edits=(edit,),
        blocks=() if there is not None else (block,),
        messages=await note_of(line, _SHARED, [edit]),
    )
    return line.done("reply.shared", step, {"line": quoted(text)})


async def _unshare(line: Line) -> StepCommit:
    """Take a line out of the block; where it was copied from, it stays."""
    if (refused := await _not_here(line)) is not None:
        return refused
    blocks = await line.blocks()
    public = [block for block in blocks if block.label == PUBLIC]
    words, listing = line.claim.first.text, await line.listing()
    named = named_line(words, "unshare", listing, blocks if is_number(words) else public)
    if isinstance(named, Unclear):
        return line.done(named.key, None, named.arguments)
    lines = public[0].value.split("\n") if public else []
    at = named.at if named.block.label == PUBLIC else _place_of(named.text, lines)
    if at is None:
        return line.done("reply.unshare_not_public", None, {"line": quoted(named.text)})
    after = "\n".join([*lines[:at], *lines[at + 1 :]])
    edit = BlockEdit(public[0], after, EditActor.USER, Origin.OWNER)
    told = await note_of(line, _UNSHARED, [edit])
    step = StepCommit(edits=(edit,), messages=told)
    return line.done("reply.unshared", step, {"line": quoted(named.text)})


async def _not_here(line: Line) -> StepCommit | None:
    """The refusal, where a person isn't alone with an agent of their own that knows them."""
    head = await line.door.head(line.claim)
    if head.thread.ephemeral:
        return line.done("reply.incognito_not_now")
    return None if head.confidential else line.done("reply.private_only")


def _place_of(text: str, lines: Sequence[str]) -> int | None:
    return next((at for at, line in enumerate(lines) if line.strip() == text.strip()), None)


def _new_block(owner: AgentId) -> Block:
    return Block(new_block_id(), owner, PUBLIC, "", LIMIT, _ABOUT)


COMMANDS: tuple[Command, ...] = (
    InLine("share", _share, look=_look),
    InLine("unshare", _unshare, look=_look),
)
