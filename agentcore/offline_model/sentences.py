"""Text to clauses: the pieces that one pattern is matched against. English only."""

from __future__ import annotations

import re
from dataclasses import dataclass

MOST_TEXT = 4_000
"""Characters that are looked at: rules find nothing in an essay, and must not take long on one."""

_SENTENCE = re.compile(r"[^.!?\n]+(?:\.(?=\S)[^.!?\n]+)*[.!?]*")
_SHOWN = re.compile(
    r"\b(?:remember this|merk dir das):\s*\n\s*(?:\[The words of \"(?P<who>[^\"\n]*)\"\]\n)?"
    r"(?:> )?(?P<first>[^\n]+)",
    re.IGNORECASE,
)
"""What somebody wants kept, their own words or another's, in the lines below. German menus of
platforms ask in German.
"""
_ABBREVIATION = re.compile(r"\b(St|Mr|Mrs|Ms|Dr|Prof)\.(?=\s)")
_INNER_DOT = "\u2024"  # stands for a full stop that ends nothing
_REQUEST = re.compile(
    r"^(?:can|could|will|would) you (?:please )?(?=(?:remember that|note that|keep in mind)\b)",
    re.IGNORECASE,
)
_GREETING = re.compile(r"^\s*(?:hi|hello|hey|good (?:morning|afternoon|evening))\b", re.IGNORECASE)
_OPENING = re.compile(
    r"^(?:(?:hi there|hello there|hey there|hi|hello|hey|good (?:morning|afternoon|evening)|well|so|"
    r"ok|okay|yes|yeah|yep|no|nope|oh|ah|actually|btw|by the way|also|and|but|sorry|oops|wait|"
    r"anyway|fyi|just so you know|for the record|i mean|correction|nice to meet you|familiar)"
    r"(?:\b|$)[\s,!:;\u2013\u2014-]*)+",
    re.IGNORECASE,
)
_JOINT = re.compile(
    r"(?:\s*[,;]\s*|\s+)(?:and|but)\s+(?=(?:i|my|i'm|i've)\b)|[,;]\s+(?=(?:i|my|i'm|i've)\b)",
    re.IGNORECASE,
)
_SAME_SUBJECT = re.compile(
    r"\s*,?\s+and\s+(?=(?:live in|work (?:as|at|for|in)|study|like|love|hate|speak|play)\s)",
    re.IGNORECASE,
)
_CONTRACTIONS = (
    (re.compile(r"\bi'm\b", re.IGNORECASE), "I am"),
    (re.compile(r"\bi've\b", re.IGNORECASE), "I have"),
    (
        re.compile(r"\b(what|who|where|when|name|birthday|how|that)'s\b(?! name)", re.IGNORECASE),
        r"\1 is",
    ),
    (re.compile(r"\bdo not\b", re.IGNORECASE), "don't"),
    (re.compile(r"\bcannot\b", re.IGNORECASE), "can't"),
)


@dataclass(frozen=True, slots=True)
class Clause:
    """One statement, or one question with its question mark known."""

    text: str
    asks: bool
    greets: bool = False


def clauses_of(said: str) -> tuple[Clause, ...]:
    """The clauses of a message, with contractions spelt out and openings such as "well," gone."""
    text = said[:MOST_TEXT].replace("\u2019", "'").replace("\u2018", "'")
    text = _SHOWN.sub(_told, text)
    text = _ABBREVIATION.sub(rf"\1{_INNER_DOT}", text)
    found: list[Clause] = []
    greets = False
    for match in _SENTENCE.finditer(text):
        sentence = match[0].strip()
        request = _REQUEST.sub("", _bare(sentence))
        asks = request == _bare(sentence) and (sentence.endswith("?") or bool(_ASKS.match(request)))
        greets = greets or bool(_GREETING.match(sentence))
        pieces = (_bare(piece) for piece in _split(request.rstrip(".!? ")))
        found.extend(Clause(piece, asks, greets) for piece in pieces if piece)
    return tuple(found)


def _told(shown: re.Match[str]) -> str:
    whose = f"{shown['who']} said: " if shown["who"] else ""
    return f"remember this: {whose}{shown['first']}"


def either_spelling(pattern: str) -> str:
    """A pattern that also matches the other side of the Atlantic's spelling."""
    return re.sub("(favo|colo)u?r", r"\1u?r", pattern, flags=re.IGNORECASE)


_ASKS = re.compile(
    r"(?:what|who|where|when|why|how|which|whose|do you (?:know|remember)|can you|could you|"
    r"tell me (?:what|who|where|when|about))\b",
    re.IGNORECASE,
)


def _split(sentence: str) -> list[str]:
    pieces = []
    for piece in _JOINT.split(sentence):
        first, *rest = _SAME_SUBJECT.split(piece)
        pieces += [first, *(f"I {clause}" for clause in rest)]
    return pieces


def _bare(sentence: str) -> str:
    text = _OPENING.sub("", sentence.strip(), count=1).strip(" ,;:\u2013\u2014-\"'")
    for pattern, spelt in _CONTRACTIONS:
        text = pattern.sub(spelt, text)
    return " ".join(text.split()).replace(_INNER_DOT, ".")
