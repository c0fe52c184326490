"""What belongs to something that is to be forgotten: what mentions it, and what repeats it. Pure."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from agentcore.memory.terms import possible_terms, query_terms
from agentcore.records import Part, ReasoningPart, ShownPart, TextPart, ToolCallPart, ToolReturnPart

SHORTEST_SAID = 12
"""Characters: a shorter line of a message tells nobody anything, and stands in many."""
SHORTEST_WITHIN = 6
"""Characters: a shorter line of memory is known again only where it stands alone."""
LONGEST = 80
"""Characters by which a line is known again; what quotes it may cut it."""
_MARKS = re.compile(r"^[\s\-*•·\u2013\u2014]+")


@dataclass(frozen=True, slots=True)
class Topic:
    """Words that say what something is about, each with the terms that it can have become; a text
    mentions it with at least so many of them.
    """

    words: tuple[tuple[str, ...], ...]
    least: int

    def is_in(self, text: str) -> bool:
        if not self.words:
            return False
        found = possible_terms(text)
        return sum(any(form in found for form in forms) for forms in self.words) >= self.least


def topic_of(words: str) -> Topic:
    """What a person names: half of their words."""
    found = query_terms(words)
    return Topic(found, -(-len(found) // 2))


def topic_of_line(line: str) -> Topic:
    """What a line of memory tells: two thirds of its words, since some of them are labels."""
    found = query_terms(line)
    return Topic(found, -(-2 * len(found) // 3))


def traces(lines: Iterable[str], said: Iterable[str]) -> frozenset[str]:
    """By what lines of memory, and what was said, are known again where something repeats them."""
    kept = (flat(_MARKS.sub("", line)) for line in lines)
    told = (flat(line) for text in said for line in text.splitlines())
    found = {line[:LONGEST] for line in kept if line}
    return frozenset(found | {line[:LONGEST] for line in told if len(line) >= SHORTEST_SAID})


def repeats(text: str, known: Collection[str]) -> bool:
    """Whether a text holds something of what is known by these traces."""
    whole = flat(text)
    if any(trace in whole for trace in known if len(trace) >= SHORTEST_WITHIN):
        return True
    short = {trace for trace in known if len(trace) < SHORTEST_WITHIN}
    return bool(short) and any(flat(_MARKS.sub("", line)) in short for line in text.splitlines())


def flat(text: str) -> str:
    """The text in one case, on one line."""
    return " ".join(text.split()).casefold()


def all_text(parts: Iterable[Part]) -> str:
    """Everything that stands in these parts, what calls were given included."""
    return "\n".join(text for part in parts for text in _texts(part))


def _texts(part: Part) -> Iterator[str]:
    match part:
        case TextPart(text=text) | ReasoningPart(text=text) | ToolReturnPart(text=text):
            yield text
        case ToolCallPart(call=call):
            yield call.arguments
            try:
                yield from _strings(json.loads(call.arguments))
            except (ValueError, RecursionError):  # as the model wrote it
                return
        case ShownPart():  # has no text
            return


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | dict):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _strings(each)


def without_lines(text: str, places: Collection[int]) -> str:
    """The text without the lines at these places, counted from 0."""
    lines = text.split("\n")
    return "\n".join(line for at, line in enumerate(lines) if at not in places)


def put_back(before: str, after: str, now: str) -> str:
    """The text as it is now with the lines that went when `before` became `after`: as it was, if
    nothing else has changed, else at its end. What somebody has written again isn't put twice.
    """
    if now == after:
        return before
    gone = Counter(before.split("\n")) - Counter(after.split("\n"))
    there = set(now.split("\n"))
    missing = [line for line in gone.elements() if line.strip() and line not in there]
    return "\n".join([*([now] if now else []), *missing])


def scrubbed(text: str, lines: Collection[str]) -> str:
    """The text without these lines, wherever they stand."""
    return "\n".join(line for line in text.split("\n") if line not in lines)
