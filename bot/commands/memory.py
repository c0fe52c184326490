"""`/memory`, `/why` and `/undo`: what the agent keeps in mind, how it came to, and taking a change
back.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

from agentcore.clock import DAY, Micros
from agentcore.memory.blame import LineOrigin, origin_of
from agentcore.memory.listing import MemoryLine, line_at, listing_of, memory_lines
from agentcore.records import (
    Block,
    BlockEdit,
    BlockId,
    EditActor,
    NoticeDraft,
    Origin,
    Revision,
)
from agentcore.store import GateScope, StepCommit
from bot.commands.base import AtGate, Command, Gate, InLine, Line, Reader
from bot.commands.choices import Becoming, changed_persona, template_name
from bot.commands.notes import note_of
from bot.commands.wording import changes, quoted, title

LISTING_HOLDS = Micros(DAY)
"""How long a number that was shown can be named."""


def _memory(gate: Gate) -> Sequence[NoticeDraft]:
    if gate.scope.incognito():
        return gate.answer("reply.incognito_not_now")
    lines = memory_lines(gate.scope.blocks())
    if not lines:
        return gate.answer("reply.memory_empty")
    gate.scope.keep_listing(listing_of(lines), until=Micros(gate.scope.now + LISTING_HOLDS))
    return gate.answer("reply.memory", {"blocks": _shown(lines, gate.reader())})


def _shown(lines: Sequence[MemoryLine], reader: Reader) -> str:
    blocks = groupby(lines, key=lambda line: line.block)
    return "\n\n".join(
        "\n".join([f"{title(block.label, reader)}:", *(_numbered(line) for line in group)])
        for block, group in blocks
    )


def _numbered(line: MemoryLine) -> str:
    mark = "-" if line.number is None else f"{line.number}."
    return f"{mark} {line.text.strip()}"


def _why(gate: Gate) -> Sequence[NoticeDraft]:
    """Where a line of the memory comes from."""
    if gate.scope.incognito():
        return gate.answer("reply.incognito_not_now")
    argument = gate.asked.argument.rstrip(".")
    if not (argument.isascii() and argument.isdigit()):
        line = _line_with(gate.asked.argument, memory_lines(gate.scope.blocks()))
        return gate.answer("reply.why_which") if line is None else _reasoned(gate, line)
    listing = gate.scope.listing()
    if listing is None:
        return gate.answer("reply.why_not_listed")
    # More digits than any listing has lines are no number of a line.
    number = int(argument[:9])
    if not 1 <= number <= len(listing.lines):
        return gate.answer("reply.why_no_such", {"number": argument, "last": len(listing.lines)})
    line = line_at(listing, number, gate.scope.blocks())
    if line is None:
        return gate.answer("reply.why_changed", {"number": number})
    return _reasoned(gate, line)


def _line_with(words: str, lines: Sequence[MemoryLine]) -> MemoryLine | None:
    """The line that reads so, or the only one that has the words in it."""
    sought = words.strip().casefold()
    if not sought:
        return None
    named = [line for line in lines if line.number is not None]
    exact = [line for line in named if line.text.strip().casefold() == sought]
    if exact:
        return exact[0]
    near = [line for line in named if sought in line.text.casefold()]
    return near[0] if len(near) == 1 else None


def _reasoned(gate: Gate, line: MemoryLine) -> Sequence[NoticeDraft]:
    origin = origin_of(line.at, _newest_first(gate.scope, line.block.block_id))
    reader = gate.reader()
    reason = _reason(origin, gate.scope, reader)
    return gate.answer("reply.why", {"line": quoted(line.text), "reason": reason})


def _newest_first(scope: GateScope, block_id: BlockId) -> Iterator[Revision]:
    """A block's history, read no further than it is asked for."""
    before: int | None = None
    while revisions := scope.revisions(block_id, before=before):
        yield from revisions
        before = revisions[-1].version


def _reason(origin: LineOrigin | None, scope: GateScope, reader: Reader) -> str:
    if origin is None:
        return reader.piece("reply.why_unknown")
    reason = _brought_in(origin.revision, scope, reader)
    if origin.restored is None:
        return reason
    back = reader.piece("reply.why_restored", {"date": reader.date(origin.restored.created_at)})
    return f"{reason} {back}"


_REASONS: Mapping[EditActor, str] = {
    EditActor.TOOL: "reply.why_noted",
    EditActor.TEMPLATE: "reply.why_template",
    EditActor.USER: "reply.why_yourself",
    EditActor.OPERATOR: "reply.why_operator",
    EditActor.API: "reply.why_api",
    EditActor.SLEEP_TIME: "reply.why_reflection",
}


def _brought_in(revision: Revision, scope: GateScope, reader: Reader) -> str:
    if revision.actor is EditActor.TOOL and revision.message is not None:
        said = scope.message(revision.message)
        if said is not None and said.text.strip():
            told = {"date": reader.date(said.created_at), "message": quoted(said.text)}
            return reader.piece("reply.why_told", told)
    key = _REASONS[revision.actor] if revision.template is None else "reply.why_persona"
    return reader.piece(key, {"date": reader.date(revision.created_at)})


async def _undo(line: Line) -> StepCommit:
    """Take back the newest edit that still stands."""
    if (await line.door.head(line.claim)).thread.ephemeral:
        return line.done("reply.incognito_not_now")
    blocks = {block.block_id: block for block in await line.door.blocks()}
    revision = newest_standing(await line.door.revisions(limit=200))
    if revision is None:
        return line.done("reply.nothing_to_undo")
    block = blocks[revision.block_id]
    shown_as = title(block.label, line.reader)
    if block.value != revision.after:
        return line.done("reply.undo_changed", None, {"title": shown_as})
    if revision.template is not None:
        return await _undo_persona(line, revision, list(blocks.values()))
    edit = BlockEdit(block, revision.before, EditActor.USER, Origin.OWNER, undoes=revision.version)
    told = await note_of(line, "The person took back your last edit.", [edit])
    return line.done(
        "reply.undone",
        StepCommit(edits=(edit,), messages=told),
        {"title": shown_as, "changes": changes(block.value, revision.before)},
    )


async def _undo_persona(line: Line, revision: Revision, blocks: Sequence[Block]) -> StepCommit:
    """Be again who the agent was, down to the text that it had come to."""
    name = template_name(revision.template or "")
    if name not in line.offers.templates:
        return line.done("reply.undo_persona_gone", None, {"name": name})
    head = await line.door.head(line.claim)
    become = Becoming(name, revision.before, undoes=revision.version)
    step = changed_persona(head, blocks, become, line.offers, line.clock.now())
    return line.done("reply.undone_persona", step, {"name": name})


def newest_standing(revisions: Sequence[Revision]) -> Revision | None:
    """The newest edit by the agent, or change of persona, that nobody has taken back."""
    undone = {(each.block_id, each.undoes) for each in revisions if each.undoes is not None}
    for each in revisions:
        taken_back = (each.block_id, each.version) in undone
        undoable = each.actor is EditActor.TOOL or each.template is not None
        if each.undoes is None and not taken_back and undoable:
            return each
    return None


COMMANDS: tuple[Command, ...] = (
    AtGate("memory", _memory),
    AtGate("why", _why),
    InLine("undo", _undo),
)
