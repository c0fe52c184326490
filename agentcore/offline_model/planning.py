"""What a message asks for, and the tool calls that it takes. Pure.

A turn has at most one step with tools: everything is called at once, and what comes back is
answered with text, so no turn can go round in circles.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from agentcore.offline_model.facts import Fact, facts_of, holds_secret
from agentcore.offline_model.questions import Question, question_of
from agentcore.offline_model.reading import Lines, Situation
from agentcore.offline_model.sentences import Clause, clauses_of

LABEL = "human"
_FORGET = re.compile(
    r"(?:please |can you |could you )*(?:forget|delete|erase|unlearn)\b.*", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class PlannedCall:
    """A tool call to make, and the facts that are kept once it has succeeded."""

    tool: str
    arguments: str
    facts: tuple[Fact, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """What a message holds.

    `known` are facts that the notes had already; `unsaved` those that no tool is there to keep.
    """

    calls: tuple[PlannedCall, ...] = ()
    known: tuple[Fact, ...] = ()
    unsaved: tuple[Fact, ...] = ()
    questions: tuple[Question, ...] = ()
    clauses: tuple[Clause, ...] = ()
    has_secret: bool = False
    wants_forgetting: bool = False


def plan_of(situation: Situation) -> Plan:
    """The plan for a turn, from what was known before it: the same in each of its steps."""
    clauses = clauses_of(situation.said)
    if any(_FORGET.fullmatch(clause.text) for clause in clauses):
        return Plan(clauses=clauses, wants_forgetting=True)
    facts = _newest(in_group(fact, situation.speaker) for fact in facts_of(clauses))
    held = {line.casefold() for line in situation.known}
    new = [fact for fact in facts if fact.line.casefold() not in held]
    known = tuple(fact for fact in facts if fact.line.casefold() in held)
    questions = tuple(q for clause in clauses if (q := question_of(clause)))
    calls, unsaved = _edits(new, situation)
    if situation.returns or (search := _search(questions, situation)) is None:
        searches: tuple[PlannedCall, ...] = ()
    else:
        searches = (search,)
    return Plan(
        calls=(*calls, *searches),
        known=known,
        unsaved=unsaved,
        questions=questions,
        clauses=clauses,
        has_secret=holds_secret(situation.said),
    )


def prefix_of(speaker: str | None) -> str:
    """How a line begins that is about one person of a group."""
    return f"{speaker}: " if speaker else ""


def in_group(fact: Fact, speaker: str | None) -> Fact:
    prefix = prefix_of(speaker)
    return Fact(prefix + fact.line, re.escape(prefix) + f"(?:{fact.replaces})")


def _newest(facts: Iterable[Fact]) -> list[Fact]:
    """The facts without those that a later one of the same message replaces."""
    kept: list[Fact] = []
    for fact in facts:
        kept = [old for old in kept if not gives_way(old.line, fact)]
        kept.append(fact)
    return kept


def gives_way(line: str, fact: Fact) -> bool:
    return re.fullmatch(fact.replaces, line, re.IGNORECASE) is not None


def _edits(
    facts: Sequence[Fact], situation: Situation
) -> tuple[tuple[PlannedCall, ...], tuple[Fact, ...]]:
    replaces: list[PlannedCall] = []
    inserted: list[Fact] = []
    taken: set[str] = set()
    for fact in facts:
        old = next((o for o in situation.known if o not in taken and gives_way(o, fact)), None)
        strings = None if old is None else _unique(old, fact.line, situation.known)
        if strings is None or old is None or "memory_replace" not in situation.tools:
            inserted.append(fact)
            continue
        taken.add(old)
        arguments = {"label": LABEL, "old_string": strings[0], "new_string": strings[1]}
        replaces.append(PlannedCall("memory_replace", _json(arguments), (fact,)))
    if not inserted:
        return tuple(replaces), ()
    if "memory_insert" not in situation.tools:
        return tuple(replaces), tuple(inserted)
    text = "\n".join(fact.line for fact in inserted)
    arguments = {"label": LABEL, "new_string": text}
    return (*replaces, PlannedCall("memory_insert", _json(arguments), tuple(inserted))), ()


def _unique(old: str, new: str, lines: Lines) -> tuple[str, str] | None:
    """The old and the new string of a replacement.

    They take in the line before or after where the old line's text alone stands in the block more
    than once. None if even that isn't enough.
    """
    value = "\n".join(lines)
    place = lines.index(old)
    before = "\n".join((*lines[max(place - 1, 0) : place], ""))
    after = "\n".join(("", *lines[place + 1 : place + 2]))
    for head, tail in (("", ""), (before, ""), ("", after), (before, after)):
        if value.count(head + old + tail) == 1:
            return head + old + tail, head + new + tail
    return None


def _search(questions: Sequence[Question], situation: Situation) -> PlannedCall | None:
    if "conversation_search" not in situation.tools:
        return None
    notes = (*situation.known, *situation.others)
    for question in questions:
        if question.terms and not question.found_in(notes):
            return PlannedCall(
                "conversation_search", _json({"query": question.terms, "roles": ["user"]})
            )
    return None


def _json(arguments: Mapping[str, object]) -> str:
    return json.dumps(arguments, ensure_ascii=False)
