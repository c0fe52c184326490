"""The running summary as an extract: what people stated, shortened, and said to be no more."""

from __future__ import annotations

import re
from collections.abc import Iterator

from agentcore.memory.frame import one_line
from agentcore.memory.summary import Excerpt, newest_lines, parse_record
from agentcore.model import ModelRequest

EXTRACT = "An extract, made without a language model: what was stated, shortened, newest last."
LONGEST = 1_600
_LONGEST_LINE = 160
_FEWEST_WORDS = 3
_SENTENCE = re.compile(r"[^.!?\n]+[.!?]*")


def summary_of(request: ModelRequest) -> str:
    """The new summary; empty if nobody has stated anything."""
    record = parse_record(request.prompt[-1].text)
    lines = [line for line in record.before.splitlines() if line != EXTRACT]
    for excerpt in record.excerpts:
        lines += _stated(excerpt)
    if not lines:
        return ""
    return "\n".join([EXTRACT, *newest_lines(list(dict.fromkeys(lines)), LONGEST)])


def _stated(excerpt: Excerpt) -> Iterator[str]:
    if not excerpt.by_a_person:
        return
    for sentence in _SENTENCE.findall(excerpt.text):
        shown = " ".join(sentence.split())
        if shown.endswith("?") or len(shown.split()) < _FEWEST_WORDS:
            continue
        cut = shown if len(shown) <= _LONGEST_LINE else f"{shown[:_LONGEST_LINE]}…"
        yield f"{excerpt.when[:10]} {one_line(excerpt.who)}: {cut}"
