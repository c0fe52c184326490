"""What there is to take back, and that taking back gives what was there before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from hypothesis import given
from hypothesis import strategies as st

from agentcore.clock import Micros
from agentcore.memory.undoing import standing, taken_back
from agentcore.records import (
    AgentId,
    Block,
    BlockEdit,
    BlockId,
    EditActor,
    Origin,
    Revision,
    RevisionMark,
)

OWNER = AgentId("agent-1")
BLOCKS = ("human", "persona", "goals")
TEXT = st.lists(st.sampled_from(["", "a", "b", "c", "d"]), max_size=6).map("\n".join)


@dataclass
class Memory:
    """An agent's blocks with their history, oldest first, as a database would keep them."""

    blocks: dict[BlockId, Block] = field(default_factory=dict)
    revisions: list[Revision] = field(default_factory=list)
    marks: list[RevisionMark] = field(default_factory=list)

    @classmethod
    def of(cls, values: Sequence[str]) -> Memory:
        made = [
            Block(BlockId(label), OWNER, label, value, limit=20_000)
            for label, value in zip(BLOCKS, values, strict=True)
        ]
        return cls({block.block_id: block for block in made})

    @property
    def values(self) -> list[str]:
        return [block.value for block in self.blocks.values()]

    def write(self, edit: BlockEdit, turn: int) -> None:
        block = self.blocks[edit.block.block_id]
        assert edit.block == block  # the commit refuses it else
        version, now = block.version + 1, Micros(len(self.marks))
        self.blocks[block.block_id] = replace(block, value=edit.after, version=version)
        self.revisions.append(
            Revision(
                block.block_id,
                block.label,
                version,
                block.value,
                edit.after,
                edit.actor,
                edit.origin,
                now,
                turn,
                None,
                edit.undoes,
            )
        )
        self.marks.append(RevisionMark(block.block_id, version, edit.actor, now, turn, edit.undoes))

    def edit(self, label: str, after: str, turn: int, **changes: object) -> None:
        plain = BlockEdit(self.blocks[BlockId(label)], after, EditActor.TOOL, Origin.OWNER)
        self.write(replace(plain, **changes), turn)  # type: ignore[arg-type]

    def undo(self, turn: int, *, skip: int = 0) -> bool:
        """Take back the newest change that stands, or an older one."""
        found = list(standing(reversed(self.marks)))[skip:]
        if not found:
            return False
        known = {(each.block_id, each.version): each for each in self.revisions}
        revisions = [known[mark.block_id, mark.version] for mark in found[0].marks]
        for edit in taken_back(revisions, self.blocks).edits:
            self.write(edit, turn)
        return True


TURNS = st.lists(
    st.lists(st.tuples(st.sampled_from(BLOCKS), TEXT), min_size=1, max_size=3), max_size=6
)


@given(st.tuples(TEXT, TEXT, TEXT), TURNS)
def test_all_undone_newest_first_is_as_the_template_made_it(
    made: tuple[str, str, str], turns: list[list[tuple[str, str]]]
) -> None:
    memory = Memory.of(made)
    seen = []
    for turn, edits in enumerate(turns):
        seen.append(memory.values)
        for label, after in edits:
            memory.edit(label, after, turn)

    for turn in range(len(turns)):
        assert memory.undo(100 + turn)
        assert memory.values == seen.pop()
    assert not memory.undo(999)
    assert memory.values == list(made)


@given(TURNS, st.lists(st.booleans(), max_size=12))
def test_undos_between_edits_leave_nothing_of_what_they_took_back(
    turns: list[list[tuple[str, str]]], undos: list[bool]
) -> None:
    memory = Memory.of(("", "", ""))
    before: list[list[str]] = []
    rest = iter(turns)
    for turn, undo in enumerate(undos):
        if undo:
            assert memory.undo(turn) == bool(before)
            if before:
                assert memory.values == before.pop()
        elif (edits := next(rest, None)) is not None:
            before.append(memory.values)
            for label, after in edits:
                memory.edit(label, after, turn)


@given(st.integers(2, 8), st.data())
def test_a_change_in_the_middle_goes_without_the_others(many: int, data: st.DataObject) -> None:
    memory = Memory.of(("Name: Ada", "", ""))
    for turn in range(many):
        lines = memory.values[0].split("\n")
        at = data.draw(st.integers(0, len(lines)))
        memory.edit("human", "\n".join([*lines[:at], f"fact {turn}", *lines[at:]]), turn)
    gone = data.draw(st.integers(0, many - 1))

    assert memory.undo(99, skip=many - 1 - gone)

    assert sorted(memory.values[0].split("\n")) == sorted(
        ["Name: Ada", *(f"fact {turn}" for turn in range(many) if turn != gone)]
    )


