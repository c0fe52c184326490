"""Taking an edit back from a text that has changed since."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentcore.memory.reversal import reversed_on

TEXT = st.lists(st.sampled_from(["", "a", "b", "c", "d", "e"]), max_size=8).map("\n".join)


@given(TEXT, TEXT)
def test_what_reads_as_the_edit_left_it_reads_as_before_it_again(before: str, after: str) -> None:
    reversal = reversed_on(after, before, after)

    assert (reversal.text, reversal.left) == (before, ())


@given(TEXT, TEXT, TEXT)
def test_only_lines_of_the_edit_itself_come_and_go(before: str, after: str, now: str) -> None:
    reversal = reversed_on(now, before, after)

    old, new = Counter(before.split("\n")), Counter(after.split("\n"))
    had, has = Counter(now.split("\n")), Counter(reversal.text.split("\n"))
    blank = Counter({"": 100})
    moved = _in_another_order(before, after)
    assert has - had - moved - blank <= old - new
    assert had - has - moved - blank <= new - old


@given(st.lists(st.integers(0, 30), max_size=20, unique=True), st.data())
def test_lines_that_others_wrote_stay_in_their_order(
    numbers: Sequence[int], data: st.DataObject
) -> None:
    before = [f"old {n}" for n in numbers]
    after = _edited(before, "the edit's", data)
    now = _edited(after, "later", data)

    lines = reversed_on("\n".join(now), "\n".join(before), "\n".join(after)).text.split("\n")

    others = [line for line in now if line in before or line.startswith("later")]
    assert _is_within(others, lines)
    assert len(set(lines)) == len(lines)


def _in_another_order(before: str, after: str) -> Counter[str]:
    """A line that was only moved counts as taken out here and put in there."""
    return Counter(before.split("\n")) & Counter(after.split("\n"))


def _edited(lines: Sequence[str], name: str, data: st.DataObject) -> list[str]:
    """Some lines taken out, some written over, some put in: none twice, none moved."""
    edited: list[str] = []
    for at, line in enumerate(lines):
        match data.draw(st.sampled_from(["keep", "keep", "drop", "write over", "put in"])):
            case "drop":
                continue
            case "write over":
                edited.append(f"{name} {at}")
            case "put in":
                edited += [f"{name} {at}", line]
            case _:
                edited.append(line)
    return [*edited, f"{name} last"]


def _is_within(part: Sequence[str], whole: Sequence[str]) -> bool:
    rest = iter(whole)
    return all(line in rest for line in part)


EDITED = [
    # before, after, now, then
    pytest.param("", "tea", "tea\ncats", "cats", id="an insert into an empty text"),
    pytest.param("a", "a\ntea", "a\ntea\ncats", "a\ncats", id="an insert"),
    pytest.param("a\ntea", "a", "a\ncats", "a\ntea\ncats", id="a deletion"),
    pytest.param("tea\nb", "b", "b\nc", "tea\nb\nc", id="a deletion at the top"),
    pytest.param("Paris", "Rome", "Rome\ncats", "Paris\ncats", id="a replacement"),
    pytest.param("tea", "tea\nRome", "Rome\ntea", "tea", id="a line that was moved since"),
    pytest.param("a", "a\ntea\ncats", "a\ncats", "a", id="partly deleted since"),
    pytest.param("a", "a\ntea", "a", "a", id="deleted since"),
    pytest.param("tea", "coffee", "tea", "tea", id="put right by somebody else"),
    pytest.param("a\ntea", "a", "a\nb\ntea", "a\nb\ntea", id="written again since"),
    pytest.param("one", "two", "zero\ntwo\nthree", "zero\none\nthree", id="in the middle"),
    pytest.param("k\none", "k\ntwo", "k\ntwo\nb", "k\none\nb", id="below what stays"),
    pytest.param("x\na\nx", "x\na", "x\na\nb", "x\na\nx\nb", id="one of two equal lines"),
    pytest.param("a\n\nb", "a\nb", "a\nb\n\nc", "a\n\nb\n\nc", id="a blank line"),
    pytest.param(
        "x\na\nx\nb\nx", "a\nb", "a\nb\nx\nx", "a\nb\nx\nx\nx", id="two of three written again"
    ),
    pytest.param(
        "a\nb\ntea\nc", "a\nb\nc", "a\nnew\nc", "a\ntea\nnew\nc", id="its neighbour is gone"
    ),
    pytest.param("a", "a\nx", "b\nx\ny\nx", "b\nx\ny", id="of equal lines the one at the end"),
    pytest.param("x\nm", "a\nx\nm", "m\nx", "m\nx", id="another was moved to its place"),
]


@pytest.mark.parametrize(("before", "after", "now", "then"), EDITED)
def test_an_edit_is_taken_back_beside_what_came_later(
    before: str, after: str, now: str, then: str
) -> None:
    reversal = reversed_on(now, before, after)

    assert (reversal.text, reversal.left) == (then, ())


OVERWRITTEN = [
    pytest.param("tea", "coffee", "milk", "milk", ("milk",), id="written over"),
    pytest.param("a", "a\ntea", "a\ngreen tea", "a\ngreen tea", ("green tea",), id="added to"),
    pytest.param("tea", "coffee", "", "", (), id="replaced, then deleted"),
    pytest.param("x\ny", "a\nb", "a\nc", "a\nc", ("a", "c"), id="one of two written over"),
    pytest.param("", "a\nb", "a\nc", "c", ("c",), id="one of two that were put in"),
    pytest.param("k\nx", "k\na", "k\nb", "k\nb", ("b",), id="below what stays"),
    pytest.param("x", "a", "c\n\nd", "c\n\nd", ("c", "d"), id="blank lines aren't named"),
    pytest.param("b\ny\nx", "b\nx\ny\nx", "a\nx", "a\nx", ("a",), id="an equal line stays"),
    pytest.param("q\nx\nm", "a\nx\nm", "m\nn\nx", "m\nn\nx", ("n",), id="beside a moved line"),
]


@pytest.mark.parametrize(("before", "after", "now", "then", "stands"), OVERWRITTEN)
def test_what_was_written_over_since_stays_and_is_named(
    before: str, after: str, now: str, then: str, stands: tuple[str, ...]
) -> None:
    reversal = reversed_on(now, before, after)

    assert (reversal.text, reversal.left) == (then, (stands,))


def test_each_place_names_only_what_stands_there() -> None:
    reversal = reversed_on("h\nc\nk\nd", "h\nx\nk\ny", "h\na\nk\nb")

    assert reversal.left == (("c",), ("d",))


def test_what_is_put_back_is_told() -> None:
    assert reversed_on("b", "a\nb\nc", "b").restored == ("a", "c")
    assert reversed_on("b\nd", "a\nb\nc", "b").restored == ("a", "c")
