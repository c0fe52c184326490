"""A page with its spans, cut where a reader would pause."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from adapters.rendering.cutting import as_seen, cut
from adapters.rendering.spans import Kind, Rendered, Span

Shown = tuple[str, Sequence[tuple[Kind, str]]]


def spans(text: str, *styled: tuple[Kind, str]) -> Rendered:
    """A page on which each of these words is set in its way."""
    found = [(kind, text.index(words), words) for kind, words in styled]
    return Rendered(text, tuple(Span(kind, at, at + len(words), "x") for kind, at, words in found))


def shown(page: Rendered, limit: int) -> list[Shown]:
    pieces = list(cut(page, limit))
    assert {each.detail for piece in pieces for each in piece.spans} <= {"x"}
    return [
        (each.text, [(span.kind, each.text[span.begin : span.end]) for span in each.spans])
        for each in pieces
    ]


def plain(text: str, limit: int) -> list[str]:
    return [each.text for each in cut(Rendered(text), limit)]


def test_length_is_what_platforms_count() -> None:
    assert as_seen(Rendered("a👍")) == 3
    assert plain("👍👍👍", 5) == ["👍👍", "👍"]
    assert plain("👍" * 40, 60) == ["👍" * 30, "👍" * 10]
    assert plain("aaaaaa bb", 9) == ["aaaaaa bb"]
    assert plain("aaaaaa 👍", 9) == ["aaaaaa 👍"]


@pytest.mark.parametrize("kind", ["code", "text_link", "pre"])
def test_what_fits_one_piece_is_not_cut(kind: Kind) -> None:
    page = spans("aaaa bbbb\nccc👍", (kind, "bbbb\nccc👍"))
    assert shown(page, 10) == [("aaaa", []), ("bbbb\nccc👍", [(kind, "bbbb\nccc👍")])]
    assert shown(page, 9) == [("aaaa bbbb", [(kind, "bbbb")]), ("ccc👍", [(kind, "ccc👍")])]


def test_a_piece_ends_right_before_what_is_not_cut() -> None:
    words, code = "aaaa " * 12, "b" * 50
    page = spans(words + code, ("code", code))
    assert shown(page, 100) == [(words.strip(), []), (code, [("code", code)])]


def test_code_at_the_beginning_of_a_piece_is_not_cut_where_a_reader_would_pause() -> None:
    page = spans("aaaaaa\nbb ccc", ("pre", "aaaaaa\nbb"))
    assert shown(page, 10) == [("aaaaaa\nbb", [("pre", "aaaaaa\nbb")]), ("ccc", [])]


def test_styles_go_on_in_the_next_piece_without_blanks_around_them() -> None:
    text = "aaaa bbbb cccc dddd eeee"
    page = spans(text, ("bold", text), ("italic", "bbbb cccc"), ("strikethrough", " dddd"))
    assert shown(page, 5) == [
        ("aaaa", [("bold", "aaaa")]),
        ("bbbb", [("bold", "bbbb"), ("italic", "bbbb")]),
        ("cccc", [("bold", "cccc"), ("italic", "cccc")]),
        ("dddd", [("bold", "dddd"), ("strikethrough", "dddd")]),
        ("eeee", [("bold", "eeee")]),
    ]


def test_a_style_that_fits_one_piece_is_cut_all_the_same() -> None:
    page = spans("aaaa bbbb cccc", ("bold", "bbbb cccc"))
    assert shown(page, 10) == [("aaaa bbbb", [("bold", "bbbb")]), ("cccc", [("bold", "cccc")])]


def test_a_piece_begins_and_ends_with_no_blank_but_the_indentation_of_code() -> None:
    assert plain(" \n\ta\t\n ", 10) == ["a"]
    assert plain("a\u00a0 ", 10) == ["a\u00a0"]
    for before in ("", "\n \n", "a\n\n"):
        code = "\n \n    if x:\n        y"
        *_, (text, found) = shown(spans(f"{before}{code} \n", ("pre", code)), 30)
        assert text.removeprefix("a\n\n").strip("\n ") == "if x:\n        y"
        assert text.endswith("    if x:\n        y")
        assert [kind for kind, _ in found] == ["pre"]
    link = "aaaa    bbbb"
    assert shown(spans(link, ("text_link", link)), 6) == [
        ("aaaa", [("text_link", "aaaa")]),
        ("bbbb", [("text_link", "bbbb")]),
    ]
    assert plain(" \n\t", 10) == plain("", 10) == plain("\u200b", 10) == []


def test_a_piece_is_no_longer_as_it_is_sent_either() -> None:
    page = Rendered("x" * 200)

    def sent(times: int) -> list[int]:
        return [len(each.text) for each in cut(page, 200, lambda piece: times * len(piece.text))]

    assert sent(1) == [200]
    assert sent(2) == [100, 100]
    assert all(200 // 3 - 16 <= each <= 200 // 3 for each in sent(3)[:-1])
    assert sent(1000) == [4] * 50
