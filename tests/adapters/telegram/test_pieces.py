"""How a text is cut into messages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.rendering.spans import Rendered, Span
from adapters.splitting import is_visible, length
from adapters.telegram.pieces import LONGEST, MAX_CAPTION, MAX_TEXT, cut
from adapters.telegram.rendering import rendered
from adapters.telegram.spans import MOST_SPANS, decode, encode
from tests.adapters.telegram.served import pieces_of, settings_of

PROSE = "One sentence of some words. " * 140
LINK = "https://example.com/a"


def test_a_long_text_is_cut_where_a_reader_would_pause() -> None:
    first, second = pieces_of(f"{PROSE}\n\n{PROSE}")

    assert first.text == PROSE.strip()
    assert second.text == PROSE.strip()


def test_code_that_is_cut_is_code_in_both_pieces() -> None:
    code = "".join(f"    line_{number} = {number}\n" for number in range(300))

    pieces = pieces_of(f"```python\ndef f():\n{code}```")

    assert len(pieces) == 2
    for piece in pieces:
        (span,) = settings_of(piece)
        assert (span.kind, span.text, span.detail) == ("pre", piece.text, "python")
    assert pieces[1].text.startswith("\u00a0\u00a0\u00a0\u00a0line_")


@pytest.mark.parametrize(
    "whole",
    [f"[{'a link ' * 20}]({LINK})", "`" + "code " * 40 + "`", "```\n" + "x = 1\n\n" * 300 + "```"],
    ids=["link", "code", "block"],
)
def test_no_link_and_no_code_is_cut_that_fits_one_message(whole: str) -> None:
    pieces = pieces_of(f"{PROSE}\n{whole}\n\n{PROSE}")

    (span,) = [each for piece in pieces for each in settings_of(piece)]
    assert span.text == rendered(whole).text.strip()


def test_bold_goes_on_in_the_next_piece() -> None:
    pieces = pieces_of(f"**{PROSE}{PROSE.strip()}**")

    assert [[each.text for each in settings_of(piece)] for piece in pieces] == [
        [piece.text] for piece in pieces
    ]


def test_what_would_be_a_flood_of_messages_is_one_with_a_file() -> None:
    text = f"**Begin** {PROSE * 8}"

    (piece,) = pieces_of(text)

    assert piece.text.startswith("Begin One sentence")
    assert piece.text.endswith("\n\nturn.rest_in_file [en] file=answer.md")
    assert length(piece.text, "utf16") <= MAX_CAPTION
    assert piece.file is not None
    assert (piece.file.name, piece.file.content) == ("answer.md", text)
    assert settings_of(piece)[0].text == "Begin"


def test_a_huge_text_comes_as_a_file_unread() -> None:
    text = " \n" * LONGEST + "end"

    (piece,) = pieces_of(text)

    assert piece.text == "…\n\nturn.rest_in_file [en] file=answer.md"
    assert piece.file is not None
    assert piece.file.content == text


def test_a_plain_text_keeps_every_sign_and_is_set_in_no_way() -> None:
    text = "**a** `b` [c](https://d.ef)\n```\n# x"

    (piece,) = pieces_of(text, plain=True)

    assert (piece.text, piece.format) == (text, None)


def test_of_too_many_spans_the_links_are_kept() -> None:
    (piece,) = pieces_of(f"**a** [b]({LINK}) " * 90)

    kinds = [each.kind for each in settings_of(piece)]

    assert len(kinds) == MOST_SPANS
    assert kinds.count("text_link") == 90


SPANS = st.lists(
    st.tuples(st.integers(0, 40), st.integers(1, 10)).map(
        lambda place: Span("bold", place[0], place[0] + place[1])
    ),
    max_size=5,
)


@given(st.text(alphabet="a 👍\n日", min_size=60, max_size=90), SPANS, st.integers(4, 50))
def test_pieces_keep_the_limit_and_lose_nothing(text: str, spans: list[Span], limit: int) -> None:
    pieces = list(cut(Rendered(text, tuple(spans)), limit))

    assert all(length(each.text, "utf16") <= limit for each in pieces)
    kept = "".join(char for each in pieces for char in each.text if is_visible(char))
    assert kept == "".join(filter(is_visible, text))
    for each in pieces:
        assert all(
            0 <= span.begin < span.end <= len(each.text)
            and not each.text[span.begin].isspace()
            and not each.text[span.end - 1].isspace()
            for span in each.spans
        )


def test_what_telegram_takes_for_nothing_is_no_message() -> None:
    assert pieces_of("\u2800 \ufffc", plain=True) == []


def test_spans_are_written_down_in_utf16_units() -> None:
    spans = (Span("bold", 1, 2), Span("text_link", 2, 4, LINK), Span("pre", 4, 5, "py"))

    written = encode("👍👍abc", spans)

    assert written == f'[["bold",2,2],["text_link",4,2,"{LINK}"],["pre",6,1,"py"]]'
    read = [
        (each.type, each.offset, each.length, each.url, each.language) for each in decode(written)
    ]
    assert read == [
        ("bold", 2, 2, None, None),
        ("text_link", 4, 2, LINK, None),
        ("pre", 6, 1, None, "py"),
    ]


@pytest.mark.parametrize(
    "written",
    [
        "{}",
        "nonsense",
        '[["bold",0]]',
        '[["bold",-1,2]]',
        '[["bold",0,0]]',
        '[["bold",0,1,"x"]]',
        '[["shiny",0,1]]',
        '[["text_link",0,1]]',
        '[["bold",true,1]]',
    ],
)
def test_no_other_format_is_taken(written: str) -> None:
    with pytest.raises(ValueError, match=r"span|Expecting"):
        decode(written)


def test_a_message_may_be_as_long_as_telegram_takes() -> None:
    assert [len(each.text) for each in pieces_of("x" * (MAX_TEXT + 1))] == [MAX_TEXT, 1]
