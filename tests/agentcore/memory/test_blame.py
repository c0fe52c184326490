"""Which edit a line came with, whatever was done to a block since."""

from __future__ import annotations

import itertools
import random
from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from agentcore.clock import Micros
from agentcore.memory.blame import origin_of, place_before
from agentcore.records import BlockId, EditActor, Origin, Revision

BLOCK = BlockId("block-11111111-1111-4111-8111-111111111111")


def revision(version: int, before: str, after: str, undoes: int | None = None) -> Revision:
    actor = EditActor.TOOL if undoes is None else EditActor.USER
    return Revision(
        BLOCK,
        "human",
        version,
        before,
        after,
        actor,
        Origin.OWNER,
        Micros(version),
        None,
        None,
        undoes,
    )


@dataclass
class History:
    """A block being edited, with the edit that each of its lines first came with."""

    lines: list[tuple[str, int]] = field(default_factory=list)
    revisions: list[Revision] = field(default_factory=list)
    earlier: list[list[tuple[str, int]]] = field(default_factory=lambda: [[]])

    @property
    def version(self) -> int:
        return len(self.revisions)

    @property
    def text(self) -> str:
        return "\n".join(text for text, _ in self.lines)

    def becomes(self, lines: list[tuple[str, int]], undoes: int | None = None) -> None:
        before = self.text
        self.lines = lines
        after = self.text
        self.revisions.append(revision(self.version + 1, before, after, undoes))
        self.earlier.append(lines)

    def undo(self) -> None:
        undone = {each.undoes for each in self.revisions}
        for each in reversed(self.revisions[1:]):
            if each.undoes is None and each.version not in undone:
                self.becomes(self.earlier[each.version - 1], undoes=each.version)
                return


def edited(seed: int, steps: list[str]) -> History:
    """A history in which every text is written once, or again after it was gone."""
    chance, history = random.Random(seed), History()  # noqa: S311 (nothing secret)
    history.becomes([("first", 1)])
    gone: list[str] = []
    for step in steps:
        lines, number = list(history.lines), history.version + 1
        at = chance.randint(0, len(lines))
        if step == "insert":
            lines[at:at] = [(f"line {number}.{n}", number) for n in range(chance.randint(1, 3))]
        elif step == "replace" and at < len(lines):
            gone.append(lines[at][0])
            lines[at] = (f"line {number}", number)
        elif step == "delete" and at < len(lines):
            gone.append(lines.pop(at)[0])
        elif step == "shuffle":
            chance.shuffle(lines)
        elif step == "again":
            there = {text for text, _ in lines}
            free = [text for text in dict.fromkeys(gone) if text not in there]
            lines[at:at] = [(text, number) for text in free[:1]]
        elif step == "undo":
            history.undo()
            continue
        history.becomes(lines)
    return history


STEPS = st.lists(st.sampled_from(["insert", "replace", "delete", "shuffle", "again", "undo"]))


@given(st.integers(0, 2**32), STEPS)
def test_every_line_came_with_the_edit_in_which_it_appeared(seed: int, steps: list[str]) -> None:
    history = edited(seed, steps)

    for at, (_, number) in enumerate(history.lines):
        found = origin_of(at, reversed(history.revisions))
        assert found is not None
        assert found.revision.version == number


@given(st.lists(st.lists(st.sampled_from("abc"), min_size=1, max_size=6), min_size=1, max_size=8))
def test_among_lines_that_read_alike_it_came_with_an_edit_that_added_one(
    values: list[list[str]],
) -> None:
    texts = ["", *("\n".join(value) for value in values)]
    revisions = [
        revision(version, before, after)
        for version, (before, after) in enumerate(itertools.pairwise(texts), start=1)
    ]
    for at, text in enumerate(values[-1]):
        found = origin_of(at, reversed(revisions))
        assert found is not None
        made = found.revision
        assert made.after.split("\n").count(text) > made.before.split("\n").count(text)


def test_a_line_that_came_back_names_the_undo_too() -> None:
    history = History()
    history.becomes([("one", 1)])
    history.becomes([("two", 2)])
    history.undo()

    found = origin_of(0, reversed(history.revisions))

    assert found is not None
    assert (found.revision.version, found.restored and found.restored.version) == (1, 3)


def test_a_line_that_an_undo_of_an_older_edit_brought_back_is_followed_past_that_edit() -> None:
    revisions = [
        revision(1, "", "one\ntwo"),
        revision(2, "one\ntwo", "two"),
        revision(3, "two", "two\nthree"),
        revision(4, "two\nthree", "one\ntwo\nthree", undoes=2),
    ]

    found = [origin_of(at, reversed(revisions)) for at in range(3)]

    assert [each and each.revision.version for each in found] == [1, 1, 3]
    assert [each and each.restored and each.restored.version for each in found] == [4, None, None]


def test_an_undo_that_left_the_line_alone_is_not_named() -> None:
    history = History()
    history.becomes([("one", 1)])
    history.becomes([("one", 1), ("two", 2)])
    history.undo()

    found = origin_of(0, reversed(history.revisions))

    assert found is not None
    assert found.restored is None


def test_no_more_of_the_history_is_read_than_it_takes() -> None:
    revisions = [revision(3, "a", "a\nb"), revision(2, "", "a")]

    def newest_first() -> object:
        yield revisions[0]
        raise AssertionError("read on")

    found = origin_of(1, newest_first())  # type: ignore[arg-type]
    assert found is not None
    assert found.revision.version == 3


def test_a_history_with_a_hole_tells_nothing() -> None:
    assert origin_of(0, []) is None
    assert origin_of(0, [revision(3, "a", "a\nb")]) is None
    assert origin_of(0, [revision(3, "a", "a\nb"), revision(2, "", "")]) is None
    assert origin_of(5, [revision(3, "a", "a\nb")]) is None


@given(st.lists(st.sampled_from("abcd"), max_size=8), st.lists(st.sampled_from("abcd"), max_size=8))
def test_no_two_lines_come_from_the_same_place(before: list[str], after: list[str]) -> None:
    places = [place_before(before, after, at) for at in range(len(after))]

    for at, place in enumerate(places):
        assert place is None or before[place] == after[at]
    known = [place for place in places if place is not None]
    assert len(known) == len(set(known))
