"""What the offline model quotes of what a search has found."""

from __future__ import annotations

from agentcore.offline_model.questions import question_of
from agentcore.offline_model.searching import quoted_hit
from agentcore.offline_model.sentences import clauses_of

QUESTION = "What was the place called where I had saffron ice cream with Sanne?"


def found(*lines: str) -> str:
    return "\n\n".join([f"Found {len(lines)} messages.", *lines])


def quoted(question: str, *lines: str) -> str | None:
    (clause,) = clauses_of(question)
    asked = question_of(clause)
    assert asked is not None
    hit = quoted_hit(found(*lines), asked.terms, question)
    return None if hit is None else hit.text


def test_words_that_only_make_a_question_need_not_be_in_the_answer() -> None:
    said = "Sanne took me to the Painted Teapot; the saffron ice cream was divine."
    assert quoted(QUESTION, f">> 2026-01-09 08:00 user: {said}") == said


def test_of_two_that_fit_as_well_the_newer_one_is_quoted() -> None:
    older = ">> 2026-01-09 08:00 user: My friend Priya's hobby is pottery."
    newer = "   2026-02-11 09:00 user: My friend Priya's hobby is chess."
    asked = "What is my friend Priya's hobby?"
    assert quoted(asked, older, newer) == quoted(asked, newer, older)
    assert quoted(asked, older, newer) == "My friend Priya's hobby is chess."


def test_one_that_fits_better_is_quoted_though_it_is_older() -> None:
    better = ">> 2026-01-09 08:00 user: The place with saffron ice cream for Sanne is the Teapot."
    worse = ">> 2026-02-11 09:00 user: Sanne hates saffron ice cream."
    assert "Teapot" in str(quoted(QUESTION, worse, better))