def test_edits_of_one_turn_are_one_change_and_others_edits_are_none() -> None:
    memory = Memory.of(("", "", ""))
    memory.edit("human", "one", 1)
    memory.edit("persona", "kind", 1)
    memory.edit("human", "one\ntwo", 1)
    memory.edit("human", "one\ntwo\nmine", 2, actor=EditActor.USER)
    memory.edit("human", "two\nmine", 3, actor=EditActor.SLEEP_TIME)
    memory.edit("human", "two\nmine\napi", 4, actor=EditActor.API)

    found = list(standing(reversed(memory.marks)))

    assert [(each.turn, len(each.marks)) for each in found] == [(3, 1), (2, 1), (1, 3)]
    assert [each.by_the_person for each in found] == [False, True, False]
    assert memory.undo(5)
    assert memory.undo(6)
    assert memory.undo(7)
    assert memory.values == ["api", "", ""]


def test_what_was_erased_is_not_taken_back() -> None:
    memory = Memory.of(("", "", ""))
    memory.edit("human", "one", 1)
    memory.edit("human", "one\ntwo", 2)
    erased = [replace(mark, erased=mark.turn == 2) for mark in memory.marks]

    assert [each.turn for each in standing(reversed(erased))] == [1]


def test_words_of_others_that_come_back_stay_words_of_others() -> None:
    memory = Memory.of(("", "", ""))
    memory.edit("human", "from a web page", 1, origin=Origin.WEB)
    memory.edit("human", "from a web page\nhers", 2)
    memory.edit("human", "", 3)
    untrusted, _, tidied = memory.revisions

    (back,) = taken_back([tidied], memory.blocks, [untrusted]).edits

    assert (back.after, back.origin) == ("from a web page\nhers", Origin.WEB)
    memory.write(back, 4)
    (again,) = taken_back([memory.revisions[1]], memory.blocks, [untrusted]).edits
    assert (again.after, again.origin) == ("from a web page", Origin.OWNER)


def test_words_of_others_in_another_block_or_later_say_nothing_of_what_comes_back() -> None:
    memory = Memory.of(("", "", ""))
    memory.edit("goals", "tea", 1, origin=Origin.WEB)
    memory.edit("human", "tea", 2)
    memory.edit("human", "", 3)
    memory.edit("human", "tea", 4, origin=Origin.WEB)
    memory.edit("human", "", 5)
    elsewhere, _, tidied, later, _ = memory.revisions

    (back,) = taken_back([tidied], memory.blocks, [elsewhere, later]).edits

    assert (back.after, back.origin) == ("tea", Origin.OWNER)


def test_a_block_that_has_no_room_for_it_or_is_closed_stays_as_it_is() -> None:
    for changes in ({"limit": 10}, {"read_only": True}):
        memory = Memory.of(("long enough", "", "run"))
        memory.edit("human", "abc", 1)
        memory.edit("goals", "", 1)
        human = BlockId("human")
        closed = {**memory.blocks, human: replace(memory.blocks[human], **changes)}

        taken = taken_back(memory.revisions, closed)

        assert [edit.block.label for edit in taken.edits] == ["goals"]
        assert list(taken.blocks) == ["goals"]
        assert [lines for _, lines in taken.left] == [("abc",)]
        alone = taken_back(memory.revisions[:1], closed)
        assert (alone.edits, alone.changes_nothing) == ((), True)


def test_a_block_is_filled_up_to_its_limit() -> None:
    memory = Memory.of(("long enough", "", ""))
    memory.edit("human", "abc", 1)
    human = BlockId("human")
    memory.blocks[human] = replace(memory.blocks[human], limit=len("long enough"))

    assert memory.undo(2)
    assert memory.values[0] == "long enough"


def test_what_was_written_over_is_named_for_each_block() -> None:
    memory = Memory.of(("", "", ""))
    memory.edit("human", "tea", 1)
    memory.edit("goals", "run", 1)
    memory.edit("human", "milk", 2, actor=EditActor.USER)
    memory.edit("goals", "swim", 2, actor=EditActor.USER)

    taken = taken_back(memory.revisions[1::-1], memory.blocks)

    assert [(block.label, lines) for block, lines in taken.left] == [
        ("goals", ("swim",)),
        ("human", ("milk",)),
    ]


def test_a_block_that_is_not_held_any_more_is_left_out() -> None:
    memory = Memory.of(("", "", ""))
    memory.edit("goals", "run", 1)
    memory.edit("human", "one", 1)
    del memory.blocks[BlockId("human")]

    taken = taken_back(memory.revisions[::-1], memory.blocks)

    assert [edit.block.label for edit in taken.edits] == ["goals"]
