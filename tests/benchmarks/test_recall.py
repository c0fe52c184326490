"""The benchmarks of the search, on a conversation made up here."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from agentcore.errors import ModelUnavailable
from agentcore.testing import WordEmbedder
from benchmarks import evidence, recall, search, targets

TURNS = {
    "session_1": [
        ("D1:1", "Ada", "My sister Clara moved to Lisbon"),
        ("D1:2", "Bob", "How nice! When?"),
        ("D1:3", "Ada", "Last Tuesday"),
    ],
    "session_2": [("D2:1", "Bob", "I bought a red boat"), ("D2:2", "Ada", "Shall we sail?")],
}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    spoken: dict[str, Any] = {
        "session_1_date_time": "1:56 pm on 8 May, 2023",
        "session_2_date_time": "7:00 am on 1 June, 2023",
    }
    for name, turns in TURNS.items():
        spoken[name] = [{"dia_id": each, "speaker": who, "text": text} for each, who, text in turns]
    questions = [
        {"question": "Where does Ada's sister live?", "category": 4, "evidence": ["D1:1"]},
        {"question": "What did Bob buy in June?", "category": 2, "evidence": ["D2:1"]},
        {"question": "Who sang?", "category": 5, "evidence": []},
    ]
    path = tmp_path / "conversations.json"
    path.write_text(json.dumps([{"conversation": spoken, "qa": questions}]), "utf-8")
    return path


def test_the_product_s_search_answers_for_any_conversation(data: Path) -> None:
    (conversation,) = evidence.conversations(data)
    messages = conversation.messages
    assert recall.search(messages, "Clara", 1) == ["D1:1"]
    assert recall.search(messages, "1 June 2023 boat", 1) == ["D2:1"]
    assert len(recall.search(messages, "boat sister", 20)) == 5
    for odd in ("", '" NEAR( *', "👋", "x" * 10_000):
        assert len(recall.search(messages, odd, 3)) <= 3


@pytest.mark.parametrize("date", [None, "soon", "2023-05-08", "2023-05-08T13:56:00+02:00"])
def test_messages_may_have_any_date_or_none(date: str | None) -> None:
    messages: list[dict[str, Any]] = [
        {"id": 7, "session": 1, "speaker": None, "date": date, "text": "a red boat"},
        {"id": 8, "session": 2, "speaker": "", "date": date, "text": "a blue one"},
    ]
    assert recall.search(messages, "boat", 1) == ["7"]


def test_lists_that_look_alike_are_kept_apart() -> None:
    def made(word: str) -> list[dict[str, Any]]:
        return [{"id": word, "session": 1, "speaker": "A", "date": None, "text": f"a {word}"}]

    lists = [made(word) for word in ("boat", "car", "plane")]
    for each, word in zip(lists, ("boat", "car", "plane"), strict=True):
        assert recall.search(each, "boat car plane", 9) == [word]


def test_evidence_is_measured_beside_plain_searches(data: Path) -> None:
    figures = {each.name: each.ours for each in evidence.measure(data=data, quick=True)}
    assert figures["all questions"] == "100.0 / 100.0 / 100.0 / 100.0"
    assert figures["compare: substring"] == "0.0 / 0.0 / 0.0 / 0.0"
    assert figures["odd queries that fail / hits from another agent"] == "0 / 0"
    assert figures["recall, with embeddings: R@5 / R@10 / R@20 / NDCG@10"] == "not measured"
    assert len(figures) == 10


def test_the_search_with_an_embedding_model_is_measured_too(data: Path) -> None:
    embedder = WordEmbedder(meanings={"reside": "live"})
    measured = evidence.measure(data=data, quick=True, embedder=embedder)
    figures = {each.name: each.ours for each in measured}
    assert figures["all questions, with embeddings"] == "100.0 / 100.0 / 100.0 / 100.0"
    assert len(figures) == 11
    assert "Where does sister live?" in {text for texts in embedder.asked for text in texts}


def test_an_embedding_model_that_fails_is_no_figure(data: Path) -> None:
    (conversation,) = evidence.conversations(data)
    embedder = WordEmbedder()
    search_by_meaning = recall.MeaningSearch(embedder)
    assert search_by_meaning(conversation.messages, "boat", 1) == ["D2:1"]
    embedder.fail(*[ModelUnavailable("down") for _ in range(recall.TRIES)])
    with pytest.raises(RuntimeError, match="did not embed"):
        search_by_meaning(conversation.messages, "sister", 1)
    search_by_meaning.close()


def test_without_the_data_it_says_why_nothing_is_measured(tmp_path: Path) -> None:
    for figure in evidence.measure(data=tmp_path / "none.json", quick=True):
        assert figure.ours == "not measured"
        assert "--data" in figure.note


def test_scores_are_shares_of_the_evidence() -> None:
    wanted = frozenset({"a", "b"})
    assert evidence.scored(["x", "a"], wanted)[:3] == (0.5, 0.5, 0.5)
    assert evidence.scored(["a", "b"], wanted) == (1.0, 1.0, 1.0, 1.0)


def test_searching_and_appending_are_timed() -> None:
    figures = search.measure(quick=True)
    assert [each.target for each in figures] == [targets.SEARCH, targets.APPEND, None]
    assert search.Writer().text() == search.Writer().text()
