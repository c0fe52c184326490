"""`/memory` and `/why`: what the agent keeps in mind, and how it came to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby, takewhile

from agentcore.clock import Micros
from agentcore.memory.blame import LineOrigin, origin_of
from agentcore.memory.changes import brought_in, new_lines
from agentcore.memory.listing import MemoryLine, listing_of, memory_lines
from agentcore.memory.undoing import is_sharing, is_undoable
from agentcore.records import EditActor, NoticeArguments, NoticeDraft, Revision
from agentcore.store.gate import GateScope
from bot.commands.archive import NAMES, archive, mention
from bot.commands.base import AtGate, Command, Gate, InLine, Reader
from bot.commands.editing import edit, is_edit, with_forms
from bot.commands.history import newest_first, where_from
from bot.commands.naming import LISTING_HOLDS, Unclear, named_line, turn_named
from bot.commands.reasons import reason_of
from bot.commands.wording import MAX_CHANGED_LINES, platforms_named, quoted, title


def _memory(gate: Gate) -> Sequence[NoticeDraft]:
    if gate.scope.incognito():
        return gate.answer("reply.incognito_not_now")
    first, _, rest = gate.asked.argument.partition(" ")
    if first.casefold() in NAMES:
        return archive(gate, rest.strip())
    if first:
        return gate.answer("reply.memory_what", {"what": quoted(gate.asked.argument)})
    lines, reader = memory_lines(gate.scope.blocks()), gate.reader()
    also, archived = mention(gate, reader)
    if not lines:
        return gate.answer("reply.memory_empty", {"archive": also, **archived})
    gate.scope.keep_listing(listing_of(lines), until=Micros(gate.scope.now + LISTING_HOLDS))
    shown = {"blocks": f"{_shown(lines, reader)}{also}"}
    if not gate.scope.among_others():
        shown["forms"] = with_forms(lines)
    return gate.answer("reply.memory", {**shown, **archived, **_last_change(gate.scope)})


def _last_change(scope: GateScope) -> NoticeArguments:
    """The turn that made the newest edit of all, if `/undo` takes that back."""
    newest = [each for block in scope.blocks() for each in scope.revisions(block.block_id, limit=1)]
    last = max(newest, key=lambda each: each.created_at, default=None)
    if last is None or last.turn is None or not last.own or last.template is not None:
        return {}
    return {"undo": last.turn} if is_undoable(last) and not is_sharing(last.label, last) else {}


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
    scope = gate.scope
    turn = turn_named(gate.asked.argument)
    if turn is not None:
        return _why_turn(gate, turn)
    line = named_line(gate.asked.argument, gate.asked.name, scope.listing(), scope.blocks())
    if isinstance(line, Unclear):
        return gate.answer(line.key, line.arguments)
    origin, reader = where_from(scope, line), gate.reader()
    along = _came_along(line, scope, reader)
    known = not along or (origin is not None and origin.revision.actor is not EditActor.LINK)
    reasons = [_reason(origin, scope, reader)] if known else []
    reason = " ".join([*reasons, *along])
    return gate.answer("reply.why", {"line": quoted(line.text), "reason": reason})


def _came_along(line: MemoryLine, scope: GateScope, reader: Reader) -> Sequence[str]:
    """That a line came with another platform, if it did."""
    origin = origin_of(line.at, newest_first(scope, line.block.block_id))
    platforms = () if origin is None else scope.came_with(origin.revision)
    if origin is None or not platforms:
        return []
    date = reader.date(origin.revision.created_at)
    named = {"date": date, "platforms": platforms_named(platforms, reader)}
    return [reader.piece("reply.why_linked", named)]


def _why_turn(gate: Gate, turn: int) -> Sequence[NoticeDraft]:
    """What led to the edits of a turn, with the lines that they wrote."""
    reader, written, reasons = gate.reader(), list[str](), dict[str, None]()
    for revision in _edits_of(gate.scope, turn):
        after = revision.after.split("\n")
        lines = (after[at] for at in sorted(new_lines(revision.before, revision.after)))
        written += [quoted(line) for line in lines if line.strip()] or [
            f"✗ {quoted(line)}" for line in brought_in(revision.after, revision.before)
        ]
        said = None if revision.message is None else gate.scope.message(revision.message)
        why = gate.scope.sleep.reason(revision)
        several = _of_several(gate.scope)
        reasons[reason_of(revision, said, reader, why=why, of_several=several)] = None
    if not reasons:
        return gate.answer("reply.undo_already")
    shown = [f"“{line}”" for line in dict.fromkeys(written)][:MAX_CHANGED_LINES]
    return gate.answer("reply.why_turn", {"lines": "\n".join(shown), "reason": "\n".join(reasons)})


def _edits_of(scope: GateScope, turn: int) -> Iterator[Revision]:
    """A turn's edits, block by block, in the order in which they were made."""
    for block in scope.blocks():
        own = (each for each in newest_first(scope, block.block_id) if each.turn is not None)
        since = takewhile(lambda each: (each.turn or 0) >= turn, own)
        yield from reversed([each for each in since if each.turn == turn])


def _reason(origin: LineOrigin | None, scope: GateScope, reader: Reader) -> str:
    if origin is None:
        return reader.piece("reply.why_unknown")
    revision, message = origin.revision, origin.revision.message
    said = None if message is None else scope.message(message, revision.agent_id)
    why, several = scope.sleep.reason(revision), _of_several(scope)
    reason = reason_of(revision, said, reader, why=why, of_several=several)
    if origin.restored is None:
        return reason
    back = reader.piece("reply.why_restored", {"date": reader.date(origin.restored.created_at)})
    return f"{reason} {back}"


def _of_several(scope: GateScope) -> bool:
    """Whether several people tell this agent things."""
    return scope.agent().owner_kind == "chat"


def _only_shows(words: str) -> bool:
    return not is_edit(words)


COMMANDS: tuple[Command, ...] = (
    InLine("memory", edit, buttons="stay", look=_memory, shows=_only_shows),
    AtGate("why", _why, buttons="stay"),
)
