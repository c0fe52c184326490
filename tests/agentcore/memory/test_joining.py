"""One memory out of two, and parting them again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentcore.clock import Micros
from agentcore.memory.joining import Joined, bare, joined, may_become
from agentcore.memory.undoing import taken_back
from agentcore.records import (
    Block,
    Drawer,
    EditActor,
    JoinedLine,
    Joining,
    LinkSide,
    Origin,
    Revision,
    UserId,
    new_agent_id,
    new_block_id,
)

OURS, THEIRS = new_agent_id(), new_agent_id()
LINES = st.lists(
    st.sampled_from(
        ["", "Likes tea.", "likes  TEA.", "Lives in Paris.", "2026: in Lisbon.", "One"]
    ),
    max_size=6,
)


def side(name: str, *blocks: Block) -> LinkSide:
    drawers = tuple(Drawer(block) for block in blocks)
    return LinkSide(UserId(name), blocks[0].owner, ("test",), drawers)


def block(owner: str, lines: Sequence[str], *, label: str = "human", limit: int = 200) -> Block:
    agent = OURS if owner == "ours" else THEIRS
    return Block(new_block_id(), agent, label, "\n".join(lines), limit)


def brought(ours: Block, theirs: Block, *wanted: JoinedLine) -> Joined:
    joining = Joining(side("a", ours), side("b", theirs))
    return joined(joining, wanted, lambda _block, _line: Origin.AGENT)


def after(before: Block, result: Joined) -> Block:
    edits = [edit for edit in result.edits if edit.block.block_id == before.block_id]
    if not edits:
        return before
    return replace(before, value=edits[-1].after, version=before.version + len(edits))


@given(LINES, LINES, st.integers(min_value=0, max_value=120))
def test_no_line_is_lost_none_is_doubled_and_no_limit_is_passed(
    ours: list[str], theirs: list[str], room: int
) -> None:
    held = block("ours", ours)
    held = replace(held, limit=len(held.value) + room)
    result = brought(held, block("theirs", theirs))
    now = after(held, result)

    assert len(now.value) <= now.limit
    kept = [bare(line) for line in now.value.split("\n")]
    archived = [bare(note.text) for note in result.archived]
    assert {bare(line) for line in theirs if line.strip()} <= {*kept, *archived}
    fresh = [line for line in [*kept[len(held.value.split("\n")) :], *archived] if line]
    assert len(fresh) == len(set(fresh))
    assert not set(fresh) & {bare(line) for line in ours}


def test_lines_of_two_sources_that_take_turns_come_along_as_two_edits() -> None:
    """Each edit is kept with the whole block before and after it."""
    lines = [f"Line {number}." for number in range(400)]
    held, theirs = block("ours", [], limit=64_000), block("theirs", lines, limit=64_000)
    joining = Joining(side("a", held), side("b", theirs))
    result = joined(
        joining, (), lambda _, line: Origin.FORWARDED if line[-2] in "02468" else Origin.AGENT
    )
    assert [edit.origin for edit in result.edits] == [Origin.FORWARDED, Origin.AGENT]
    assert sorted(after(held, result).value.split("\n")) == sorted(lines)


@given(LINES, LINES, st.lists(st.sampled_from(["Has a dog.", "Two"]), max_size=2, unique=True))
def test_parting_leaves_what_was_there_and_what_was_noted_since(
    ours: list[str], theirs: list[str], since: list[str]
) -> None:
    held = block("ours", ours)
    wanted = JoinedLine(
        "human", ("Lives in Paris.",), ("2026: in Lisbon.",), "2026: from Paris to Lisbon."
    )
    result = brought(held, block("theirs", theirs), wanted)
    joined_block = after(held, result)
    now = replace(joined_block, value="\n".join([*filter(None, [joined_block.value]), *since]))

    revisions = [
        Revision(
            held.block_id,
            "human",
            edit.block.version + 1,
            edit.block.value,
            edit.after,
            EditActor.LINK,
            edit.origin,
            Micros(held_at),
            None,
            None,
            None,
        )
        for edit, held_at in zip(result.edits, range(1, 99), strict=False)
    ]
    taken = taken_back(list(reversed(revisions)), {now.block_id: now})
    _, left = taken.blocks.get(now.block_id, (now, now))
    wanted_lines = [*(held.value.split("\n") if held.value else []), *since]
    assert left.value == "\n".join(wanted_lines)


@pytest.mark.parametrize(
    ("ours", "theirs", "line"),
    [
        ((), ("Plays the cello.",), "Plays the cello."),  # nothing to make one of
        (("Likes tea.",), ("Plays the cello.",), "Owns a boat in Naples."),  # invented
        (("Likes tea.",), ("Plays the cello.",), "Likes tea."),  # theirs is lost
        (("Born 1990.",), ("Has a birthday in May.",), "Born in May 1991."),  # another number
        (("Likes tea.",), ("Drinks tea.",), "Likes tea.\nIs rich."),
        (("A nurse, allergic to nuts.",), ("In Lisbon.",), "In Lisbon."),  # ours is lost
        (("Likes tea.",), ("Drinks tea.",), " "),
        (("Likes tea.",), ("Drinks tea.",), "Drinks tea " * 30),
    ],
)
def test_a_line_that_a_model_made_of_something_else_does_not_come_in(
    ours: tuple[str, ...], theirs: tuple[str, ...], line: str
) -> None:
    assert not may_become(JoinedLine("human", ours, theirs, line))


def test_a_date_that_a_line_was_shown_with_may_stand_in_it() -> None:
    wanted = JoinedLine(
        "human", ("Lives in Paris.",), ("Moved to Lisbon.",), "2026-11: moved from Paris to Lisbon."
    )
    assert not may_become(wanted)
    assert may_become(replace(wanted, days=("undated", "2026-11-22")))


def test_what_the_person_chose_line_by_line_and_words_of_others_are_not_rewritten() -> None:
    public = block("ours", ["Likes tea."], label="public")
    theirs = block("theirs", ["Drinks tea."], label="public")
    one = JoinedLine("public", ("Likes tea.",), ("Drinks tea.",), "Likes and drinks tea.")
    assert after(public, brought(public, theirs, one)).value == "Likes tea.\nDrinks tea."

    ours, foreign = block("ours", ["Likes tea."]), block("theirs", ["Drinks tea."])
    drawers = (Drawer(foreign, foreign=frozenset({"Drinks tea."})),)
    goes = replace(side("b", foreign), drawers=drawers)
    joining = Joining(side("a", ours), goes)
    result = joined(joining, [replace(one, label="human")], lambda _b, _l: Origin.FORWARDED)
    assert [edit.origin for edit in result.edits] == [Origin.FORWARDED]
    assert after(ours, result).value == "Likes tea.\nDrinks tea."


def test_a_block_that_only_the_other_has_comes_along_with_its_lines() -> None:
    ours, theirs = block("ours", ["Likes tea."]), block("theirs", ["By train."], label="travel")
    result = brought(ours, theirs)
    (new,) = result.blocks
    assert (new.label, new.owner, new.value) == ("travel", OURS, "")
    assert [edit.after for edit in result.edits] == ["By train."]


def test_a_block_that_may_not_be_written_sends_the_lines_to_the_archive() -> None:
    ours = replace(block("ours", ["Set by others."]), read_only=True)
    result = brought(ours, block("theirs", ["Plays the cello."]))
    assert result.edits == ()
    assert [note.text for note in result.archived] == ["Plays the cello."]
