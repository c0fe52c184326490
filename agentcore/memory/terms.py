"""The words that a message is found by. Versioned: a change here means a re-index.

A word counts by its stem. In Latin letters the language is that of the message (`languages`), or
of what was said before if the message doesn't tell, or English; stems of other languages than
English carry the language's code, so that no word is mistaken for another language's. A query's
word stands for its stem in every one of them, so that its own language never matters.
Scripts that put no spaces between words, and Korean, are cut into overlapping pairs of characters;
Chinese characters also count alone.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from functools import lru_cache

from agentcore.memory import languages, moments
from agentcore.memory.languages import ENGLISH, OTHER_LATIN

TERMS_VERSION = 2
MAX_TERM = 64
"""Characters; a longer run of letters is cut, so that junk can't fill the index with long keys."""

CACHED = 20_000
"""Words whose terms are kept: finding a stem takes some 20 microseconds."""

TIME_MARK = "#time"
"""A term that no text contains: the messages under it tell of a time."""

STOP_WORDS = languages.STOP_WORDS[ENGLISH]

_HAN = "\u3005\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff"
_UNSPACED = rf"\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\uac00-\ud7a3{_HAN}"
# Marks that are part of a word, though Python's \w doesn't think so: accents and vowel signs.
_MARKS = r"\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u0900-\u0963\u0966-\u0dff"
_LETTER = rf"(?:[^\W_{_UNSPACED}]|[{_MARKS}])"
_RUN = re.compile(rf"[{_UNSPACED}]+|{_LETTER}+(?:'{_LETTER}+)*")
_IS_UNSPACED = re.compile(rf"[{_UNSPACED}]")
_IS_HAN = re.compile(rf"[{_HAN}]")
_COMMON_HAN = frozenset("的了是我你他她它们們在有吗嗎呢吧不也就都和与與这這那个個什么麼一")


def folded(text: str) -> str:
    """The text in one case and one form of each character."""
    return unicodedata.normalize("NFKC", text).casefold().replace("\u2019", "'")


def words_of(text: str) -> tuple[str, ...]:
    """The words of a text in order, and in scripts without spaces the pairs of characters."""
    found: list[str] = []
    for run in _RUN.findall(folded(text)):
        if _IS_UNSPACED.match(run):
            found.extend(_pairs(run))
        elif run.isdecimal():
            found.append(run[:MAX_TERM].lstrip("0") or "0")
        else:
            found.append(run[:MAX_TERM])
    return tuple(found)


def _pairs(run: str) -> Iterable[str]:
    if len(run) == 1:
        return (run,)
    alone = (each for each in run if _IS_HAN.match(each) and each not in _COMMON_HAN)
    return (*alone, *(run[at : at + 2] for at in range(len(run) - 1)))


def language_of(words: Sequence[str], before: str | None = None) -> str:
    """The language by which the Latin words of a message are stemmed; `before`: that of the
    message before it.
    """
    return languages.latin_language(words) or before or ENGLISH


def counted(words: Iterable[str], language: str = ENGLISH) -> Counter[str]:
    """Each term of the words with the number of times it occurs."""
    return Counter(_term(word, language) for word in words)


def terms_of(text: str) -> Counter[str]:
    """Each term of a text that stands alone, with the number of times it occurs."""
    words = words_of(text)
    return counted(words, language_of(words))


def possible_terms(text: str) -> frozenset[str]:
    """Each term that a word of the text can have become, in whatever language it is."""
    return frozenset(form for word in set(words_of(text)) for form in _forms(word))


def query_terms(text: str, *, limit: int = 64) -> tuple[tuple[str, ...], ...]:
    """What to look for: the distinct words, each with the terms that it can have become. Without
    stop words, unless there is nothing else.
    """
    words = list(dict.fromkeys(words_of(text)))
    language = language_of(words)
    telling = [word for word in words if not _is_common(word, language)]
    wanted = [_forms(word) for word in telling or words]
    wanted += [(_term(month, ENGLISH),) for month in moments.months_in(folded(text))]
    distinct = {forms[0]: forms for forms in wanted}
    return tuple(distinct.values())[:limit]


def without_terms(text: str, terms: Collection[str]) -> str:
    """The text without the words that one of these terms stands for."""

    def kept(match: re.Match[str]) -> str:
        bare = re.sub(r"['\u2019]s$", "", match[0])
        forms = {form for word in words_of(bare) for form in _forms(word)}
        return " " if forms & set(terms) else match[0]

    if not terms:
        return text
    return " ".join(re.sub(r"\w+(?:['\u2019]\w+)*", kept, text).split())


@lru_cache(maxsize=CACHED)
def _term(word: str, language: str) -> str:
    script = languages.script_language(word)
    if script is not None:
        return languages.stem(word, script)
    if not languages.is_latin(word):
        return word
    stem = languages.stem(word, language)
    return stem if language == ENGLISH else f"{language}:{stem}"


def _forms(word: str) -> tuple[str, ...]:
    """Every term that a message may hold for this word."""
    month_or_day = moments.CALENDAR.get(word)
    also = () if month_or_day is None else (_term(month_or_day, ENGLISH),)
    if languages.is_latin(word):
        also = (*(_term(word, language) for language in OTHER_LATIN), *also)
    return tuple(dict.fromkeys((_term(word, ENGLISH), *also)))


def _is_common(word: str, language: str) -> bool:
    return word in languages.STOP_WORDS[languages.script_language(word) or language]
