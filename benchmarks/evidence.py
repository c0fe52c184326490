"""How well searches find the messages that answer a question: `python -m benchmarks recall`.

The data is a file in LoCoMo's form: conversations of many sessions, and questions with the
messages that are evidence for their answers. It is licensed for evaluation only (CC BY-NC 4.0),
so it is no part of the project; where it isn't there, nothing is measured.

`--embedding-model openai/name --embedding-url http://127.0.0.1:8080/v1` measures the search with an
embedding model, too; any server that speaks OpenAI's form will do.
"""

from __future__ import annotations

import json
import math
import re
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from agentcore.memory.terms import STOP_WORDS
from agentcore.model import Embedder
from benchmarks import recall
from benchmarks.figures import ROOT, Figure, Target, reached, unmeasured
from benchmarks.targets import RECALL, RECALL_MEANING, RECALL_NAMELESS, RECALL_SAFE

DATA = ROOT.parent / "shared" / "data" / "locomo_dev.json"
CATEGORIES = {1: "several messages", 2: "time", 3: "open", 4: "one message"}
CUTS = (5, 10, 20)
DEPTH = 10
ODD = ("", " ", '"', "' OR 1=1 --", "*", "NEAR(a b)", "a AND", "{}", "👋", "\x00", "a " * 5_000)
ABOUT = (
    "The data is LoCoMo's, for evaluation only; R@5 / R@10 / R@20 / NDCG@10 in percent. The search "
    "is the product's own, over its own storage. With embeddings, each message is embedded alone."
)

Messages = Sequence[Mapping[str, Any]]
Search = Callable[[Messages, str, int], Sequence[str]]
Scores = tuple[float, ...]
"""Recall at each cut, then NDCG, of one question or as a mean."""


@dataclass(frozen=True, slots=True)
class Question:
    text: str
    category: int
    evidence: frozenset[str]


@dataclass(frozen=True, slots=True)
class Conversation:
    messages: Messages
    questions: Sequence[Question]


def measure(*, data: Path = DATA, quick: bool, embedder: Embedder | None = None) -> list[Figure]:
    """Recall at 5, 10 and 20 and NDCG at 10, in percent; with an embedding model, too, if there
    is one.
    """
    if not data.exists():
        why = f"its data is no part of the project, and not in {data}; see --data"
        return [unmeasured(each, why) for each in (RECALL, RECALL_MEANING, RECALL_NAMELESS)]
    found = conversations(data)[: 2 if quick else None]
    nameless = [without_names(each) for each in found]
    by_category = evaluated(recall.search, found)
    figures = [_reached(RECALL, "all questions", mean(by_category), note(found))]
    for category, name in CATEGORIES.items():
        scores = by_category[category]
        figures.append(Figure(f"category {category}: {name}", percent(mean({0: scores}))))
    private = mean(evaluated(recall.search, nameless))
    figures.append(
        reached(
            RECALL_NAMELESS,
            100 * private[CUTS.index(10)],
            ours=percent(private),
            name="all names taken out",
            note="as in private; of these R@10 counts",
        )
    )
    if embedder is None:
        why = "needs a model: --embedding-model and --embedding-url"
        figures.append(unmeasured(RECALL_MEANING, why))
    else:
        figures += _by_meaning(embedder, found, nameless)
    figures.append(_safety(found))
    for name, search in (("FTS5 OR, porter, stop words", full_text), ("substring", substring)):
        figures.append(Figure(f"compare: {name}", percent(mean(evaluated(search, found)))))
    return figures


def _reached(target: Target, name: str, scores: Scores, note: str) -> Figure:
    values = [100 * each for each in scores]
    return reached(target, *values, ours=percent(scores), name=name, note=note)


def _by_meaning(
    embedder: Embedder, found: Sequence[Conversation], nameless: Sequence[Conversation]
) -> list[Figure]:
    search = recall.MeaningSearch(embedder)
    try:
        every, private = mean(evaluated(search, found)), mean(evaluated(search, nameless))
    finally:
        search.close()
    return [
        _reached(RECALL_MEANING, "all questions, with embeddings", every, embedder.name),
        Figure("all names taken out, with embeddings", percent(private), "", "as in private"),
    ]


def _safety(found: Sequence[Conversation]) -> Figure:
    """Queries of all sorts, and whether what one agent finds depends on what others have stored."""
    failed = 0
    for query in ODD:
        try:
            recall.search(found[0].messages, query, max(CUTS))
        except Exception:  # noqa: BLE001 -- each is counted
            failed += 1
    together = recall.Together([each.messages for each in found])
    foreign = 0
    for number, conversation in enumerate(found):
        for question in conversation.questions:
            alone = recall.search(conversation.messages, question.text, max(CUTS))
            foreign += together.search(number, question.text, max(CUTS)) != alone
    return reached(
        RECALL_SAFE,
        failed,
        foreign,
        ours=f"{failed} / {foreign}",
        note=f"{len(ODD)} odd queries; every question is asked again with all conversations in one "
        "database, and must find the very same",
    )


