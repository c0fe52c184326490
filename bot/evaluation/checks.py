"""What scenes look at: state and tool calls first, then texts by simple rules. Pure.

Turns are counted from 0, -1 is the last. Patterns are regular expressions, case aside.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping

from agentcore.loop.asking import UNKEPT
from agentcore.loop.honesty import claims_a_save
from bot.evaluation.scene import Check, Exchange, Transcript

WRITING = frozenset(
    {
        "memory",
        "memory_insert",
        "memory_replace",
        "memory_rethink",
        "core_memory_append",
        "core_memory_replace",
        "archival_memory_insert",
    }
)
SEARCHING = frozenset({"conversation_search", "archival_memory_search"})


def _found(pattern: str, text: str) -> bool:
    return re.search(pattern, text.replace("\u2019", "'"), re.IGNORECASE) is not None


def holds(pattern: str) -> Check:
    return Check(
        f"memory holds /{pattern}/", lambda t: any(_found(pattern, line) for line in t.memory)
    )


def holds_once(pattern: str) -> Check:
    return Check(
        f"memory holds /{pattern}/ in one line",
        lambda t: sum(_found(pattern, line) for line in t.memory) == 1,
    )


def lacks(pattern: str) -> Check:
    return Check(
        f"memory lacks /{pattern}/", lambda t: not any(_found(pattern, line) for line in t.memory)
    )


def lines_left(least: int) -> Check:
    return Check(f"memory keeps {least} lines", lambda t: len(t.memory) >= least)


def unchanged(*lines: str) -> Check:
    return Check("memory is as it was", lambda t: t.memory == lines)


def tidies() -> Check:
    return Check(
        "its answer while the person is away can be used",
        lambda t: t.slept is not None and t.slept.outcome == "done",
    )


def writes_nothing() -> Check:
    return Check(
        "nothing is written to memory",
        lambda t: not any(use.name in WRITING for each in t.exchanges for use in each.uses),
    )


def saves(turn: int) -> Check:
    return Check(
        f"memory is written {_in(turn)}",
        lambda t: _saved(t.exchanges[turn]),
    )


def looks(turn: int = -1) -> Check:
    return Check(
        f"it searches {_in(turn)}",
        lambda t: any(use.name in SEARCHING for use in t.exchanges[turn].uses),
    )


def finds(pattern: str, turn: int = -1) -> Check:
    return Check(
        f"its search brings /{pattern}/ {_in(turn)}",
        lambda t: any(
            use.name in SEARCHING and _found(pattern, use.returned)
            for use in t.exchanges[turn].uses
        ),
    )


def answers(pattern: str, turn: int = -1) -> Check:
    return Check(
        f"the answer has /{pattern}/ {_in(turn)}",
        lambda t: _found(pattern, t.exchanges[turn].answer),
    )


def avoids(pattern: str, turn: int = -1) -> Check:
    return Check(
        f"the answer avoids /{pattern}/ {_in(turn)}",
        lambda t: not _found(pattern, t.exchanges[turn].answer),
    )


def at_most(characters: int, turn: int = -1) -> Check:
    return Check(
        f"the answer has at most {characters} characters {_in(turn)}",
        lambda t: len(t.exchanges[turn].answer) <= characters,
    )


def one_question(turn: int = -1) -> Check:
    return Check(
        f"the answer asks at most one question {_in(turn)}",
        lambda t: t.exchanges[turn].answer.count("?") <= 1,
    )


def in_language(language: str, turn: int = -1) -> Check:
    return Check(
        f"the answer is in {language} {_in(turn)}",
        lambda t: language_of(t.exchanges[turn].answer) == language,
    )


_SMALL_WORDS: Mapping[str, str] = {
    "English": "the and you your is are to of that it for with in on what have not be i'm how this",
    "German": "der die das und du dein deine ist sind zu von dass es für mit in auf was hast nicht "
    "ich dir dich ein eine wie auch gut",
    "Spanish": "el la los y tú tu es son de que lo para con en qué has no yo te un una cómo muy por "
    "está bien",
    "French": "le la les et tu ton est sont de que ce pour avec en quoi as ne pas je te un une "
    "comment très bon c'est",
}


def language_of(text: str) -> str:
    """The language whose small words are most frequent in a text; English when in doubt."""
    words = Counter(re.findall(r"[\w']+", text.lower()))
    counts = {
        name: sum(words[each] for each in small.split()) for name, small in _SMALL_WORDS.items()
    }
    return max(counts, key=lambda name: counts[name])


def _in(turn: int) -> str:
    return "in the last turn" if turn == -1 else f"in turn {turn + 1}"


def _answered(transcript: Transcript) -> bool:
    return all(e.ended == "end_turn" and e.answer.strip() for e in transcript.exchanges)


_INNER = re.compile(
    r"^\s*\[\d{4}-\d\d-\d\dT|^\s*\[note\]|<block |</?memory_blocks>|memory_(?:insert|replace|rethink)"
    r"|conversation_search",
    re.MULTILINE,
)


def _clean(transcript: Transcript) -> bool:
    return not any(_INNER.search(each.answer) for each in transcript.exchanges)


def _saved(exchange: Exchange) -> bool:
    return any(use.saved and use.name in WRITING for use in exchange.uses)


def _kept_word(transcript: Transcript) -> bool:
    return not any(
        any(UNKEPT in step.detail for step in each.steps)
        or (claims_a_save(each.answer, each.said) and not _saved(each))
        for each in transcript.exchanges
    )


SOUND = (
    Check("every message is answered", _answered),
    Check("no answer shows the frame or names a tool", _clean),
    Check("nothing is called saved that isn't", _kept_word),
)
"""What is looked at in every scene."""
