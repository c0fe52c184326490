"""One memory out of two, and parting them again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentcore.clock import Micros
from agentcore.memory.joining import Joined, bare, joined, may_become, notes_of
from agentcore.memory.undoing import taken_back
from agentcore.records import (
    SHARED_OWNER,
    AgentId,
    Block,
    BlockEdit,
    Drawer,
    EditActor,
    IdentityId,
    JoinedLine,
    Joining,
    LineFacts,
    LinkSide,
    Note,
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
    theirs = replace(theirs, version=7)
    result = brought(ours, theirs)
    (new,) = result.blocks
    assert (new.label, new.owner, new.value, new.version) == ("travel", OURS, "", 1)
    assert new.block_id != theirs.block_id
    assert [edit.after for edit in result.edits] == ["By train."]


def test_a_block_that_may_not_be_written_sends_the_lines_to_the_archive() -> None:
    ours = replace(block("ours", ["Set by others."]), read_only=True)
    shared = replace(block("ours", [], label="house"), owner=SHARED_OWNER)
    theirs, house = block("theirs", ["Plays the cello."]), block("theirs", ["Two."], label="house")
    joining = Joining(side("a", ours, shared), side("b", theirs, house))
    result = joined(joining, (), lambda _block, _line: Origin.AGENT)
    assert result.edits == ()
    assert [note.text for note in result.archived] == ["Plays the cello.", "Two."]


def test_a_block_of_the_other_that_says_nothing_does_not_come_along() -> None:
    empty = block("theirs", ["", " "], label="travel")
    assert brought(block("ours", ["Likes tea."]), empty) == Joined()


def test_lines_say_the_same_whatever_their_spaces_and_case() -> None:
    assert bare(" Likes\t  TEA. ") == "likes tea."


def test_a_block_comes_along_whole_up_to_its_limit() -> None:
    theirs = block("theirs", ["By train.", "Never by car."], label="travel", limit=23)
    result = brought(block("ours", ["Likes tea."]), theirs)
    assert len(theirs.value) == theirs.limit
    assert [edit.after for edit in result.edits] == [theirs.value]


def test_what_has_no_room_goes_to_the_archive_and_shorter_lines_behind_it_come() -> None:
    ours = block("ours", ["Likes tea."], limit=len("Likes tea.\n12345\n12"))
    theirs = block("theirs", ["12345", "123", "12", "1"])
    result = brought(ours, theirs)
    assert after(ours, result).value == "Likes tea.\n12345\n12"
    assert [note.text for note in result.archived] == ["123", "1"]


def test_lines_come_along_with_whose_words_they_were() -> None:
    ada, bob = IdentityId("ada"), IdentityId("bob")
    theirs = block("theirs", ["Plays the cello.", " ", "From a template.", "In Rome.", "In Oslo."])
    facts = {"Plays the cello.": LineFacts(author=ada), "In Rome.": LineFacts(author=bob)}
    drawer = Drawer(theirs, facts)
    notes = notes_of(drawer, lambda _, line: None if "template" in line else Origin.OWNER)
    assert notes == (
        Note("Plays the cello.", Origin.OWNER, ada),
        Note("In Rome.", Origin.OWNER, bob),
        Note("In Oslo.", Origin.OWNER),
    )

    goes = replace(side("b", theirs), drawers=(drawer,))
    joining = Joining(side("a", block("ours", [])), goes)
    edits = joined(joining, (), lambda _block, _line: Origin.OWNER).edits
    assert [edit.author for edit in edits] == [ada, None, bob]
    assert [edit.block.version for edit in edits] == [1, 2, 3]
    assert [edit.block.value for edit in edits[1:]] == [edit.after for edit in edits[:-1]]


@pytest.mark.parametrize(
    ("mine", "owner"), [(False, THEIRS), (True, SHARED_OWNER)], ids=["read-only", "shared"]
)
def test_what_is_not_the_person_s_own_stays_behind(mine: bool, owner: AgentId) -> None:
    given = block("theirs", ["House rules."], label="rules")
    given = replace(given, read_only=not mine, owner=owner)
    ours = block("ours", ["Likes tea."])
    persona = block("theirs", ["I am kind."], label="persona")
    goes = side("b", block("theirs", ["By train."]), persona, given)
    goes = replace(goes, drawers=goes.drawers[::-1])
    result = joined(Joining(side("a", ours), goes), (), lambda _block, _line: Origin.AGENT)
    assert [edit.after for edit in result.edits] == ["Likes tea.\nBy train."]
    assert (result.blocks, result.archived) == ((), ())


def test_nothing_comes_from_or_to_somebody_without_an_agent() -> None:
    ours, theirs = side("a", block("ours", ["One"])), side("b", block("theirs", ["Two"]))
    for stays, goes in (
        (replace(ours, agent_id=None), theirs),
        (ours, replace(theirs, agent_id=None)),
    ):
        assert joined(Joining(stays, goes), (), lambda _block, _line: Origin.AGENT) == Joined()


I_AM = "I am dry and short."
"""As long as the block has room."""


def personas(
    ours: Block | None, *, stays: bool = False, goes: bool = True, foreign: bool = False
) -> tuple[BlockEdit, ...]:
    """What becomes of a persona; whoever has a changed one is told."""
    theirs = block("theirs", [I_AM], label="persona")
    drawer = Drawer(theirs, foreign=frozenset({I_AM}) if foreign else frozenset())
    held = block("ours", ["Likes tea."]) if ours is None else ours
    result = joined(
        Joining(
            replace(side("a", held), changed_persona=stays),
            replace(side("b", theirs), drawers=(drawer,), changed_persona=goes),
        ),
        (),
        lambda _block, _line: Origin.AGENT,
    )
    assert (result.blocks, result.archived) == ((), ())
    return result.edits


def test_a_persona_comes_along_where_it_alone_became_something_of_its_own() -> None:
    ours = block("ours", ["I am kind."], label="persona", limit=len(I_AM))
    assert personas(ours) == (BlockEdit(ours, I_AM, EditActor.LINK, Origin.AGENT),)
    assert personas(ours, foreign=True)[0].origin is Origin.OTHER_PERSON
    assert personas(ours, stays=True) == personas(ours, goes=False) == ()
    for held in (
        None,
        replace(ours, limit=len(I_AM) - 1),
        replace(ours, read_only=True),
        replace(ours, owner=SHARED_OWNER),
        replace(ours, value=I_AM),
    ):
        assert personas(held) == ()


TEA = JoinedLine("human", ("Likes tea.",), ("Drinks tea.",), "Likes and drinks tea.")


@pytest.mark.parametrize(
    "wanted",
    [
        replace(TEA, theirs=("Drinks tea.", "Likes it hot.")),
        replace(TEA, ours=("Likes tea.", "Drinks tea."), theirs=()),
        replace(TEA, ours=("Loves tea.",)),
        replace(TEA, label="travel"),
        replace(TEA, line="Owns a boat."),
    ],
    ids=["unknown line", "nothing of theirs", "not there", "another block", "invented"],
)
def test_what_a_model_may_not_make_one_comes_along_as_it_is(wanted: JoinedLine) -> None:
    ours = block("ours", ["Likes tea."])
    result = brought(ours, block("theirs", ["Drinks tea."]), wanted)
    assert [edit.after for edit in result.edits] == ["Likes tea.\nDrinks tea."]


NO_OTHER = [
    pytest.param(kept, mine, id=f"{name} of {'ours' if mine else 'theirs'}")
    for name, kept in (
        ("foreign", lambda held: Drawer(held, foreign=frozenset({held.value}))),
        ("restored", lambda held: Drawer(held, restored=frozenset({held.value}))),
    )
    for mine in (True, False)
]


@pytest.mark.parametrize(("kept", "mine"), NO_OTHER)
def test_a_line_that_stays_as_it_is_becomes_no_other(
    kept: Callable[[Block], Drawer], mine: bool
) -> None:
    ours, theirs = block("ours", ["Likes tea."]), block("theirs", ["Drinks tea."])
    joining = Joining(
        replace(side("a", ours), drawers=(kept(ours) if mine else Drawer(ours),)),
        replace(side("b", theirs), drawers=(Drawer(theirs) if mine else kept(theirs),)),
    )
    result = joined(joining, [TEA], lambda _block, _line: Origin.AGENT)
    assert after(ours, result).value == "Likes tea.\nDrinks tea."


def test_lines_that_became_one_come_once_and_are_of_whoever_said_them_all() -> None:
    ada, bob = IdentityId("ada"), IdentityId("bob")
    ours = block("ours", ["Likes tea.", "Lives in Paris."])
    theirs = block("theirs", ["Drinks tea.", "Tea at five.", "In Paris."])
    home = JoinedLine("human", ("Lives in Paris.",), ("In Paris.",), "Lives in Paris.")
    five = replace(
        TEA, theirs=("Drinks tea.", "Tea at five."), line="Likes tea, drinks it at five."
    )
    for second, author in ((ada, ada), (bob, None)):
        facts = {
            "Drinks tea.": LineFacts(author=ada),
            "Tea at five.": LineFacts(author=second),
            "In Paris.": LineFacts(author=bob),
        }
        joining = Joining(
            side("a", ours), replace(side("b", theirs), drawers=(Drawer(theirs, facts),))
        )
        result = joined(joining, [five, five, home], lambda _block, _line: Origin.OWNER)
        assert [(edit.author, edit.origin, edit.actor) for edit in result.edits] == [
            (author, Origin.AGENT, EditActor.LINK),
            (bob, Origin.AGENT, EditActor.LINK),
        ]
        assert [edit.block.version for edit in result.edits] == [1, 2]
        assert after(ours, result).value == "Likes tea, drinks it at five.\nLives in Paris."


@pytest.mark.parametrize(
    ("theirs", "line", "may"),
    [
        ("Drinks tea.", f"{'Likes and drinks tea.':<61}", True),  # forty longer than both
        ("Drinks tea.", f"{'Likes and drinks tea.':<62}", False),
        ("Cello, chess, tennis.", "Likes tea, cello, chess.", True),
        ("Cello, chess, tennis, golf.", "Likes tea, cello, chess.", True),  # half of theirs
        ("Cello, chess, tennis, golf, opera.", "Likes tea, cello, chess.", False),
        ("Cello, chess.", "Likes tea, cello, chess, gladly, weekly.", True),  # a third is new
        ("Cello, chess.", "Likes tea, cello, chess, gladly, weekly, alone.", False),
    ],
)
def test_how_much_of_a_line_may_be_new_and_how_much_lost(theirs: str, line: str, may: bool) -> None:
    assert may_become(JoinedLine("human", ("Likes tea.",), (theirs,), line)) == may
