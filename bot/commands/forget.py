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
    Exchange,
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
from bot.commands.history import came_as, reads_like, where_from
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
    exchanges: dict[ExchangeRef, Micros] = field(default_factory=dict)

    def add(self, exchange: Exchange | None) -> None:
        if exchange is not None:
            self.exchanges[exchange.ref] = exchange.at


@dataclass(frozen=True, slots=True)
class _Memory:
    """The lines that can be taken out: of the agent's memory, and of what it has absorbed."""

    blocks: Sequence[Block]
    own: Sequence[MemoryLine]
    absorbed: Sequence[MemoryLine]

    @property
    def lines(self) -> Sequence[MemoryLine]:
        return [*self.own, *self.absorbed]


def _forget(gate: Gate) -> Sequence[NoticeDraft]:
    if gate.scope.incognito():
        return gate.answer("reply.incognito_not_now")
    confirmed = _CONFIRMED.fullmatch(gate.asked.argument)
    if confirmed:
        numbers = [int(each[:9]) for each in re.findall(r"\d+", confirmed[2])]
        return _carry_out(gate, numbers, None if confirmed[1] is None else int(confirmed[1]))
    blocks = gate.scope.blocks()
    memory = _Memory(blocks, numbered_lines(blocks), numbered_lines(gate.scope.absorbed()))
    if is_number(gate.asked.argument):
        return _forget_line(gate, memory)
    return _offer(gate, memory, _named(gate, memory, gate.asked.argument))


def _named(gate: Gate, memory: _Memory, words: str) -> _Found:
    """What the words stand for: nothing for what was said last, a passage's id, a line as it
    reads, or else a topic.
    """
    if not words:
        return _last(gate, memory)
    if words.startswith("passage-"):
        passage = gate.scope.forgetting.passage(PassageId(words))
        return _Found(passages=[passage] if passage is not None else [])
    line = line_that_reads(words, memory.own)
    return _about(gate, memory, words) if line is None else _of_line(gate, memory, line)


def _forget_line(gate: Gate, memory: _Memory) -> Sequence[NoticeDraft]:
    """A line by the number that it was shown under."""
    line = named_line(gate.asked.argument, gate.asked.name, gate.scope.listing(), memory.blocks)
    if isinstance(line, Unclear):
        return gate.answer(line.key, line.arguments)
    return _offer(gate, memory, _of_line(gate, memory, line))


def _of_line(gate: Gate, memory: _Memory, line: MemoryLine) -> _Found:
    """The line, where it was noted, and what else tells the same."""
    topic = topic_of_line(line.text)
    found = _Found(lines=[line])
    earlier = came_as(gate.scope, line)  # it may have been put in other words when it came here
    found.lines += [
        each
        for each in memory.absorbed
        if topic.is_in(each.text) or any(reads_like(each, other) for other in earlier)
    ]
    _add_origins(gate, found)
    _add_mentions(gate, found, topic, line.text)
    return found


def _about(gate: Gate, memory: _Memory, words: str) -> _Found:
    """Everything that mentions the topic, and what was noted when it was talked about."""
    topic = topic_of(words)
    found = _Found([line for line in memory.lines if topic.is_in(line.text)])
    _add_origins(gate, found)
    _add_mentions(gate, found, topic, words)
    _add_noted(gate, memory, found)
    return found


def _last(gate: Gate, memory: _Memory) -> _Found:
    """What was said last, and what was noted then."""
    found = _Found()
    found.add(gate.scope.forgetting.last_exchange())
    _add_noted(gate, memory, found)
    return found


def _add_origins(gate: Gate, found: _Found) -> None:
    """The exchanges in which the lines were noted."""
    for line in found.lines:
        origin = where_from(gate.scope, line)
        if origin is None:
            continue
        message, whose = origin.revision.message, origin.revision.agent_id
        if message is not None and whose is not None:
            found.add(gate.scope.forgetting.exchange_of(message, whose))


def _add_mentions(gate: Gate, found: _Found, topic: Topic, words: str) -> None:
    """Exchanges and passages that mention it."""
    scope = gate.scope.forgetting
    turns = {(ref.agent_id, ref.turn) for ref in found.exchanges if ref.turn is not None}
    for hit in scope.said_about(words, limit=MOST_FOUND):
        message = hit.message
        ref = ExchangeRef(message.seq, message.turn, hit.agent_id)
        if (ref.agent_id, ref.turn) not in turns and topic.is_in(message.text):
            found.add(Exchange(ref, message.created_at))
            if ref.turn is not None:
                turns.add((ref.agent_id, ref.turn))
    about = scope.passages_about(words, limit=MOST_SHOWN)
    found.passages += [each for each in about if topic.is_in(each.text)]


