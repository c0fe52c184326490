"""How well messages answer a query: BM25 over their words and what was said around them, what
the whole text means where an embedding model says so, and then what the session, the speaker and
times tell. Pure; every figure comes from one agent alone.

A place is a number that neighbouring messages of one session have neighbouring values of, and
`place >> SESSION_BITS` is its session (see `sqlstore.recall.postings`).
"""

from __future__ import annotations

import heapq
import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

SESSION_BITS = 24
K1 = 0.9
B = 0.4
JUST_SAID = ((1, 0.4), (2, 0.4), (-1, 0.1))
"""A word also counts for the messages so many places later, by these weights."""
ANSWERS = ((1, 0.2), (2, 0.1))
"""What follows a message lends it these shares of its score: a question is found by its answer."""
SESSION_SHARE = 0.5
SESSION_HITS = 5
BY_THE_NAMED = 1.6
TELLS_TIME = 1.3

Posting = tuple[int, int, int, int]
"""Place, how often the word stands in the text, how often in name and date, length."""


@dataclass(frozen=True, slots=True)
class Hints:
    """What a query tells beside its words: places of the one speaker whom it names, and of what
    tells of a time, if it asks for one.
    """

    by_the_named: Collection[int] = ()
    telling_time: Collection[int] = ()


def scored(words: Iterable[Sequence[Posting]], messages: int, average: float) -> dict[int, float]:
    """BM25 of each place that one of the words, or its context, is found at.

    Args:
        words: For each word of the query where it stands.
        messages: How many messages there are.
        average: Words of a message, without its context.
    """
    scores: defaultdict[int, float] = defaultdict(float)
    usual = average * (1 + 2)  # with the two messages before it
    for postings in words:
        if not postings:
            continue
        frequency: defaultdict[int, float] = defaultdict(float)
        lengths: dict[int, int] = {}
        for place, text, beside, length in postings:
            frequency[place] += text + beside
            lengths[place] = length
            if text:
                for later, weight in JUST_SAID:
                    frequency[place + later] += weight * text
        found = min(len(frequency), messages)
        rarity = math.log(1 + (messages - found + 0.5) / (found + 0.5)) * (K1 + 1)
        for place, count in frequency.items():
            damping = K1 * (1 - B + B * lengths.get(place, usual) / usual)
            scores[place] += rarity * count / (count + damping)
    return scores


def mixed(words: Mapping[int, float], alike: Mapping[int, float], most: int) -> dict[int, float]:
    """Half what the words say, half what the meaning does, each from 0 to 1: of the places that
    words were found at, and of the `most` that are most alike. Where it isn't known how alike a
    place is, its words stand for both.
    """
    low, high = min(alike.values()), max(alike.values())
    top = max(words.values(), default=0.0)
    near = heapq.nlargest(most, alike, key=alike.__getitem__)
    found = {}
    for place in {*words, *near}:
        said = words.get(place, 0.0) / top if top else 0.0
        meant = said
        if place in alike:
            meant = (alike[place] - low) / (high - low) if high > low else 1.0
        found[place] = (said + meant) / 2
    return found


def best_first(scores: Mapping[int, float]) -> list[int]:
    """Of equals the newer one comes first."""
    return sorted(scores, key=lambda place: (-scores[place], -place))


def rescored(scores: Mapping[int, float], hints: Hints) -> dict[int, float]:
    """The scores of the places that are left, with what their surroundings tell."""
    if not scores:
        return {}
    answered = {
        place: score + sum(share * scores.get(place + later, 0.0) for later, share in ANSWERS)
        for place, score in scores.items()
    }
    sessions: defaultdict[int, list[float]] = defaultdict(list)
    for place in best_first(answered):
        sessions[place >> SESSION_BITS].append(answered[place])
    worth = {session: sum(hits[:SESSION_HITS]) for session, hits in sessions.items()}
    bonus = SESSION_SHARE * max(answered.values()) / max(worth.values())
    final = {}
    for place, score in answered.items():
        total = score + bonus * worth[place >> SESSION_BITS]
        total *= BY_THE_NAMED if place in hints.by_the_named else 1
        final[place] = total * (TELLS_TIME if place in hints.telling_time else 1)
    return final
