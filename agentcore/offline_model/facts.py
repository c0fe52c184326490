"""What is worth keeping: patterns of statements, as data, and the line that each one leaves.

A line says one fact about the person in the third person: `Name: Ada`, `Lives in Lisbon.`,
`Sister: Mia`. Of a subject that can only have one value, a new line replaces the old one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from agentcore.offline_model.sentences import Clause, either_spelling

LONGEST_VALUE = 160
LONGEST_STATEMENT = 400
ASKED_TO_REMEMBER = "Asked to remember: "

_KIN = (
    "mother|mom|mum|father|dad|sister|brother|son|daughter|wife|husband|partner|girlfriend|"
    "boyfriend|fiancée?|aunt|uncle|cousin|grandmother|grandma|grandfather|grandpa|niece|nephew|"
    "friend|best friend|boss|neighbou?r|dog|cat|puppy|kitten|parrot|rabbit|hamster|horse|fish|pet"
)
_KIN_WORD = re.compile(rf"(?:\w+ )?(?:{_KIN})", re.IGNORECASE)
_SECRET = re.compile(
    r"\b(?:password|passcode|passphrase|pin(?: code| number)?|cvv|iban|credit card|card number|"
    r"social security|ssn|api key|secret key)\b|(?:\d[ -]?){13,19}",
    re.IGNORECASE,
)
_TAIL = re.compile(
    r"\s*(?:,\s*not\b.*|,\s*(?:you know|by the way|btw|actually|thanks|please).*|"
    r"\s(?:now|nowadays|these days|at the moment|currently|too|again|instead|any ?more|as well|please))$",
    re.IGNORECASE,
)
_PLACE_TAIL = re.compile(
    r"\s+(?:with|because|but|where|which|since|last|this|yesterday|today|recently|for|about|after|"
    r"when|a few|two|some|so|on|next)\b.*$",
    re.IGNORECASE,
)
_MINE = re.compile(r"\bmy\b")
_POINTS = re.compile(
    r"(?:it|that|this|these|those|you|your|him|her|them|how|when|what|not)\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Fact:
    """A line to keep.

    An older line whose whole text `replaces` matches, ignoring case, is about the same and gives
    way.
    """

    line: str
    replaces: str


@dataclass(frozen=True, slots=True)
class _Rule:
    """`pattern` matches a whole clause; `line` and `replaces` are filled from its groups."""

    pattern: re.Pattern[str]
    line: str
    replaces: str = ""


def _rule(pattern: str, line: str, replaces: str = "") -> _Rule:
    return _Rule(re.compile(pattern, re.IGNORECASE), line, replaces)


_RULES = (
    _rule(
        r"(?:my name is|call me|you can call me|please call me|i am called|i go by)(?: now| actually)? (?P<Name>[^\d\W][\w'-]*(?: [^\d\W][\w'-]*){0,2})",
        "Name: {Name}",
        r"name: .*",
    ),
    _rule(
        r"i (?:now |currently )?(?:live|am living|am based|reside|am staying) (?:now )?in (?P<place>.+)",
        "Lives in {place}.",
        r"(?:used to live|lives) in .*",
    ),
    _rule(
        r"i (?:have )?(?:just |recently )?(?:moved|relocated)(?: from .+?)? to (?P<place>.+?)(?: from .+)?",
        "Lives in {place}.",
        r"(?:used to live|lives) in .*",
    ),
    _rule(
        r"i (?:don't|no longer) live in (?P<place>.+)",
        "Used to live in {place}.",
        r"lives in {place}\.",
    ),
    _rule(r"i (?:am|come) from (?P<place>.+)", "Comes from {place}.", r"comes from .*"),
    _rule(r"i was born in (?P<place>[^\d]+)", "Born in {place}.", r"born in .*"),
    _rule(r"i was born on (?P<x>.+)", "Birthday: {x}", r"birthday: .*"),
    _rule(
        r"i (?:am|turned|just turned) (?P<x>\d{1,3})(?: years old| years)?", "Age: {x}", r"age: .*"
    ),
    _rule(
        r"i (?:no longer work|don't work|stopped working) (?P<x>(?:as|at|for|in) .+)",
        "Used to work {x}.",
        r"works (?:.* )?{x}\.",
    ),
    _rule(
        r"i (?:now |currently )?(?:work|am working|am employed|started working|started to work|started) (?P<x>(?:as|at|for) .+)",
        "Works {x}.",
        r"(?:used to work|works) .*",
    ),
    _rule(r"i (?:now |currently )?work in (?P<x>.+)", "Works in {x}.", r"works in .*"),
    _rule(r"i (?:now |currently )?(?:study|am studying) (?P<x>.+)", "Studies {x}.", r"studies .*"),
    _rule(r"i teach (?P<x>.+)", "Teaches {x}.", r"teaches .*"),
    _rule(r"i speak (?P<x>.+)", "Speaks {x}.", r"speaks {x}\."),
    _rule(r"i play (?:the )?(?P<x>.+)", "Plays {x}.", r"plays {x}\."),
    _rule(r"i prefer (?P<taste>.+)", "Prefers {taste}.", r"prefers {taste}\."),
    _rule(
        r"i (?:really |absolutely |also |do |still )*(?:like|love|enjoy|adore|am a fan of|am into) (?P<taste>.+)",
        "Likes {taste}.",
        r"(?:dis)?likes {taste}\.",
    ),
    _rule(
        r"i (?:really |absolutely |also )*(?:hate|dislike|detest|can't stand|don't (?:really )?(?:like|enjoy|love)|no longer like) (?P<taste>.+)",
        "Dislikes {taste}.",
        r"(?:dis)?likes {taste}\.",
    ),
    _rule(
        r"i have (?:an?|one|two|three|four) (?P<key>[\w -]{2,30}?),? (?:called|named|whose name is|whose names are) (?P<x>.+)",
        "{Key}: {x}",
        r"{key}: .*",
    ),
    _rule(
        rf"i have (?P<x>(?:an?|one|two|three|four|five) (?:\w+ )?(?:{_KIN}|child|children|kids?)s?)",
        "Has {x}.",
        r"has {x}\.",
    ),
    _rule(
        r"(?:my|the name of my) (?P<key>[\w' -]{2,40}?)(?:'s name is| (?:is|are) (?:called|named))(?: now)? (?P<x>.+)",
        "{Key}: {x}",
        r"{key}: .*",
    ),
    _rule(r"the name of my (?P<key>[\w' -]{2,40}?) is (?P<x>.+)", "{Key}: {x}", r"{key}: .*"),
    _rule(
        rf"my (?P<key>(?:\w+ )?(?:{_KIN})) (?P<verb>lives in|works as|works at|works for|likes|loves|hates|studies|is from|is an?) (?P<x>.+)",
        "{Key} {verb} {x}.",
        r"{key} {verb} .*",
    ),
    _rule(r"my birthday is (?:on )?(?:the )?(?P<x>.+)", "Birthday: {x}", r"birthday: .*"),
    _rule(r"my (?P<key>[\w' -]{2,40}?) (?:is|are) (?:now )?(?P<x>.+)", "{Key}: {x}", r"{key}: .*"),
    _rule(
        r"i am (?P<x>(?:vegetarian|vegan|married|single|retired|left-handed|unemployed|self-employed))",
        "Is {x}.",
        r"is {x}\.",
    ),
    _rule(
        r"i am (?P<x>an? (?!bit\b|little\b|lot\b|mess\b|fool\b|idiot\b).+)", "Is {x}.", r"is {x}\."
    ),
)
_JUST_A_NAME = re.compile(r"i am (?P<name>[A-Z][a-z'-]+(?: [A-Z][a-z'-]+){0,2})", re.IGNORECASE)
_NOT_NAMES = frozenset(
    [
        "afraid",
        "alone",
        "american",
        "australian",
        "awake",
        "back",
        "bored",
        "brazilian",
        "british",
        "busy",
        "canadian",
        "chinese",
        "cold",
        "danish",
        "done",
        "dutch",
        "english",
        "excited",
        "fine",
        "french",
        "german",
        "glad",
        "good",
        "great",
        "greek",
        "happy",
        "here",
        "home",
        "hot",
        "hungry",
        "ill",
        "indian",
        "irish",
        "italian",
        "japanese",
        "late",
        "lost",
        "mad",
        "mexican",
        "norwegian",
        "ok",
        "okay",
        "online",
        "polish",
        "portuguese",
        "ready",
        "russian",
        "sad",
        "scottish",
        "sick",
        "sleepy",
        "sorry",
        "spanish",
        "sure",
        "swedish",
        "thirsty",
        "tired",
        "turkish",
        "ukrainian",
        "well",
    ]
)
_PASSING = frozenset(
    [
        "answer",
        "apologies",
        "apology",
        "bad",
        "battery",
        "brain",
        "car's",
        "battery",
        "computer",
        "computer's",
        "connection",
        "day",
        "evening",
        "eyes",
        "feet",
        "feelings",
        "flight",
        "food",
        "god",
        "goodness",
        "guess",
        "head",
        "heart",
        "idea",
        "internet",
        "life",
        "luck",
        "mind",
        "mistake",
        "mood",
        "morning",
        "night",
        "opinion",
        "order",
        "phone",
        "plan",
        "plans",
        "pleasure",
        "point",
        "problem",
        "question",
        "stomach",
        "thoughts",
        "throat",
        "train",
        "turn",
        "weekend",
        "week",
    ]
)
_STATES = re.compile(
    r"(?:\w+ing\b|not\b|in\b|at\b|on\b|so\b|too\b|very\b|really\b|here\b|there\b|gone\b|fine\b|ok\b|"
    r"okay\b|sick\b|ill\b|tired\b|happy\b|sad\b|dead\b|cute\b|great\b|good\b|bad\b|late\b|away\b|"
    r"old\b|the best\b|sleepy\b|hungry\b|nice\b)",
    re.IGNORECASE,
)
_ASKED = re.compile(
    r"(?:please )?(?:remember|don't forget|note|keep in mind|make a note|write down|save)"
    r"(?: that| this| down|:)*[:,]? (?P<x>(?!(?:that|this|it)$).+)",
    re.IGNORECASE,
)


def holds_secret(said: str) -> bool:
    """Whether a text seems to hold a password, a PIN or a card number, which is never kept."""
    return bool(_SECRET.search(said))


def facts_of(clauses: tuple[Clause, ...]) -> Iterator[Fact]:
    """The facts that statements hold, in their order; questions hold none."""
    for clause in clauses:
        if clause.asks or len(clause.text) > LONGEST_STATEMENT or holds_secret(clause.text):
            continue
        asked = _ASKED.fullmatch(clause.text)
        told = Clause(asked["x"], asks=False) if asked else clause
        fact = _fact(told)
        if fact is not None:
            yield fact
        elif asked:
            line = f"{ASKED_TO_REMEMBER}{_value(asked['x'])}"
            yield Fact(line, re.escape(line))


def _fact(clause: Clause) -> Fact | None:
    for rule in _RULES:
        match = rule.pattern.fullmatch(clause.text)
        if match is None:
            continue
        groups = {key: _valued(key, text) for key, text in match.groupdict().items()}
        if all(groups.values()) and not _is_passing(groups):
            return _filled(rule, groups)
        return None
    return _introduction(clause)


def _filled(rule: _Rule, groups: dict[str, str]) -> Fact:
    shown = dict(groups)
    if key := groups.get("key"):
        shown["Key"] = key[:1].upper() + key[1:]
    verbatim = {key: either_spelling(re.escape(text)) for key, text in groups.items()}
    return Fact(rule.line.format(**shown), rule.replaces.format(**verbatim))


def _introduction(clause: Clause) -> Fact | None:
    """A name from "I am Ada" if it is written like one, or comes with a greeting."""
    match = _JUST_A_NAME.fullmatch(clause.text)
    if match is None or match["name"].casefold().split()[0] in _NOT_NAMES:
        return None
    if match["name"][0].isupper() or clause.greets:
        return Fact(f"Name: {_capitalised(match['name'])}", r"name: .*")
    return None


def _valued(key: str, text: str) -> str:
    value = _value(text)
    match key:
        case "Name":
            return "" if value.casefold() in _NOT_NAMES else _capitalised(value)
        case "place":
            value = _PLACE_TAIL.sub("", value)
            return "" if _POINTS.match(value) else value[:1].upper() + value[1:]
        case "taste":
            return "" if _POINTS.match(value) else _MINE.sub("their", value)
        case "verb":
            return value.casefold()
        case _:
            return value


def _value(text: str) -> str:
    """A value as it is written down: short, on one line, without what trails off."""
    line = "".join(c if c.isprintable() else " " for c in text)
    line = " ".join(line.split()).strip(" .,;:!\"'")
    return _TAIL.sub("", line)[:LONGEST_VALUE].strip()


def _capitalised(name: str) -> str:
    return name if name != name.lower() else name.title()


def _is_passing(groups: dict[str, str]) -> bool:
    """Whether a "my … is …" tells of the moment, such as "my dog is tired"."""
    key = groups.get("key")
    if key is None:
        return False
    words = key.casefold().split()
    if words[-1] in _PASSING or key.casefold() in _PASSING:
        return True
    if groups.get("verb"):
        return False
    return bool(_STATES.match(groups["x"]))
