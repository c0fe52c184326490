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
    """The first thing that a person said with the terms in it and that isn't a question itself.

    `found` is the tool's return, `asked` the message that is being answered.
    """
    stems = [re.compile(rf"\b{re.escape(term[:5])}") for term in terms.casefold().split()]
    question = " ".join(asked.split())
    for line in found.split("\n"):
        shown = _SHOWN.fullmatch(line)
        if shown is None or shown["who"].casefold() in _OURS:
            continue
        text = shown["text"].strip()
        if not text.endswith("?") and text not in question and _has_most(stems, text.casefold()):
            return Hit(shown["date"], shown["who"], text[:LONGEST_QUOTE])
    return None


def _has_most(stems: list[re.Pattern[str]], text: str) -> bool:
    """Whether the text has both of two words, or all but one of more."""
    found = sum(1 for stem in stems if stem.search(text))
    return 0 < found >= (len(stems) - 1 if len(stems) > 2 else len(stems))
