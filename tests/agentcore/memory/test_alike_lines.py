"""Blocks of very many equal lines, as a model writes them that repeats itself without an end: edits of
them are compared, followed and taken back like any others, without holding anybody up."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentcore.memory import matching
from agentcore.memory.blame import place_before
from agentcore.memory.changes import new_lines
from agentcore.memory.matching import matched, stretches
from agentcore.memory.reversal import reversed_on

MANY = 3_000
DASHES = ["- "] * MANY
BROKEN = ["- ", "- ", "z"] * (MANY // 3)

texts = st.lists(st.sampled_from(["", "- ", "a", "b", "c"]), max_size=12)


def test_what_is_new_among_them_is_found() -> None:
    before = "\n".join(["Ada.", *DASHES])
    after = "\n".join(["Bob.", *DASHES, "Likes tea."])
    assert new_lines(before, after) == {0, MANY + 1}


def test_a_line_between_them_is_found_in_its_place_before() -> None:
    old = ["a", *DASHES, "Likes tea.", "b"]
    new = ["c", *BROKEN, "Likes tea.", "d"]
    assert place_before(old, new, len(new) - 2) == len(old) - 2


@pytest.mark.parametrize("lines", [DASHES, BROKEN, [""] * MANY], ids=["dashes", "broken", "blank"])
def test_an_edit_among_them_is_taken_back(lines: list[str]) -> None:
    before = "\n".join(["Ada.", *lines, "Likes tea."])
    after = "\n".join(["Bob.", *lines[::-1], "x", *lines[: MANY // 2]])
    assert reversed_on(after, before, after).text == before


def test_lines_that_stand_there_a_few_times_keep_their_order() -> None:
    old, new = ["- ", "a", "- ", "b", "- "], ["- ", "b", "- ", "c", "a", "- "]
    assert matched(old, new) == {0: 0, 1: 3, 2: 2, 4: 1, 5: 4}


def test_lines_between_each_two_of_many_are_followed() -> None:
    old = [f"{at}" for at in range(MANY)]
    new = [line for at in range(MANY) for line in (f"new {at}", f"{at}")]
    assert matched(old, new) == {2 * at + 1: at for at in range(MANY)}


@pytest.mark.parametrize("each_with_each", [True, False], ids=["each with each", "in order"])
@given(old=texts, new=texts)
def test_stretches_tell_both_texts_whole_and_in_order(
    old: list[str], new: list[str], *, each_with_each: bool
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        if not each_with_each:
            patch.setattr(matching, "MOST_PAIRS", -1)
        found = list(stretches(old, new))
    at, new_at = 0, 0
    for each in found:
        assert (each.start, each.new_start) == (at, new_at)
        at, new_at = each.end, each.new_end
        if each.kind == "equal":
            assert old[each.start : at] == new[each.new_start : new_at] != []
        else:
            kinds = {(True, True): "replace", (True, False): "delete", (False, True): "insert"}
            assert each.kind == kinds[at > each.start, new_at > each.new_start]
    assert (at, new_at) == (len(old), len(new))


@given(before=texts, after=texts, now=texts)
def test_what_is_compared_in_order_is_taken_back_as_well(
    before: list[str], after: list[str], now: list[str]
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(matching, "MOST_PAIRS", -1)
        first, second, third = "\n".join(before), "\n".join(after), "\n".join(now)
        assert reversed_on(second, first, second).text == first
        taken_back = reversed_on(third, first, second)
    assert set(taken_back.text.split("\n")) <= {*before, *now, ""}
