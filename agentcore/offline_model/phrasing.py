"""Notes, which are in the third person, as sentences to the person. Pure."""

from __future__ import annotations

import re

from agentcore.offline_model.facts import ASKED_TO_REMEMBER

_VERBS = {
    "lives": "live",
    "comes": "come",
    "works": "work",
    "studies": "study",
    "teaches": "teach",
    "speaks": "speak",
    "plays": "play",
    "likes": "like",
    "dislikes": "dislike",
    "prefers": "prefer",
    "has": "have",
    "is": "are",
    "born": "were born",
    "used": "used",
}
_KEY = re.compile(r"(?P<key>[^\W\d][\w' -]{0,40}): (?P<value>.+)")
_KIN_VERB = re.compile(
    r"(?P<key>[\w ]{2,40}?) (?P<rest>(?:lives in|works as|works at|works for|likes|loves|hates|studies|is from|is an?) .+)"
)
_THEIRS = re.compile(r"\b(?:my|their)\b")


def told(line: str) -> str:
    """A note as half a sentence without its full stop: `Lives in Lisbon.` → `you live in Lisbon`.

    What isn't in one of the forms that this model writes is quoted.
    """
    text = line.strip().removesuffix(".")
    if text.startswith(ASKED_TO_REMEMBER):
        return f'you asked me to remember this: "{text.removeprefix(ASKED_TO_REMEMBER)}"'
    first, _, rest = text.partition(" ")
    if rest and first.casefold() in _VERBS:
        return f"you {_VERBS[first.casefold()]} {_to_you(rest)}"
    if pair := _KEY.fullmatch(text):
        return _pair(pair["key"], pair["value"])
    if kin := _KIN_VERB.fullmatch(text):
        return f"your {_lower(kin['key'])} {_to_you(kin['rest'])}"
    return f'my notes say "{text}"'


def sentence(text: str) -> str:
    """With a capital at its start and a full stop at its end."""
    ended = text if text.endswith((".", "!", "?", '"')) else f"{text}."
    return ended[:1].upper() + ended[1:]


def listed(parts: list[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} and {parts[-1]}"


def _pair(key: str, value: str) -> str:
    if key.casefold() == "age":
        return f"you are {value}"
    if key.casefold().endswith("birthday") and value[:1].isalnum():
        return f"your {_lower(key)} is on {value}"
    is_plural = key.endswith("s") and not key.endswith(("ss", "us"))
    return f"your {_lower(key)} {'are' if is_plural else 'is'} {_to_you(value)}"


def _lower(key: str) -> str:
    return key[:1].lower() + key[1:]


def _to_you(text: str) -> str:
    return _THEIRS.sub("your", text)
