"""Numbers for the lines of a memory, and what they stand for later."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentcore.memory.listing import line_at, listing_of, memory_lines
from agentcore.records import AgentId, Block, BlockId

LABELS = ("human", "rules", "goals")


def block(n: int, value: str, *, read_only: bool = False) -> Block:
    block_id = BlockId(f"block-11111111-1111-4111-8111-{n:012d}")
    return Block(block_id, AgentId("a"), LABELS[n], value, 20_000, read_only=read_only)


TEXTS = st.lists(st.text(alphabet="ab \n", max_size=12), min_size=3, max_size=3)


def test_one_count_runs_through_all_blocks_that_may_be_edited() -> None:
    blocks = [block(0, "a\n\nb"), block(1, "x", read_only=True), block(2, "c")]

    assert [(line.number, line.text) for line in memory_lines(blocks)] == [
        (1, "a"),
        (2, "b"),
        (None, "x"),
        (3, "c"),
    ]


@given(TEXTS)
def test_every_number_stands_for_the_line_that_was_shown_under_it(texts: list[str]) -> None:
    blocks = [block(n, text, read_only=n == 1) for n, text in enumerate(texts)]
    lines = memory_lines(blocks)
    listing = listing_of(lines)
    numbered = [line for line in lines if line.number is not None]

    assert [line.number for line in numbered] == list(range(1, len(numbered) + 1))
    for line in numbered:
        assert line_at(listing, line.number or 0, blocks) == line


@given(TEXTS, st.text(alphabet="ab \n", max_size=12))
def test_after_an_edit_a_number_stands_for_the_same_words_or_for_nothing(
    texts: list[str], after: str
) -> None:
    blocks = [block(n, text) for n, text in enumerate(texts)]
    lines = memory_lines(blocks)
    edited = [replace(blocks[0], value=after, version=2), *blocks[1:]]

    for number, line in enumerate(lines, start=1):
        found = line_at(listing_of(lines), number, edited)
        untouched = line.block.block_id != blocks[0].block_id
        assert found is not None or not untouched
        if found is not None:
            assert (found.text, found.block.block_id) == (line.text, line.block.block_id)


@pytest.mark.parametrize("number", [-1, 0, 3, 10**30])
def test_a_number_that_was_not_shown_stands_for_nothing(number: int) -> None:
    blocks = [block(0, "a\nb")]

    assert line_at(listing_of(memory_lines(blocks)), number, blocks) is None


def test_of_two_lines_that_read_alike_after_an_edit_none_is_guessed() -> None:
    before = [block(0, "a\nb")]
    listing = listing_of(memory_lines(before))

    assert line_at(listing, 1, [replace(before[0], value="a\na", version=2)]) is None


def test_a_block_that_was_taken_away_takes_its_numbers_with_it() -> None:
    listing = listing_of(memory_lines([block(0, "a")]))

    assert line_at(listing, 1, [block(1, "a")]) is None
