"""What is asked: patterns of questions, as data, and where in the notes their answers stand."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from agentcore.memory.terms import STOP_WORDS
from agentcore.offline_model.reading import Lines
from agentcore.offline_model.sentences import Clause, either_spelling

QuestionKind = Literal["everything", "notes", "itself", "past", "unknown"]


@dataclass(frozen=True, slots=True)
class Question:
    """One question.

    `lines` matches the notes that answer it, best pattern first; `terms` are the words to search
    the conversation for if none does.
    """

    kind: QuestionKind
    text: str
    lines: tuple[re.Pattern[str], ...] = ()
    terms: str = ""

    def found_in(self, notes: Lines) -> Lines:
        """The notes that answer it: all that the first pattern with any match finds."""
        for pattern in self.lines:
            hits = tuple(line for line in notes if pattern.search(line))
            if hits:
                return hits
        return ()


def _lines(*patterns: str) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(pattern, re.IGNORECASE) for pattern in patterns)


def _asked(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


_LEAD = _asked(
    r"^(?:please )?(?:do you (?:know|remember|recall)|can you (?:tell me|remember|recall)|"
    r"could you tell me|tell me|remind me|any idea|you know)(?: again)? "
)
_EVERYTHING = _asked(
    r"(?:who am i|who i am|(?:tell me )?(?:everything |all )?about me|"
    r"(?:tell me )?(?:what|how much)(?: all| else)? (?:do )?you (?:know|remember|have (?:saved|noted|learned))"
    r"(?: about me| of me)?(?: so far)?|what have you (?:saved|noted|learned|remembered)(?: about me)?|"
    r"what is in your (?:memory|notes)|show me your notes)(?: now)?"
)
_ITSELF = _asked(
    r"(?:who|what) (?:are you|exactly are you|you are)|what is your name|"
    r"are you (?:an? )?(?:ai|bot|robot|human|real|person|model|language model|llm|machine|chatgpt|gpt|offline)\b.*|"
    r"(?:how do you work|what can you do|what do you do|which model are you|what model (?:are you|is this))"
)
_FIELDS = (
    (
        _asked(r"what (?:is my name|my name is|am i called)|(?:my|what is my) name"),
        _lines(r"^name\b"),
    ),
    (
        _asked(
            r"where (?:do |am |did )?i (?:now |currently )?(?:live|living|based|move to|moved to)(?: now)?|"
            r"(?:what|which) (?:city|town|country|place) (?:do |am )?i (?:live|living)(?: in)?|where is my home"
        ),
        _lines(
            r"^lives in\b", r"\b(?:lives? in|living in|moved to|based in)\b", r"^used to live\b"
        ),
    ),
    (
        _asked(r"where (?:am |do )?i (?:come )?(?:am )?from|where was i born"),
        _lines(r"^(?:comes from|born in)\b", r"\b(?:from|born)\b"),
    ),
    (
        _asked(
            r"what (?:do )?i do(?: for (?:a living|work))?(?: again)?|where (?:do )?i work|"
            r"what (?:do )?i work (?:as|in|on)|what is my (?:job|profession|work|occupation)|my job|"
            r"(?:what|who) (?:do )?i work (?:for|at)|who is my employer"
        ),
        _lines(
            r"^(?:works|teaches)\b",
            r"\b(?:works?|job|profession|employer)\b",
            r"^(?:studies|is an?)\b",
        ),
    ),
    (_asked(r"(?:what|where) (?:do )?i study"), _lines(r"^studies\b", r"\bstud(?:y|ies)\b")),
    (
        _asked(
            r"what (?:things )?(?:do )?i (?:like|love|enjoy)(?: .*)?|what are my (?:hobbies|interests|likes)"
        ),
        _lines(
            r"^(?:likes|prefers|plays|favou?rite|hobb)",
            r"\b(?:likes?|loves?|enjoys?)\b",
            r"^dislikes",
        ),
    ),
    (
        _asked(
            r"what (?:do |don't )?i (?:hate|dislike|not like|don't like|like)(?: .*)?|what are my dislikes"
        ),
        _lines(r"^(?:dislikes|hates)\b", r"\b(?:dislikes?|hates?)\b"),
    ),
    (
        _asked(r"when (?:is my birthday|my birthday is|was i born|i was born)|my birthday"),
        _lines(r"birthday|\bborn on\b"),
    ),
    (_asked(r"how old (?:am i|i am)|(?:what is )?my age"), _lines(r"^age\b", r"\byears old\b")),
    (_asked(r"(?:what|which) languages? (?:do )?i speak"), _lines(r"^speaks\b", r"\bspeaks?\b")),
)
_MY = _asked(
    r"(?:(?:what|who|when|where|which|how old) (?:is|are|was|were) )?(?:the name of )?my "
    r"(?P<key>[\w' -]{2,40}?)(?:'s name)?(?: called| named| again| now)?|"
    r"(?:what|who|when|where) my (?P<key2>[\w' -]{2,40}?) (?:is|are)(?: called| named)?|"
    r"(?:what|which) (?P<key3>[\w -]{2,30}?) do i have"
)
_TASTE = _asked(r"(?:do|don't) i (?:like|love|hate|dislike|enjoy) (?P<key>.+)")
_WHO = _asked(r"who is (?P<key>[\w' -]{2,40})")
_PAST = _asked(
    r"(?:(?:what|when|where|who|why|how) (?:did|have|had|was|were) (?:i|we)|did (?:i|we)|have (?:i|we)|"
    r"do you (?:still )?(?:remember|recall)|(?:what|when|where) .*\b(?:i|we) (?:said|told|talked|mentioned))\b.*"
)
_PERSONAL = _asked(r"\b(?:i|my|me|mine|we|our|us)\b")
_COURTESY = _asked(r"how (?:are you|is it going|do you do|are things)\b.*|what is up.*")
# Words that a question about memory is made of; they say nothing of its topic.
_ASKING = """
again any called don't know last mention mentioned please recall remember said say still talk talked tell
time told
"""
_STOP = STOP_WORDS | set(_ASKING.split())


def question_of(clause: Clause) -> Question | None:
    """The question that a clause asks, or None if it asks nothing."""
    text = clause.text
    bare = _LEAD.sub("", text)
    if _ITSELF.fullmatch(text):
        return Question("itself", text)
    if _EVERYTHING.fullmatch(text) or _EVERYTHING.fullmatch(bare):
        return Question("everything", text)
    if not clause.asks or _COURTESY.fullmatch(text):
        return None
    return _on_a_topic(text, bare)


def _on_a_topic(text: str, bare: str) -> Question:
    terms = _terms(bare)
    for pattern, lines in _FIELDS:
        if pattern.fullmatch(bare):
            return Question("notes", text, lines, terms)
    if match := _TASTE.fullmatch(bare) or _MY.fullmatch(bare) or _WHO.fullmatch(bare):
        key = next(group for group in match.groups() if group)
        return Question("notes", text, _lines_about(key), terms)
    if _PAST.fullmatch(text) or (_PERSONAL.search(bare) and terms):
        return Question("past", text, _lines_about(terms), terms)
    return Question("unknown", text)


def _lines_about(key: str) -> tuple[re.Pattern[str], ...]:
    """Notes on `key`: those that begin with it, else those that hold all of its words."""
    spelt = either_spelling(re.escape(key))
    words = [re.escape(word) for word in key.split() if word.casefold() not in _STOP]
    if not words:
        return _lines(rf"^{spelt}:")
    all_words = "".join(rf"(?=.*\b{either_spelling(word)})" for word in words)
    return _lines(rf"^{spelt}:", rf"^{spelt}\b", rf"^{all_words}")


def _terms(text: str) -> str:
    words = re.findall(r"[\w'-]+", text)
    return " ".join(word for word in words if word.casefold() not in _STOP)[:200]
