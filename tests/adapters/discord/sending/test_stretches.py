"""What a style or a link leaves alone."""

from __future__ import annotations

import pytest

from adapters.discord.stretches import balanced, stretches
from adapters.rendering.spans import Rendered, Span

ADDRESSES = "https://ab.cd/ef or https://gh.ij/kl now"
FIRST, SECOND = (0, 16), (20, 36)

STYLED = [
    # begin and end, and what is left of it
    pytest.param((0, 40), (0, 40), id="around both"),
    pytest.param(FIRST, FIRST, id="the first"),
    pytest.param(SECOND, SECOND, id="the second"),
    pytest.param((5, 19), (17, 19), id="begins in the first"),
    pytest.param((17, 25), (17, 19), id="ends in the second"),
    pytest.param((25, 40), (37, 40), id="begins in the second"),
    pytest.param((5, 30), (17, 19), id="begins in one, ends in the other"),
]


@pytest.mark.parametrize(("styled", "left"), STYLED)
def test_a_style_cuts_no_address(styled: tuple[int, int], left: tuple[int, int]) -> None:
    page = Rendered(ADDRESSES, (Span("bold", *styled),))

    assert [(each.begin, each.end) for each in stretches(page).spans] == [left]


@pytest.mark.parametrize("styled", [(5, 16), (20, 30), (3, 9)])
def test_a_style_within_an_address_goes(styled: tuple[int, int]) -> None:
    assert stretches(Rendered(ADDRESSES, (Span("bold", *styled),))).spans == ()


@pytest.mark.parametrize(
    ("label", "may_be"),
    [("a", True), ("[a] [b]", True), ("[a", False), ("a]", False), ("][", False), ("[[a]]", False)],
)
def test_brackets_of_a_label_come_in_pairs(label: str, may_be: bool) -> None:
    assert balanced(label) == may_be
