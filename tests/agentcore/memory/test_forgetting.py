"""What mentions, and what repeats, something that is to be forgotten."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentcore.memory.forgetting import (
    all_text,
    put_back,
    repeats,
    scrubbed,
    topic_of,
    topic_of_line,
    traces,
    without_lines,
)
from agentcore.records import Origin, ToolCall, ToolCallPart, ToolReturnPart

LINE = "Works at Nordwind as a baker"
texts = st.text(alphabet="ab \n", max_size=40)


@pytest.mark.parametrize(
    ("topic", "text", "mentioned"),
    [
        ("about work", "My works are on show", True),
        ("Anna's wedding", "Anna called", True),
        ("the Nordwind bakery in Kiel", "Kiel is nice", False),
        ("Arbeit", "Die Arbeiten ruhen", True),
        ("里斯本", "我住在里斯本。", True),
        ("work", "", False),
        ("", "anything", False),
        ("?!", "?!", False),
    ],
)
def test_a_topic_is_mentioned_by_half_of_its_words(
    topic: str, text: str, *, mentioned: bool
) -> None:
    assert topic_of(topic).is_in(text) is mentioned


def test_a_line_is_mentioned_by_two_thirds_of_its_words() -> None:
    assert topic_of_line(LINE).is_in("I bake... I mean, I am a baker at Nordwind")
    assert not topic_of_line(LINE).is_in("I have work to do")


@pytest.mark.parametrize(
    "text",
    [
        f"Notes:\n12→ - {LINE}\nmore",
        f"She WORKS  at\nNordwind as a baker since {'long ' * 50}",
        "[user] I bake at Nordwind every morning, you know…",
    ],
)
def test_it_is_known_again_in_other_case_and_lines_and_cut(text: str) -> None:
    known = traces([f"- {LINE}"], ["I bake at Nordwind every morning, you know"])
    assert repeats(text, known)


def test_what_says_nothing_is_no_trace_of_anything() -> None:
    known = traces(["  ", "-"], ["Yes.", "Thanks!", ""])
    assert known == frozenset()
    assert not repeats("Yes. Thanks!", known)


def test_a_short_line_is_known_again_where_it_stands_alone() -> None:
    known = traces(["PIN 9"], [])
    assert repeats("A\n• PIN 9\nB", known)
    assert not repeats("The pin 99 is another", known)


def test_a_calls_arguments_are_read_as_what_they_say() -> None:
    call = ToolCall("1", "memory_insert", '{"label": "human", "new_string": "Caf\\u00e9 \\"X\\""}')
    broken = ToolCall("2", "memory_insert", '{"new_string": "Tallinn')
    parts = [ToolCallPart(call), ToolCallPart(broken)]
    found = all_text([*parts, ToolReturnPart("1", "t", "Done: Ärger", "success", Origin.AGENT)])
    assert all(word in found for word in ('Café "X"', "Tallinn", "Ärger"))


@given(before=texts, places=st.sets(st.integers(0, 10)))
def test_taken_out_and_put_back_it_is_what_it_was(before: str, places: set[int]) -> None:
    after = without_lines(before, places)
    assert put_back(before, after, after) == before


@given(before=texts, places=st.sets(st.integers(0, 10)), now=texts)
def test_putting_back_never_loses_what_is_there(before: str, places: set[int], now: str) -> None:
    after = without_lines(before, places)
    back = put_back(before, after, now)
    gone = Counter(before.split("\n")) - Counter(after.split("\n"))
    assert {line for line in gone if line.strip()} <= set(back.split("\n"))
    if now != after:
        assert back.startswith(now)


@given(text=texts, lines=st.sets(st.text(alphabet="ab ", max_size=5)))
def test_nothing_but_these_lines_is_scrubbed(text: str, lines: set[str]) -> None:
    kept = scrubbed(text, lines).split("\n")
    assert not set(kept) & (lines - {""})
    assert [line for line in text.split("\n") if line not in lines] in (kept, [])
