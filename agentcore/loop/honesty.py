"""Whether an answer says that something was saved, noted or will be remembered. Pure.

English and German sentences in the form that models use for it. What is asked, denied, quoted,
put under a condition or said of earlier saves is no claim. A claim that is missed costs nothing
but what it costs today; one that is none costs a call of the model, so the forms are narrow.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from agentcore.loop.prompt import AnyMessage, note
from agentcore.records import Role, ToolReturnPart
from agentcore.tools.base import HELD, LOOKED, Effect
from agentcore.tools.toolbox import Toolbox

REMINDER = note(
    "You said that something is saved, noted or will be remembered, but no tool has saved anything "
    "in this turn, and the person hasn't seen that answer. If it should be kept and no block holds "
    "it, call the tool now. Else answer again without saying so."
)
NO_TOOL = note(
    "You said that something is saved, noted or will be remembered, but nothing can be saved here, "
    "and the person hasn't seen that answer. Answer again without saying so."
)

MOST_READ = 2_000
LONGEST = 300
"""Characters, of a text and of a sentence."""

_THING = r"(?:(?:all |both )?(?:of )?(?:it|that|this|these|those|them|everything|both|your)\b)"
_ADVERBS = r"(?:(?:just|now|also|gladly|certainly|definitely|of course|carefully) )*"
_I_WILL = (
    rf"\bi(?:'ll| will| am going to|'m going to| shall)(?: be sure to| make sure to)? {_ADVERBS}"
)
_I_HAVE = rf"\bi(?:'ve| have)? {_ADVERBS}"
_KEEPING = (
    r"(?:remember|memori[sz]e|not forget|never forget|(?:keep|bear) (?:it|that|this|your [\w ]{1,40}?) "
    rf"in (?:mind|memory)|note {_THING}|save {_THING}|store {_THING}|(?:write|jot) (?:{_THING} down|down {_THING})|"
    r"record (?:it|that|this)\b|(?:make|take) (?:a |careful )?(?:mental )?note|"
    r"add [\w ]{1,40}? to (?:my|your|the) (?:memory|notes|profile))"
)
_KEPT = (
    rf"(?:(?:saved|stored|noted|recorded|memori[sz]ed) (?:down )?{_THING}|"
    rf"(?:written|wrote|jotted|noted) (?:{_THING} down|down {_THING})|"
    r"(?:made|taken|took) (?:a |careful )?(?:mental )?note|"
    r"(?:added|saved|put|stored) [\w ,']{1,60}? (?:to|in|into) (?:my|your|the) (?:memory|notes|profile)|"
    r"updated (?:my|your|the) (?:memory|notes|profile))"
)
_MEMORY = r"(?:(?:in|to) (?:my )?(?:memory|notes)\b|for (?:later|next time)\b)"

_PROMISES = (
    rf"{_I_WILL}{_KEEPING}",
    r"\bi(?: won't|'ll never|'ll not| will not) forget\b",
    rf"\b(?:i'm|i am|let me) (?:(?:noting|saving|note|save) {_THING}|(?:writing|write|jotting|jot) {_THING} down)",
    r"\bconsider (?:it|that|this) (?:noted|saved|remembered)\b",
)
_REPORTS = (
    r"\bi(?:'ve| have) got (?:that|it|this) (?:noted|saved|down)\b",
    r"\b(?:memory|notes|profile) updated(?=$|[.!,])",
    rf"{_I_HAVE}{_KEPT}",
    r"(?:^|[,:;\u2013\u2014-] ?)(?:all |duly |and )?(?:noted|saved|remembered)(?: down)?(?=$| ?[.!,;:\u2013\u2014-])",
    r"(?:^|[,:;\u2013\u2014-] ?)(?:all |duly )?(?:noted|saved) (?:that|it|your|down)\b",
    r"\b(?:it|that|this|which|everything|all|your [\w ]{1,40}?)(?:'s| is| are| has been| have been)"
    r"(?: now| all| safely)* (?:noted|saved|stored|recorded|remembered)(?: down)?"
    rf"(?: now| too| safely| {_MEMORY})*(?=$| ?[.!,;:\u2013\u2014-])",
    rf"\b(?:it|that|this|which|your [\w ]{{1,40}}?)(?:'s| is| are) now {_MEMORY}",
)

_DAS = r"(?:mir )?(?:das|es|dies|alles|beides|dein\w*|deren?|den|die|dass)\b"
_VERMERKT = r"(?:gemerkt|notiert|gespeichert|abgespeichert|aufgeschrieben|vermerkt|festgehalten)"
_GERNE = r"(?: (?:gerne?|jetzt|gleich|auch|natürlich|einfach|mal|hiermit|nun))*"
_PROMISES_DE = (
    rf"\b(?:ich )?merke?(?: ich)?{_GERNE} mir\b",
    rf"\bmerke? ich{_GERNE} mir\b",
    rf"\bich (?:notiere|speichere|vermerke){_GERNE} {_DAS}",
    r"\b(?:das|es|dies) (?:notiere|speichere|vermerke) ich\b",
    rf"\bich schreibe?{_GERNE} (?:mir )?{_DAS} auf(?= *(?:$|[.!,;:]))",
    r"\b(?:das|es|dies) schreibe? ich (?:mir )?auf(?= *(?:$|[.!,;:]))",
    r"\b(?:ich halte (?:das|es|dies)|(?:das|es|dies) halte ich) fest\b",
    r"\bich behalte? (?:das|es|dies|dein[\w ]{1,40}?) (?:im|in) (?:kopf|hinterkopf|gedächtnis|erinnerung)\b",
    r"\b(?:das|es|dies) behalte? ich (?:im|in|mir)\b",
    rf"\bich werde?{_GERNE} (?:[\w ]{{0,40}}?mir [\w ]{{0,40}}?merken|[\w ]{{0,40}}?(?:notieren|speichern|daran denken))\b",
    r"\bwerde? ich(?: es| das)? mir(?: es| das| gern)? merken\b",
    r"\bwerde? ich(?: es| das)?(?: mir)? (?:notieren|speichern)\b",
    rf"\b(?:das|es|dies) werde ich(?: mir)?{_GERNE} (?:merken|notieren|speichern)\b",
)
_NEVER_DE = (
    r"\b(?:das|es|dies) vergesse? ich (?:dir )?(?:nicht|nie)\b",
    r"\bich vergesse? (?:das|es|dies) (?:nicht|nie)\b",
    r"\bich werde (?:das|es|dies) (?:nicht|nie) vergessen\b",
)
_REPORTS_DE = (
    rf"\bhab(?:e|'s)?(?: ich)?(?: es| das| dies| alles)?{_GERNE}(?: mir)?{_GERNE}(?: {_DAS})?[\w :]{{0,60}}? {_VERMERKT}\b",
    rf"\b(?:ist|sind|wurde|wird){_GERNE} {_VERMERKT}\b",
    rf"(?:^|[,:;\u2013\u2014-] ?)(?:alles |schon mal |und )?{_VERMERKT}(?=$| ?[.!,;:\u2013\u2014-])",
)

_PROMISED = re.compile("|".join((*_PROMISES, *_PROMISES_DE)))
_REPORTED = re.compile("|".join((*_REPORTS, *_REPORTS_DE)))
_PROMISED_BY_DENIAL = re.compile("|".join((_PROMISES[1], *_NEVER_DE)))

_QUOTED = re.compile(
    r"```.*?(?:```|\Z)|`[^`\n]*`|[\"“„»«][^\"”“»«\n]*[\"”“«»]|^>[^\n]*",
    re.DOTALL | re.MULTILINE,
)
_SENTENCES = re.compile(r"[^.!?\n…]+[.!?…]*")
_MARKS = re.compile(r"[*_#~]+|[^\w\s.,:;!?'\u2013\u2014-]+")
_CLAUSE_END = re.compile(
    r"[,;:\u2013\u2014]| - | (?:but|aber|doch|dass) | that (?=(?:you|your|she|he|they|we|it|the)\b)"
)
_CONDITION = re.compile(
    r"\b(?:if|unless|once you|when(?:ever)? you|tell me|let me know|ask me|just say|as if|whether|"
    r"wenn|falls|sobald|sag(?:e|st)? (?:es )?mir|erzähl\w*|bitte mich|als ob|ob)\b"
)
_NEGATION = re.compile(
    r"\b(?:not|never|no|nothing|none|cannot|\w+n't|without|nicht|kein\w*|nie|niemals|nichts|ohne)\b"
)
_EARLIER = re.compile(
    r"\b(?:already|earlier|before|last (?:time|week|month|year)|back (?:in|then)|previously|ago|"
    r"bereits|schon|damals|früher|letzte\w*|vorhin)\b"
)
_SOMEBODY_ELSE = re.compile(r"\b(?:you|we|they|she|he|du|ihr|sie|er|wir)(?:'ve| have|'d| had)? *$")
_ABOUT_MEMORY = re.compile(
    r"\b(?:do|did|have|has|what|which|when|who|where|how|is|are|was|were|hast|habt|was|weißt|wann|"
    r"welche\w*|wo|wer|wie|ist|sind)\b[^.!?\n]{0,120}?\b(?:know|remember(?:ed)?|noted?|notes|saved?|"
    r"stored?|memory|recall|written|wissen|weißt|gemerkt|merkst|notiert|gespeichert|notizen|"
    r"gedächtnis|erinner\w*)\b[^.!?\n]{0,120}\?"
)


def claims_a_save(answer: str, asked: str = "") -> bool:
    """Whether the answer claims a save; `asked` is what it answers. Where that asks what is kept,
    sentences about the past are an account of it and no claim.
    """
    recounts = _ABOUT_MEMORY.search(_plain(asked[-MOST_READ:])) is not None
    sentences = _SENTENCES.findall(_plain(_QUOTED.sub(" ", _ends(answer))))
    return any(_claims(each.strip()[:LONGEST], recounts=recounts) for each in sentences)


def _ends(text: str) -> str:
    """Where a save is spoken of: not in the middle of what was written for the person."""
    half = MOST_READ // 2
    return text if len(text) <= MOST_READ else f"{text[:half]}\n{text[-half:]}"


def _claims(sentence: str, *, recounts: bool) -> bool:
    if sentence.endswith("?"):
        return False
    if (found := _PROMISED_BY_DENIAL.search(sentence)) is not None:
        return _CONDITION.search(_around(sentence, found)) is None
    kinds = (_PROMISED,) if recounts else (_PROMISED, _REPORTED)
    return any(
        _is_meant(sentence, found)
        for kind in kinds
        for found in kind.finditer(sentence.removesuffix("."))
    )


def _is_meant(sentence: str, found: re.Match[str]) -> bool:
    clause = _around(sentence, found)
    if _NEGATION.search(clause) or _EARLIER.search(clause):
        return False
    if _SOMEBODY_ELSE.search(sentence[: found.start()]):
        return False
    return not _CONDITION.search(sentence[: found.start()]) and not _CONDITION.search(clause)


def _around(sentence: str, found: re.Match[str]) -> str:
    """What is said in one breath with it."""
    starts = [each.end() for each in _CLAUSE_END.finditer(sentence, 0, found.start() + 1)]
    end = _CLAUSE_END.search(sentence, found.end())
    return sentence[starts[-1] if starts else 0 : end.start() if end else len(sentence)]


def _plain(text: str) -> str:
    """Small letters, straight apostrophes, no marks of emphasis and no emoji."""
    return _MARKS.sub("", text.replace("\u2019", "'").lower())


def unkept(answer: str, turn: Sequence[AnyMessage], toolbox: Toolbox, tools: Sequence[str]) -> bool:
    """Whether the answer claims a save while nothing in the turn has changed anything, in memory
    or outside. `turn` is what it has seen and done so far.
    """
    if any(_has_changed(each, toolbox, tools) for each in _returns(turn)):
        return False
    asked = "\n".join(message.text for message in turn if message.role is Role.USER)
    return claims_a_save(answer, asked)


def warning(turn: Sequence[AnyMessage], toolbox: Toolbox, tools: Sequence[str]) -> str:
    """What a model is told that has claimed a save: to make it, if there is a tool for that and
    the person needn't be asked first.
    """
    is_held = any(each.text == HELD for each in _returns(turn))
    can_save = any(toolbox.effect(name, tools) is not Effect.READ for name in tools)
    return REMINDER if can_save and not is_held else NO_TOOL


def _returns(turn: Sequence[AnyMessage]) -> Iterator[ToolReturnPart]:
    return (part for m in turn for part in m.parts if isinstance(part, ToolReturnPart))


def _has_changed(back: ToolReturnPart, toolbox: Toolbox, tools: Sequence[str]) -> bool:
    if back.status != "success" or back.text == HELD or back.text.startswith(LOOKED):
        return False
    # What isn't among the tools and has succeeded is a client's own, which may save what it likes.
    theirs = toolbox.find(back.name, tools) is None
    return theirs or toolbox.effect(back.name, tools) is not Effect.READ
