"""The scripted year: the same life from the same seed, read and judged as it is meant."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from benchmarks import year
from benchmarks.life.confidant import Confidant
from benchmarks.life.scenario import Life, life
from tests.simulators.openai_replies import Answer, Call

NOTE = "[2026-01-05T08:00 Mon UTC | terminal | private]"


@pytest.fixture(scope="module")
def month() -> Life:
    return life(days=30)


def test_a_life_is_the_same_from_the_same_seed_and_hardly_repeats_itself(month: Life) -> None:
    again = life(days=30)
    texts = [line.text for line in month.lines]
    assert texts == [line.text for line in again.lines]
    assert texts != [line.text for line in life(days=30, seed=8).lines]
    assert len(set(texts)) > 0.95 * len(texts)
    moments = [line.at for line in month.lines]
    assert moments == sorted(moments)


def test_all_that_was_stated_is_asked_for_in_the_end(month: Life) -> None:
    assert {each.key for each in month.exam} == set(month.known)
    assert any(len(each) > 1 for each in month.known.values())
    assert {month.questions[each.text].key for each in month.exam} == set(month.known)


def changed(of: Life) -> tuple[str, str, str]:
    """A subject with a value that was true before, and the one that is true."""
    for key in of.known:
        now = of.truth(key).value
        for value in of.earlier(key):
            if now is not None and value not in now and now not in value:
                return key, value, now
    raise AssertionError("nothing has changed in this life")


def test_an_answer_is_judged_by_the_values_that_it_gives(month: Life) -> None:
    key, old, now = changed(month)
    judge = {
        f"It is {now.upper()}.": "recalled",
        f"It was {old}, and is {now}.": "mixed",
        f"It is {old}.": "stale",
        "I don't know.": "missing",
    }
    assert {reply: year.judged(month, key, reply) for reply in judge} == judge


def chat(*said: tuple[str, str], block: str = "") -> dict[str, Any]:
    frame = f'<block label="human" chars="9" limit="20">\n<value>\n{block}\n</value>\n</block>'
    head = {"role": "system", "content": f"You are a friend.\n{frame}"}
    roles = {"user": f"{NOTE}\n", "tool": "", "assistant": ""}
    return {
        "messages": [head, *({"role": role, "content": roles[role] + text} for role, text in said)]
    }


def answer(month: Life, body: dict[str, Any]) -> Answer:
    reply = Confidant(month, len)(body)
    assert isinstance(reply, Answer)
    return reply


def a_fact(of: Life) -> tuple[str, str, str]:
    """The text, the note, and a question on something that is said but once."""
    for text, said in of.statements.items():
        if said.note and len(of.known[said.key]) == 1:
            question = next(each.text for each in of.exam if each.key == said.key)
            return text, said.note, question
    raise AssertionError("nothing is said but once")


def test_the_model_of_the_year_notes_a_fact_and_answers_from_its_block(month: Life) -> None:
    text, note, question = a_fact(month)
    noted = answer(month, chat(("user", text)))
    assert [call.name for call in noted.calls] in (["memory_insert"], [])
    told = answer(month, chat(("user", question), block=f"1→ {note}"))
    assert str(month.statements[text].value) in told.text


def test_it_searches_for_what_it_has_forgotten_and_reads_what_is_found(month: Life) -> None:
    text, _, question = a_fact(month)
    search = answer(month, chat(("user", question)))
    assert [call.name for call in search.calls] == ["conversation_search"]
    assert isinstance(search.calls[0], Call)
    found = f"Found 1 message.\n\n>> 2026-01-05 08:00 user: {text}"
    told = answer(month, chat(("user", question), ("tool", found)))
    assert str(month.statements[text].value) in told.text


async def test_a_few_days_are_lived_and_asked_about(tmp_path: Path) -> None:
    diary = await year.replay(tmp_path, life(days=2, plain=True))
    assert diary.counts["recalled"] >= 1
    assert sum(diary.counts.values()) == len(diary.life.exam)
    assert not diary.troubles
    assert diary.days[-1].runs >= 1
    names = [figure.name for figure in year._report(diary, "")]
    assert "prompt of a call, mean tokens, day 1 / 2" in names