def _add_noted(gate: Gate, memory: _Memory, found: _Found) -> None:
    """Lines that were noted in the exchanges, in whatever words."""
    noted: defaultdict[BlockId, set[str]] = defaultdict(set)
    for edit in gate.scope.forgetting.edits_from(found.exchanges):
        noted[edit.block_id].update(brought_in(edit.before, edit.after))
    there = {(line.block.block_id, line.at) for line in found.lines}
    found.lines += [
        line
        for line in memory.lines
        if line.text in noted[line.block.block_id] and (line.block.block_id, line.at) not in there
    ]


def _offer(gate: Gate, memory: _Memory, found: _Found) -> Sequence[NoticeDraft]:
    """Show it under numbers; nothing is forgotten yet."""
    mine = {line.block.block_id for line in memory.own}
    own = [line for line in found.lines if line.block.block_id in mine]
    own += _copies(own, memory.own)
    lines = _once(own, found.lines)
    exchanges = sorted(
        found.exchanges, key=lambda ref: (found.exchanges[ref], ref.message), reverse=True
    )
    refs: list[ForgetRef] = [
        *listing_of(lines).lines,
        *(PassageRef(each.seq, each.agent_id) for each in found.passages),
        *exchanges,
    ]
    if not refs:
        return gate.answer("reply.forget_nothing")
    offer = gate.scope.forgetting.offer(refs, until=Micros(gate.scope.now + OFFER_HOLDS))
    reader = gate.reader()
    shown = [
        *(
            reader.piece(
                "reply.forget_line" if line in own else "reply.forget_line_absorbed",
                {"text": quoted(line.text)},
            )
            for line in lines
        ),
        *(
            reader.piece(
                "reply.forget_passage",
                {"date": reader.date(each.created_at), "text": quoted(each.text)},
            )
            for each in found.passages
        ),
        *(_exchange(gate, reader, ref) for ref in exchanges[:MOST_SHOWN]),
    ]
    numbered = [f"{number}. {text}" for number, text in enumerate(shown, start=1)]
    if more := len(refs) - len(shown):
        numbered.append(reader.piece("reply.forget_more", {"more": more}))
    return gate.answer("reply.forget_found", {"found": "\n".join(numbered), "offer": offer})


def _once(own: Sequence[MemoryLine], among: Iterable[MemoryLine]) -> Sequence[MemoryLine]:
    """The agent's own lines, and of those that it has absorbed what reads otherwise: what reads the
    same goes along.
    """
    lines = list(own)
    for line in among:
        if not any(reads_like(line, each) for each in lines):
            lines.append(line)
    return lines


def _copies(lines: Sequence[MemoryLine], among: Sequence[MemoryLine]) -> Sequence[MemoryLine]:
    """Lines elsewhere that read like these: what was shared with groups stands in two places."""
    there = {(line.block.block_id, line.at) for line in lines}
    texts = {line.text.strip() for line in lines}
    return [
        line
        for line in among
        if line.text.strip() in texts and (line.block.block_id, line.at) not in there
    ]


def _exchange(gate: Gate, reader: Reader, ref: ExchangeRef) -> str:
    """What a person said in it, and where they said nothing, the agent."""
    messages = gate.scope.forgetting.exchange(ref)
    said = _words(messages, Role.USER) or _words(messages, Role.ASSISTANT)
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
    lines = [ref for ref in chosen if isinstance(ref, ListedLine)]
    edits = _edits(lines, gate.scope.blocks(), gate.scope.absorbed())
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


def _edits(
    listed: Sequence[ListedLine], own: Sequence[Block], absorbed: Sequence[Block]
) -> tuple[BlockEdit, ...] | None:
    """The edits that take these lines out, and what reads the same in the memory of absorbed agents:
    else it would be back once they part. None: one of them isn't there any more.
    """
    listing, blocks = Listing(tuple(listed)), [*own, *absorbed]
    lines: list[MemoryLine] = []
    for number in range(1, len(listed) + 1):
        line = line_at(listing, number, blocks)
        if line is None:
            return None
        lines.append(line)
    there = numbered_lines(absorbed)
    lines += [each for each in there if any(reads_like(each, line) for line in lines)]
    places: defaultdict[BlockId, set[int]] = defaultdict(set)
    for line in lines:
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


COMMANDS: tuple[Command, ...] = (
    AtGate("forget", _forget, wakes="turns"),
    AtGate("unforget", _unforget, wakes="turns"),
)
