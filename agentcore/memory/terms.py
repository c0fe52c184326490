"""The words that a message is found by. Versioned: a change here means a re-index.

Scripts that put no spaces between words (Chinese, Japanese, Thai, …) are cut into overlapping
pairs of characters. Case and compatibility forms are folded; nothing else is.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter

TERMS_VERSION = 1
MAX_TERM = 64
"""Characters; a longer run of letters is cut, so that junk can't fill the index with long keys."""

# Han, kana, Hangul syllables excepted (Korean has spaces), Thai, Lao, Khmer, Myanmar.
_UNSPACED = r"\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
_RUN = re.compile(rf"[{_UNSPACED}]+|[^\W_{_UNSPACED}]+(?:['\u2019][^\W_{_UNSPACED}]+)*")
_IS_UNSPACED = re.compile(rf"[{_UNSPACED}]")

_ENGLISH_STOP_WORDS = """
a about am an and are as at be been but by can could did do does for from had has have he her
him his how i if in is it its me my of on or our she so that the their them then there they this
to too us was we were what when where which who why will with would you your
"""
STOP_WORDS = frozenset(_ENGLISH_STOP_WORDS.split())


def terms_of(text: str) -> Counter[str]:
    """Each term of the text with the number of times it occurs."""
    found: Counter[str] = Counter()
    for run in _RUN.findall(unicodedata.normalize("NFKC", text).casefold()):
        if not _IS_UNSPACED.match(run):
            found[run[:MAX_TERM]] += 1
        elif len(run) == 1:
            found[run] += 1
        else:
            found.update(run[at : at + 2] for at in range(len(run) - 1))
    return found


def query_terms(text: str, *, limit: int = 64) -> tuple[str, ...]:
    """The distinct terms to look for, without stop words unless there is nothing else."""
    terms = list(terms_of(text))
    telling = [term for term in terms if term not in STOP_WORDS]
    return tuple((telling or terms)[:limit])
