"""From what a sleep-time run read to its request, and from the model's answer to edits. Pure.

The model proposes; what is carried out is decided here, by the rules of edits and by these:
a line that the person took out isn't written again; one that they brought back, or that came with
words of others, isn't touched; what one member of a group said is never mixed with another's; and
no run takes out most of a block.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from agentcore.clock import Micros, as_datetime
from agentcore.loop.window import HIGH_WATER, beginning, estimate, estimate_text
from agentcore.memory.edits import EditRefused, Rewrite, edited, find_block
from agentcore.memory.languages import STOP_WORDS
from agentcore.memory.summary import ASSISTANT, PERSON
from agentcore.memory.terms import counted, words_of
from agentcore.memory.tidying import (
    TASK,
    UNDATED,
    Change,
    DatedLine,
    Heard,
    Notebook,
    ShownBlock,
    render_notebook,
)
from agentcore.model import ModelRequest, SystemPrompt, UserPrompt
from agentcore.records import (
    BlockEdit,
    Drawer,
    EditActor,
    IdentityId,
    LineFacts,
    Message,
    Origin,
    Role,
    SleepMaterial,
    Tidied,
    storable,
)
from agentcore.tools.base import changed

LONGEST_ANSWER = 4_096
SECONDS = 120.0
_SAID, _ANSWERED = 600, 150
"""Tokens that are read of what a person said, and of an answer to it."""
_FEW_LINES = 6
"""A block of no more may be rewritten as a whole."""
_MOST_REASON = 300
_SMALL_WORDS = frozenset(word for words in STOP_WORDS.values() for word in words)


@dataclass(frozen=True, slots=True)
class Reading:
    """What the model is asked, and the messages that it is shown."""

    request: ModelRequest
    messages: tuple[Message, ...]


def reading_of(
    material: SleepMaterial, *, window: int, zone: ZoneInfo, now: Micros
) -> Reading | None:
    """The request; of more messages than there is room for, the newest. None: nobody has said
    anything new, or the memory alone leaves no room.
    """
    today = as_datetime(now, zone).date().isoformat()
    blocks = tuple(_shown(drawer, zone) for drawer in material.drawers)
    bare = Notebook(today, blocks, ())
    system = SystemPrompt(TASK)
    room = int(window * HIGH_WATER) - estimate([system, UserPrompt(render_notebook(bare))])
    kept: list[tuple[Message, Heard]] = []
    for message in reversed([each for each in material.messages if each.text.strip()]):
        heard = _heard(message, zone)
        room -= estimate_text(f"{heard.number} {heard.when} {heard.who}:{heard.text}")
        room -= len(heard.text.splitlines())
        if room < 0:
            break
        kept.append((message, heard))
    kept.reverse()
    if not any(message.role is Role.USER for message, _ in kept):
        return None
    book = Notebook(today, blocks, tuple(heard for _, heard in kept))
    request = ModelRequest(
        prompt=(system, UserPrompt(render_notebook(book))),
        max_output=LONGEST_ANSWER,
        timeout=SECONDS,
        stable=0,
    )
    return Reading(request, tuple(message for message, _ in kept))


def _shown(drawer: Drawer, zone: ZoneInfo) -> ShownBlock:
    block = drawer.block
    lines = (
        DatedLine(_date(drawer.lines.get(line), zone), line.rstrip("\r"))
        for line in block.value.split("\n")
        if line not in drawer.foreign and len(line.splitlines()) == 1 and line.strip()
    )
    return ShownBlock(block.label, block.description, len(block.value), block.limit, tuple(lines))


def _date(facts: LineFacts | None, zone: ZoneInfo) -> str:
    if facts is None or facts.written_at is None:
        return UNDATED
    return as_datetime(facts.written_at, zone).date().isoformat()


def _heard(message: Message, zone: ZoneInfo) -> Heard:
    by_person = message.role is Role.USER
    shown = beginning(message.text, _SAID if by_person else _ANSWERED)
    text = shown if shown == message.text else f"{shown} […]"
    when = as_datetime(message.created_at, zone).strftime("%Y-%m-%dT%H:%M")
    speaker = None
    if message.meta is not None:
        when, speaker = message.meta.local_time, message.meta.speaker
    who = PERSON if by_person else ASSISTANT
    if by_person and speaker is not None:
        who = '"' + speaker.replace('"', "'") + '"'
    return Heard(message.seq, when, who, text)


class Refused(Exception):
    """The change would break a rule."""


class Tidying:
    """The changes of one run, each made on what the one before has left. `changes` and `refused`
    are what came of them.
    """

    def __init__(self, material: SleepMaterial, messages: Sequence[Message]) -> None:
        self._of_a_group = material.agent.owner_kind == "chat"
        self._removed = {_bare(line) for line in material.removed}
        self._messages = {each.seq: each for each in messages if each.role is Role.USER}
        self._drawers = {drawer.block.label: drawer for drawer in material.drawers}
        self._blocks = {label: drawer.block for label, drawer in self._drawers.items()}
        self._told = {
            label: {_bare(line): facts for line, facts in drawer.lines.items()}
            for label, drawer in self._drawers.items()
        }
        """What the history of each block tells of its lines."""
        self._fresh: dict[str, LineFacts] = {}
        """What is known of lines that this run has put in."""
        self.changes: list[Tidied] = []
        self.refused = 0

    def make(self, change: Change) -> None:
        """Make one change, or count it among the refused."""
        try:
            self._make(change)
        except (EditRefused, Refused):
            self.refused += 1

    def _make(self, change: Change) -> None:
        block = find_block(list(self._blocks.values()), change.block)
        drawer = self._drawers[change.block]
        put_in = tuple(storable(line) for line in change.put_in)
        after = edited(block, Rewrite(change.take_out, put_in))
        if after == block.value:
            return
        self._keep_rules(drawer, change)
        message = self._messages.get(change.message or 0)
        author = self._author(drawer, change, message)
        self._keep_most(drawer, after)
        led = message.seq if message is not None else self._behind(drawer, change)
        edit = BlockEdit(
            block, after, EditActor.SLEEP_TIME, Origin.AGENT, message=led, author=author
        )
        self._blocks[change.block] = changed(edit)
        known = LineFacts(author=author, message=led)
        self._fresh.update(dict.fromkeys(map(_bare, put_in), known))
        self.changes.append(Tidied(edit, storable(change.reason)[:_MOST_REASON]))

    def _behind(self, drawer: Drawer, change: Change) -> int | None:
        """The message behind the lines that go; of several, behind the newest."""
        found = (self._known(drawer, line).message for line in change.take_out)
        return max((seq for seq in found if seq is not None), default=None)

    def _known(self, drawer: Drawer, line: str) -> LineFacts:
        bare = _bare(line)
        return self._fresh.get(bare) or self._told[drawer.block.label].get(bare) or LineFacts()

    def _keep_rules(self, drawer: Drawer, change: Change) -> None:
        untouchable = {_bare(line) for line in drawer.foreign | drawer.restored}
        if untouchable & {_bare(line) for line in change.take_out}:
            raise Refused
        if self._removed & {_bare(line) for line in change.put_in}:
            raise Refused

    def _keep_most(self, drawer: Drawer, after: str) -> None:
        before = {_bare(line) for line in drawer.block.value.split("\n") if line.strip()}
        left = {_bare(line) for line in after.split("\n") if line.strip()}
        if len(before) > _FEW_LINES and 2 * len(left) < len(before):
            raise Refused

    def _author(self, drawer: Drawer, change: Change, message: Message | None) -> IdentityId | None:
        """Whose words the change goes back to. In a group they are one person's: when somebody is
        erased, their lines must be found, and nothing of theirs may stand in another's.
        """
        authors = {self._known(drawer, line).author for line in change.take_out} - {None}
        if message is not None and message.author is not None:
            authors.add(message.author)
        if not self._of_a_group:
            return next(iter(authors)) if len(authors) == 1 else None
        if len(authors) > 1 or (change.put_in and not authors):
            raise Refused
        author = next(iter(authors), None)
        if change.put_in and self._tells_of_others(drawer, change, author):
            raise Refused
        return author

    def _tells_of_others(self, drawer: Drawer, change: Change, author: IdentityId | None) -> bool:
        """Whether it has a word that somebody else said, and its author didn't."""
        own = _telling(*change.take_out)
        others: set[str] = set()
        for message in self._messages.values():
            said = own if message.author == author else others
            said |= _telling(message.text)
            if said is own and message.meta is not None:
                own |= _telling(message.meta.speaker or "")
        for text, facts in drawer.lines.items():
            if facts.author is not None:
                said = own if facts.author == author else others
                said |= _telling(text)
        return bool(_telling(*change.put_in) & (others - own))


def _telling(*texts: str) -> set[str]:
    """The words that say something, as they stand and by their stems. One that begins like a name
    counts, whatever it means in some language.
    """
    found: set[str] = set()
    for text in texts:
        words = [word for word in words_of(text) if word not in _SMALL_WORDS]
        words += words_of(" ".join(word for word in text.split() if word[:1].isupper()))
        found |= {*words, *counted(words)}
    return found


def _bare(line: str) -> str:
    return line.strip().casefold()
