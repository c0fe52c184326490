"""Sleep-time by rules: what is there twice goes, what was said later replaces what it contradicts,
what is over goes, and facts that were missed are written down. Each reason says that it was a rule.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

from agentcore.memory.summary import PERSON
from agentcore.memory.tidying import (
    UNDATED,
    Change,
    DatedLine,
    Heard,
    ShownBlock,
    parse_notebook,
    render_changes,
)
from agentcore.model import ModelRequest
from agentcore.offline_model.facts import ASKED_TO_REMEMBER, Fact, facts_of
from agentcore.offline_model.planning import LABEL, gives_way, in_group
from agentcore.offline_model.sentences import clauses_of

BY_RULE = "(by rule, without a language model)"
TWICE = f"This was written twice {BY_RULE}."
LATER = f"Something newer was written later {BY_RULE}."
SAID_LATER = f"You said something newer {BY_RULE}."
OVER = f"Its day has passed {BY_RULE}."
MISSED = f"You said this, and it wasn't written down {BY_RULE}."

_FILLERS = frozenset({"a", "an", "the", "is", "are", "very", "really", "also", "too"})
_ONE_AT_A_TIME = re.compile(
    r"(?:[^:]{1,64}: )?(?:lives in |comes from |born in |works as |works (?:at|for) |works in |"
    r"name: |age: |birthday: |favou?rite [\w' -]{2,40}: )",
    re.IGNORECASE,
)
"""How a line begins of whose kind only one can be true."""
_UNTIL = re.compile(r"\b(?:until|till|through|ends on|valid to) (\d{4}-\d\d-\d\d)\b", re.IGNORECASE)


Words = tuple[str, ...]


@dataclass(slots=True)
class _Page:
    """The lines of a block as the changes so far have left them, with their dates."""

    label: str
    lines: list[DatedLine]
    changes: list[Change] = field(default_factory=list)

    def change(
        self,
        take_out: DatedLine | None,
        put_in: DatedLine | None,
        reason: str,
        message: int | None = None,
    ) -> None:
        gone = () if take_out is None else (take_out.text,)
        new = () if put_in is None else (put_in.text,)
        self.changes.append(Change(self.label, gone, new, message, reason))
        if take_out is not None:
            # The later of two that read the same is the one that goes.
            at = max(n for n, line in enumerate(self.lines) if line.text == take_out.text)
            self.lines[at : at + 1] = [] if put_in is None else [put_in]
        elif put_in is not None:
            self.lines.append(put_in)


def changes_of(request: ModelRequest) -> str:
    """The answer to a request for a tidy memory."""
    book = parse_notebook(request.prompt[-1].text)
    changes: list[Change] = []
    for block in book.blocks:
        page = _tidied(block, book.today)
        if block.label == LABEL:
            held = {_essence(line.text) for line in block.lines}
            for heard in book.heard:
                _write_down(page, heard, held, book.today)
        changes += page.changes
    return render_changes(changes)


def _tidied(block: ShownBlock, today: str) -> _Page:
    page = _Page(block.label, list(block.lines))
    for line in _doubles(page.lines):
        page.change(line, None, TWICE)
    for line in _contradicted(page.lines):
        page.change(line, None, LATER)
    for line in [line for line in page.lines if _is_over(line.text, today)]:
        page.change(line, None, OVER)
    return page


def _doubles(lines: Sequence[DatedLine]) -> Iterator[DatedLine]:
    """Lines that say in the same words what one before them says."""
    seen: set[Words] = set()
    for line in lines:
        words = _essence(line.text)
        if words in seen:
            yield line
        seen.add(words)


def _essence(text: str) -> Words:
    words = re.findall(r"[\w']+", text.casefold())
    return tuple(word for word in words if word not in _FILLERS) or (text,)


def _contradicted(lines: Sequence[DatedLine]) -> Iterator[DatedLine]:
    """Of lines about something that can only be one thing, all but the newest."""
    newest: dict[str, DatedLine] = {}
    for line in lines:
        if (match := _ONE_AT_A_TIME.match(line.text)) is None:
            continue
        subject = match[0].casefold()
        other = newest.get(subject)
        if other is None:
            newest[subject] = line
        elif _day(line) >= _day(other):
            yield other
            newest[subject] = line
        else:
            yield line


def _day(line: DatedLine) -> str:
    return "" if line.date == UNDATED else line.date


def _is_over(text: str, today: str) -> bool:
    days = [match[1] for match in _UNTIL.finditer(text)]
    return bool(days) and max(days) < today


def _write_down(page: _Page, heard: Heard, held: Collection[Words], today: str) -> None:
    """Facts of a message that no line held, in the place of what they contradict."""
    by_name = heard.who.startswith('"')
    if heard.who != PERSON and not by_name:
        return
    speaker = heard.who.strip('"') if by_name else None
    for fact in facts_of(clauses_of(heard.text)):
        told = in_group(fact, speaker)
        if _essence(told.line) not in held and not _is_over(told.line, today):
            _take_in(page, told, heard)


def _take_in(page: _Page, fact: Fact, heard: Heard) -> None:
    said = DatedLine(heard.when[:10], fact.line)
    if any(_essence(line.text) == _essence(fact.line) for line in page.lines):
        return
    old = next((line for line in page.lines if gives_way(line.text, fact)), None)
    if old is None:
        page.change(None, said, MISSED, heard.number)
    elif _day(old) < said.date and not old.text.startswith(ASKED_TO_REMEMBER):
        # A line of the same day may have been written after this was said.
        page.change(old, said, SAID_LATER, heard.number)
