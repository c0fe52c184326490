"""A hit picked from what `conversation_search` returned, to be quoted with its date. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

LONGEST_QUOTE = 300
_SHOWN = re.compile(
    r"(?:>> | {3})(?P<date>\d{4}-\d\d-\d\d) \d\d:\d\d (?P<who>[^:\n]+): (?P<text>.+)"
)
_OURS = frozenset({"assistant", "tool", "system", "summary", "note"})


@dataclass(frozen=True, slots=True)
class Hit:
    """`who` is the speaker as the tool names them: `user`, or a name in a group."""

    date: str
    who: str
    text: str


def quoted_hit(found: str, terms: str, asked: str) -> Hit | None:
    """What a person said with most of the terms in it and that isn't a question itself; of several,
    what was said last.

    `found` is the tool's return, `asked` the message that is being answered.
    """
    stems = [re.compile(rf"\b{re.escape(term[:5])}") for term in terms.casefold().split()]
    question = " ".join(asked.split())
    best: tuple[int, str] = (0, "")
    hit: Hit | None = None
    for line in found.split("\n"):
        shown = _SHOWN.fullmatch(line)
        if shown is None or shown["who"].casefold() in _OURS:
            continue
        text = shown["text"].strip()
        held = sum(1 for stem in stems if stem.search(text.casefold()))
        if text.endswith("?") or text in question or not _are_most(held, len(stems)):
            continue
        if (held, shown["date"]) > best:
            best = (held, shown["date"])
            hit = Hit(shown["date"], shown["who"], text[:LONGEST_QUOTE])
    return hit


def _are_most(held: int, of: int) -> bool:
    """Whether they are both of two words, or all but one of more."""
    return 0 < held >= (of - 1 if of > 2 else of)
