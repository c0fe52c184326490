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


BOLD = stretches(Rendered("one two three four", (Span("bold", 4, 7), Span("bold", 8, 13))))


@pytest.mark.parametrize(
    ("place", "is_beside"),
    [
        ((0, 3), False),
        ((0, 4), True),
        ((5, 6), True),
        ((0, 18), True),
        ((13, 14), True),
        ((14, 18), False),
    ],
)
def test_styles_that_touch_are_beside_each_other(place: tuple[int, int], is_beside: bool) -> None:
    assert BOLD.beside(Span("bold", *place), "bold") == is_beside
    assert not BOLD.beside(Span("bold", *place), "italic")


@pytest.mark.parametrize(
    ("place", "begins"),
    [((0, 4), False), ((0, 5), True), ((4, 5), True), ((5, 8), False), ((9, 18), False)],
)
def test_what_begins_between_two_places_begins_before_the_second(
    place: tuple[int, int], begins: bool
) -> None:
    assert BOLD.begins_in(*place) == begins


HOLES = [
    # begin and end, and what is left of it
    pytest.param((0, 3), [(0, 3)], id="before"),
    pytest.param((0, 6), [(0, 3)], id="up to its end"),
    pytest.param((0, 9), [(0, 3), (6, 9)], id="around the first"),
    pytest.param((3, 6), [], id="the first"),
    pytest.param((4, 5), [], id="within the first"),
    pytest.param((4, 12), [(6, 10)], id="from one to the other"),
    pytest.param((6, 10), [(6, 10)], id="between"),
    pytest.param((0, 16), [(0, 3), (6, 10), (13, 16)], id="around both"),
    pytest.param((12, 16), [(13, 16)], id="begins in the second"),
    pytest.param((13, 16), [(13, 16)], id="behind"),
]


@pytest.mark.parametrize(("bold", "left"), HOLES)
def test_a_style_leaves_code_out(bold: tuple[int, int], left: list[tuple[int, int]]) -> None:
    code = (Span("code", 3, 6), Span("code", 10, 13))
    page = Rendered("abcdefghijklmnop", (*code, Span("bold", *bold)))

    found = [each for each in stretches(page).spans if each.kind == "bold"]

    assert [(each.begin, each.end) for each in found] == left


def left_of(text: str, *spans: Span) -> list[str]:
    """The words that styles and links are left on."""
    found = [each for each in stretches(Rendered(text, spans)).spans if each.kind != "code"]
    return [text[each.begin : each.end] for each in found]


def test_only_an_address_that_holds_signs_is_left_out_of_a_style() -> None:
    plain, signed = "a_b https://ab.cd/ef a_b", "a_b https://ab.cd/e_f a_b"
    assert left_of(plain, Span("bold", 0, len(plain))) == [plain]
    assert left_of(signed, Span("bold", 0, len(signed))) == ["a_b", "a_b"]


def test_an_address_in_code_or_in_a_link_is_none() -> None:
    text = "a or https://ab.cd/ef or https://gh.ij/kl"
    first, second = Span("code", 5, 21), Span("text_link", 25, 41)
    assert stretches(Rendered(text, (first, second))).addresses == frozenset()
    one = Span("code", 0, 1)
    assert stretches(Rendered(text, (one, first))).addresses == {(25, 41)}
    assert stretches(Rendered(text, (one, second))).addresses == {(5, 21)}


def test_a_label_whose_brackets_do_not_match_is_no_link() -> None:
    assert left_of("a] b", Span("text_link", 0, 4)) == []
    assert left_of("a] b", Span("bold", 0, 4)) == ["a] b"]


@pytest.mark.parametrize(
    ("label", "may_be"),
    [("a", True), ("[a] [b]", True), ("[a", False), ("a]", False), ("][", False), ("[[a]]", False)],
)
def test_brackets_of_a_label_come_in_pairs(label: str, may_be: bool) -> None:
    assert balanced(label) == may_be
