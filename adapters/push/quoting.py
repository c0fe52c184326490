"""How words from outside are shown to an agent: what is said about them (whose they are, that they
are quoted) stands before them in square brackets; names in it are quoted on one line. Pure.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from adapters.base import InboundPart, Origin

YOUR_WORDS = "your words"
THEIR_OWN_WORDS = "their own words"
LONGEST_NAME = 64
LONGEST_LINE = 300
KNOWN_ALREADY = 300
"""Characters of a text quoted that the conversation holds anyway: enough to know it by."""

_UNSHOWN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})


def one_line(text: str, longest: int = LONGEST_NAME) -> str:
    """On one line, without control or direction marks, cut off."""
    shown = "".join(" " if unicodedata.category(each) in _UNSHOWN else each for each in text)
    return " ".join(shown.split())[:longest].rstrip()


def quoted(name: str) -> str:
    """A name from outside, so that it can't be taken for more."""
    return '"' + one_line(name).replace('"', "'") + '"'


def set_off(what: str, text: str) -> str:
    """Words that somebody refers to, below what they are."""
    return "\n".join((f"[{what}]", *(f"> {line}" for line in text.splitlines())))


def anothers_words(name: str) -> str:
    """Somebody else's, from outside."""
    return f"the words of {quoted(name)}"


def in_answer_to(whose: str, text: str, origin: Origin) -> InboundPart:
    """The words that a message answers. Of what was said before in the conversation, be it by the
    agent, as much as it takes to know it by.
    """
    if origin == "owner" and len(text) > KNOWN_ALREADY:
        text = text[:KNOWN_ALREADY].rstrip() + "…"
    return InboundPart(set_off(f"In answer to {whose}", text), origin)


def poll(question: str, options: Iterable[str]) -> str:
    """A poll in words."""
    lines = (f"- {one_line(each, LONGEST_LINE)}" for each in options)
    return "\n".join((f"[Poll: {one_line(question, LONGEST_LINE)}]", *lines))