def note(found: Sequence[Conversation]) -> str:
    messages = sum(len(each.messages) for each in found)
    questions = sum(len(each.questions) for each in found)
    return f"{questions} questions on {messages} messages; R@5 / R@10 / R@20 / NDCG@10"


def conversations(data: Path) -> list[Conversation]:
    """Read a file in LoCoMo's form; questions without an answer (category 5) are left out."""
    found = []
    for each in json.loads(data.read_text("utf-8")):
        spoken = each["conversation"]
        sessions = [name for name in spoken if re.fullmatch(r"session_\d+", name)]
        messages = [
            {
                "id": turn["dia_id"],
                "session": name,
                "speaker": turn["speaker"],
                "date": spoken[f"{name}_date_time"],
                "text": turn["text"],
            }
            for name in sorted(sessions, key=lambda name: int(name.removeprefix("session_")))
            for turn in spoken[name]
        ]
        found.append(Conversation(messages, list(_questions(each["qa"]))))
    return found


def _questions(rows: Sequence[Mapping[str, Any]]) -> Sequence[Question]:
    asked = []
    for row in rows:
        evidence = frozenset(re.findall(r"D\d+:\d+", " ".join(row["evidence"])))
        if row["category"] in CATEGORIES and evidence:
            asked.append(Question(row["question"], row["category"], evidence))
    return asked


def without_names(conversation: Conversation) -> Conversation:
    """Nobody is named: neither the speakers nor where texts and questions speak of them."""
    names = sorted({re.escape(each["speaker"]) for each in conversation.messages})
    pattern = re.compile(rf"\b(?:{'|'.join(names)})\b", re.IGNORECASE)
    return Conversation(
        [
            {**each, "speaker": None, "text": pattern.sub("", each["text"])}
            for each in conversation.messages
        ],
        [
            Question(pattern.sub("", each.text), each.category, each.evidence)
            for each in conversation.questions
        ],
    )


def evaluated(search: Search, found: Sequence[Conversation]) -> Mapping[int, list[Scores]]:
    """The scores of every question, by category."""
    scores: defaultdict[int, list[Scores]] = defaultdict(list)
    for conversation in found:
        for question in conversation.questions:
            ids = search(conversation.messages, question.text, max(CUTS))
            scores[question.category].append(scored(ids, question.evidence))
    return scores


def scored(ids: Sequence[str], evidence: frozenset[str]) -> Scores:
    recalls = [len(evidence & set(ids[:cut])) / len(evidence) for cut in CUTS]
    gain = sum(1 / math.log2(at + 2) for at, each in enumerate(ids[:DEPTH]) if each in evidence)
    best = sum(1 / math.log2(at + 2) for at in range(min(DEPTH, len(evidence))))
    return (*recalls, gain / best)


def mean(by_category: Mapping[int, Sequence[Scores]]) -> Scores:
    every = [scores for group in by_category.values() for scores in group]
    return tuple(sum(column) / len(every) for column in zip(*every, strict=True))


def percent(scores: Scores) -> str:
    return " / ".join(f"{100 * score:.1f}" for score in scores)


def substring(messages: Messages, query: str, k: int) -> Sequence[str]:
    """The newest messages that hold the whole query."""
    held = [each["id"] for each in messages if query.casefold() in each["text"].casefold()]
    return held[::-1][:k]


def full_text(messages: Messages, query: str, k: int) -> Sequence[str]:
    """SQLite's own full-text search: any of the query's words, English stems."""
    words = re.findall(r"\w+", query.casefold())
    telling = [word for word in words if word not in STOP_WORDS] or words
    if not telling:
        return []
    rows = _indexed(id(messages), tuple(each["text"] for each in messages)).execute(
        "SELECT rowid FROM said WHERE said MATCH ? ORDER BY rank, rowid DESC LIMIT ?",
        (" OR ".join(f'"{word}"' for word in telling), k),
    )
    return [messages[row - 1]["id"] for (row,) in rows]


@cache
def _indexed(_of: int, texts: tuple[str, ...]) -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE VIRTUAL TABLE said USING fts5(text, tokenize = 'porter unicode61')")
    connection.executemany("INSERT INTO said (text) VALUES (?)", [(text,) for text in texts])
    return connection
