"""The search in passages: by words, by meaning, or both, among what may be heard where it is asked.

Words are counted when somebody searches: an archive is small beside a history, and so nothing but the
rows themselves has to be erased.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

from sqlalchemy.engine import Connection

from agentcore.memory.ranking import Posting, best_first, mixed, scored
from agentcore.memory.terms import query_terms, terms_of
from agentcore.records import AgentId, Passage, PassageHit, PassageQuery
from agentcore.sqlstore.people.absorbed import lives
from agentcore.sqlstore.recall.passages import age, audible, kept, passage_of
from agentcore.sqlstore.recall.vectors import Meant, like_passages

APART = 24
"""Passages are no conversation: as places they lie so many bits apart that none is beside another."""


def search(
    connection: Connection,
    agent_id: AgentId,
    query: PassageQuery,
    thread: int | None,
    meant: Meant | None = None,
) -> tuple[PassageHit, ...]:
    """See `Archive.search`. `meant`: what the query means to the embedding model."""
    if query.limit < 1:
        return ()
    lived = lives(connection, agent_id)
    rows = (
        row
        for life in lived
        for row in connection.execute(audible(kept(life), life, agent_id, thread))
    )
    # From here on each has the number of its place in time: whoever kept it has others of its own.
    by_age = sorted(map(passage_of, rows), key=lambda each: age(each, lived))
    numbered = dict(enumerate(by_age, start=1))
    if query.text.strip():
        scores = _scores(query.text, numbered)
        alike = _alike(connection, lived, numbered, meant) if meant else {}
        if alike:
            scores = mixed(scores, alike, len(alike))
    else:
        scores = dict.fromkeys(numbered, 0.0)
    found = (number for number in best_first(scores) if _is_wanted(numbered[number], query))
    return tuple(PassageHit(numbered[each], scores[each]) for each in islice(found, query.limit))


def _alike(
    connection: Connection, lived: Sequence[AgentId], numbered: Mapping[int, Passage], meant: Meant
) -> Mapping[int, float]:
    """How alike each of these passages is to a query."""
    likes = {
        (life, seq): like
        for life in lived
        for seq, like in like_passages(connection, life, meant).items()
    }
    ids = {number: (each.agent_id, each.seq) for number, each in numbered.items()}
    return {number: likes[key] for number, key in ids.items() if key in likes}


def _scores(text: str, passages: Mapping[int, Passage]) -> dict[int, float]:
    """BM25 from the counts of these passages alone."""
    counts = {
        number: terms_of(f"{each.text} {' '.join(each.tags)}") for number, each in passages.items()
    }
    lengths = {number: found.total() for number, found in counts.items()}
    holding: defaultdict[str, list[int]] = defaultdict(list)
    for number, found in counts.items():
        for term in found:
            holding[term].append(number)

    def postings(forms: Sequence[str]) -> Iterator[Posting]:
        for form in forms:
            for number in holding.get(form, ()):
                # A passage has nothing before it that would make it longer.
                yield number << APART, 0, counts[number][form], 3 * lengths[number]

    if not passages or not sum(lengths.values()):
        return {}
    average = sum(lengths.values()) / len(passages)
    words = [list(postings(forms)) for forms in query_terms(text)]
    found_at = scored(words, len(passages), average)
    return {place >> APART: score for place, score in found_at.items()}


def _is_wanted(passage: Passage, query: PassageQuery) -> bool:
    since_then = query.since is None or passage.created_at >= query.since
    until_then = query.until is None or passage.created_at <= query.until
    tags = query.tags & set(passage.tags)
    tagged = tags == query.tags if query.match == "all" else bool(tags or not query.tags)
    return since_then and until_then and tagged
