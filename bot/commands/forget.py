"""`/forget` and `/unforget`: what is to be gone, for good after ten minutes.

`/forget` only shows what belongs to a line, a topic, a passage, or to what was said last; nothing
is gone before `/forget yes`. Both run at the gate, so that no message of theirs waits behind a
model: what is forgotten reaches none any more.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from agentcore.clock import HOUR, Micros
from agentcore.memory.blame import origin_of
from agentcore.memory.changes import brought_in
from agentcore.memory.forgetting import (
    Topic,
    topic_of,
    topic_of_line,
    without_lines,
)
from agentcore.memory.listing import MemoryLine, line_at, listing_of, numbered_lines
from agentcore.records import (
    Block,
    BlockEdit,
    BlockId,
    EditActor,
    ExchangeRef,
    ForgetRef,
    Forgetting,
    ListedLine,
    Listing,
    Message,
    NoticeDraft,
    Origin,
    Passage,
    PassageId,
    PassageRef,
    Role,
)
from bot.commands.base import AtGate, Command, Gate, Reader
from bot.commands.history import newest_first
from bot.commands.naming import Unclear, is_number, line_that_reads, named_line, turn_named
from bot.commands.wording import quoted

OFFER_HOLDS = HOUR
"""How long what was shown can be confirmed."""
MOST_FOUND = 200
"""Messages that are looked at; who talks more about a thing asks again."""
MOST_SHOWN = 20
_CONFIRMED = re.compile(
    r"(?:yes|ja)[!.]?(?:\s+#(\d{1,9}))?((?:[\s,]+\d+)*)", re.ASCII | re.IGNORECASE
)
"""All that was shown, or some of it by its numbers; behind a `#` the number of the offer."""
_FORGOTTEN = (
    "The person had you forget something. It is gone from what you see and from what you can "
    "find. Don't guess what it was; if they tell you again, you may note it."
)
_TAKEN_BACK = "The person took back that they had you forget something: it is there again."


@dataclass
class _Found:
    """What belongs to what somebody named, in the order in which it is shown."""

    lines: list[MemoryLine] = field(default_factory=list)
    passages: list[Passage] = field(default_factory=list)
    exchanges: dict[ExchangeRef, None] = field(default_factory=dict)


def _forget(gate: Gate) -> Sequence[NoticeDraft]:
    if gate.scope.incognito():
        return gate.answer("reply.incognito_not_now")
    confirmed = _CONFIRMED.fullmatch(gate.asked.argument)
    if confirmed:
        numbers = [int(each[:9]) for each in re.findall(r"\d+", confirmed[2])]
        return _carry_out(gate, numbers, None if confirmed[1] is None else int(confirmed[1]))
    if is_number(gate.asked.argument):
        return _forget_line(gate)
    return _offer(gate, _named(gate, gate.asked.argument))


def _named(gate: Gate, words: str) -> _Found:
    """What the words stand for: nothing for what was said last, a passage's id, a line as it
    reads, or else a topic.
    """
    if not words:
        return _last(gate)
    if words.startswith("passage-"):
        passage = gate.scope.forgetting.passage(PassageId(words))
        return _Found(passages=[passage] if passage is not None else [])
    line = line_that_reads(words, numbered_lines(gate.scope.blocks()))
    return _about(gate, words) if line is None else _of_line(gate, line)


def _forget_line(gate: Gate) -> Sequence[NoticeDraft]:
    """A line by the number that it was shown under."""
    line = named_line(
        gate.asked.argument, gate.asked.name, gate.scope.listing(), gate.scope.blocks()
    )
    if isinstance(line, Unclear):
        return gate.answer(line.key, line.arguments)
    return _offer(gate, _of_line(gate, line))


def _of_line(gate: Gate, line: MemoryLine) -> _Found:
    """The line, where it was noted, and what else tells the same."""
    found = _Found(lines=[line])
    _add_origins(gate, found)
    _add_mentions(gate, found, topic_of_line(line.text), line.text)
    return found


def _about(gate: Gate, words: str) -> _Found:
    """Everything that mentions the topic, and what was noted when it was talked about."""
    topic = topic_of(words)
    lines = numbered_lines(gate.scope.blocks())
    found = _Found([line for line in lines if topic.is_in(line.text)])
    _add_origins(gate, found)
    _add_mentions(gate, found, topic, words)
    _add_noted(gate, found)
    return found


def _last(gate: Gate) -> _Found:
    """What was said last, and what was noted then."""
    found = _Found()
    ref = gate.scope.forgetting.last_exchange()
    if ref is not None:
        found.exchanges[ref] = None
        _add_noted(gate, found)
    return found


def _add_origins(gate: Gate, found: _Found) -> None:
    """The exchanges in which the lines were noted."""
    for line in found.lines:
        origin = origin_of(line.at, newest_first(gate.scope, line.block.block_id))
        if origin is None or origin.revision.message is None:
            continue
        ref = gate.scope.forgetting.exchange_of(origin.revision.message)
        if ref is not None:
            found.exchanges[ref] = None


def _add_mentions(gate: Gate, found: _Found, topic: Topic, words: str) -> None:
    """Exchanges and passages that mention it."""
    scope = gate.scope.forgetting
    turns = {ref.turn for ref in found.exchanges if ref.turn is not None}
    for message in scope.said_about(words, limit=MOST_FOUND):
        if message.turn not in turns and topic.is_in(message.text):
            found.exchanges[ExchangeRef(message.seq, message.turn)] = None
            if message.turn is not None:
                turns.add(message.turn)
    about = scope.passages_about(words, limit=MOST_SHOWN)
    found.passages += [each for each in about if topic.is_in(each.text)]


def _add_noted(gate: Gate, found: _Found) -> None:
    """Lines that were noted in the exchanges, in whatever words."""
    noted: defaultdict[BlockId, set[str]] = defaultdict(set)
    for edit in gate.scope.forgetting.edits_from(found.exchanges):
        noted[edit.block_id].update(brought_in(edit.before, edit.after))
    there = {(line.block.block_id, line.at) for line in found.lines}
    found.lines += [
        line
        for line in numbered_lines(gate.scope.blocks())
        if line.text in noted[line.block.block_id] and (line.block.block_id, line.at) not in there
    ]


def _offer(gate: Gate, found: _Found) -> Sequence[NoticeDraft]:
    """Show it under numbers; nothing is forgotten yet."""
    found.lines += _copies(found.lines, numbered_lines(gate.scope.blocks()))
    exchanges = sorted(found.exchanges, key=lambda ref: -ref.message)
    refs: list[ForgetRef] = [
        *listing_of(found.lines).lines,
        *(PassageRef(each.seq) for each in found.passages),
        *exchanges,
    ]
    if not refs:
        return gate.answer("reply.forget_nothing")
    offer = gate.scope.forgetting.offer(refs, until=Micros(gate.scope.now + OFFER_HOLDS))
    reader = gate.reader()
    shown = [
        *(reader.piece("reply.forget_line", {"text": quoted(line.text)}) for line in found.lines),
        *(
            reader.piece(
                "reply.forget_passage",
                {"date": reader.date(each.created_at), "text": quoted(each.text)},
            )
            for each in found.passages
        ),
        *(_exchange(gate, ref) for ref in exchanges[:MOST_SHOWN]),
    ]
    numbered = [f"{number}. {text}" for number, text in enumerate(shown, start=1)]
    if more := len(refs) - len(shown):
        numbered.append(reader.piece("reply.forget_more", {"more": more}))
    return gate.answer("reply.forget_found", {"found": "\n".join(numbered), "offer": offer})


def _copies(lines: Sequence[MemoryLine], among: Sequence[MemoryLine]) -> Sequence[MemoryLine]:
    """Lines elsewhere that read like these: what was shared with groups stands in two places."""
    there = {(line.block.block_id, line.at) for line in lines}
    texts = {line.text.strip() for line in lines}
    return [
        line
        for line in among
        if line.text.strip() in texts and (line.block.block_id, line.at) not in there
    ]


def _exchange(gate: Gate, ref: ExchangeRef) -> str:
    """What a person said in it, and where they said nothing, the agent."""
    messages = gate.scope.forgetting.exchange(ref)
    said = _words(messages, Role.USER) or _words(messages, Role.ASSISTANT)
    reader = gate.reader()
    date = reader.date(messages[0].created_at)
    return reader.piece("reply.forget_exchange", {"date": date, "text": quoted(said)})


def _words(messages: Iterable[Message], role: Role) -> str:
    return " / ".join(m.text for m in messages if m.role is role and m.text.strip())


def _carry_out(gate: Gate, numbers: Sequence[int], offer: int | None) -> Sequence[NoticeDraft]:
    """Forget what was shown: all of it, or what the numbers say. `offer`: what is confirmed must
    be this one.
    """
    scope = gate.scope.forgetting
    offered = scope.offered()
    if not offered.refs:
        return gate.answer("reply.forget_what")
    if offer not in {None, offered.number}:
        return gate.answer("reply.forget_changed")
    last = len(offered.refs)
    wrong = [number for number in numbers if not 1 <= number <= last]
    if wrong:
        return gate.answer("reply.line_no_such", {"number": wrong[0], "last": last})
    chosen = [offered.refs[number - 1] for number in dict.fromkeys(numbers)] or offered.refs
    edits = _edits([ref for ref in chosen if isinstance(ref, ListedLine)], gate.scope.blocks())
    done = None
    if edits is not None:
        exchanges = tuple(ref for ref in chosen if isinstance(ref, ExchangeRef))
        passages = tuple(ref for ref in chosen if isinstance(ref, PassageRef))
        done = scope.forget(Forgetting(edits, exchanges, passages, _FORGOTTEN))
    if done is None:
        return gate.answer("reply.forget_changed")
    counts = {
        "reply.forgotten_lines": sum(isinstance(ref, ListedLine) for ref in chosen),
        "reply.forgotten_exchanges": done.exchanges,
        "reply.forgotten_passages": done.passages,
    }
    reader = gate.reader()
    what, until = _counted(reader, counts), reader.time(done.until)
    return gate.answer("reply.forgotten", {"what": what, "until": until, "number": done.number})


def _edits(lines: Sequence[ListedLine], blocks: Sequence[Block]) -> tuple[BlockEdit, ...] | None:
    """The edits that take these lines out. None: one of them isn't there any more."""
    listing = Listing(tuple(lines))
    places: defaultdict[BlockId, set[int]] = defaultdict(set)
    for number in range(1, len(lines) + 1):
        line = line_at(listing, number, blocks)
        if line is None:
            return None
        places[line.block.block_id].add(line.at)
    return tuple(
        BlockEdit(
            block,
            without_lines(block.value, places[block.block_id]),
            EditActor.USER,
            Origin.OWNER,
        )
        for block in blocks
        if block.block_id in places
    )


def _counted(reader: Reader, counts: Mapping[str, int]) -> str:
    """How much of what; each kind that there is on a line of its own."""
    return "\n".join(
        f"• {reader.piece(key, {'count': count})}" for key, count in counts.items() if count
    )


def _unforget(gate: Gate) -> Sequence[NoticeDraft]:
    if gate.scope.among_others():  # what comes back may be what was said in private
        return gate.answer("reply.private_only")
    number = turn_named(gate.asked.argument)
    if gate.scope.forgetting.take_back(_TAKEN_BACK, number) is not None:
        return gate.answer("reply.unforgotten")
    return gate.answer("reply.nothing_to_unforget" if number is None else "reply.unforget_other")


COMMANDS: tuple[Command, ...] = (AtGate("forget", _forget), AtGate("unforget", _unforget))
