"""How texts look on Discord: what is sent, as its clients read it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.delivery import Piece
from adapters.discord.markup import marked_up, sent_length
from adapters.discord.pieces import COMPOSER, LONGEST, MAX_FILE, MAX_TEXT, content_of, cut
from adapters.discord.rendering import rendered
from adapters.rendering.blocks import mended
from adapters.rendering.spans import Rendered, Span
from adapters.splitting import is_visible, length
from adapters.testing.context import FakeWording
from tests.adapters.markdown_sources import SOURCES, WORD, words_to_be_shown
from tests.simulators.discord_server.markup import Seen, seen

LINK = "https://example.com/a"
PROSE = "One sentence of some words. " * 60
UNSEEN = "\u200b"


def pieces_of(text: str, *, plain: bool = False) -> Sequence[Piece]:
    return COMPOSER.compose(text, FakeWording(), plain=plain)


def sent(piece: Piece) -> str:
    return content_of(piece.text, piece.format)


def as_read(text: str) -> str:
    """Whatever the bullet, and without what nobody sees."""
    alike = text.replace("◦", "•").replace("▪", "•").replace(UNSEEN, "").replace("\t", " ")
    return "\n".join(line.rstrip() for line in alike.strip().split("\n"))


def shown(markdown: str) -> Seen:
    (piece,) = pieces_of(markdown)
    result = seen(sent(piece))
    assert as_read(result.text) == as_read(piece.text)
    return result


SHOWN = [
    ("**b** *i* ~~s~~ `c`", "b i s c", ["bold b", "italic i", "strikethrough s", "code c"]),
    ("***both*** _~~x~~_", "both x", ["bold both", "italic both", "italic x", "strikethrough x"]),
    ("a*b*c d**e**f*g*", "abc defg", ["italic b", "bold e", "italic g"]),
    ("# Title\n## b\n### c\n#### d", "Title\nb\nc\nd", ["# Title", "## b", "### c", "bold d"]),
    (f"[x **y**]({LINK})", "x y", ["link x y", "bold y"]),
    (f"![a cat]({LINK})", "a cat", ["link a cat"]),
    (f"[[1]]({LINK}) <{LINK}_b_>", f"[1] {LINK}_b_", ["link [1]", f"address {LINK}_b_"]),
    ("[x](http://localhost/y)", "x (http://localhost/y)", ["address http://localhost/y"]),
    (
        f"**see {LINK}_b_c, d**",
        f"see {LINK}_b_c, d",
        ["bold see", f"address {LINK}_b_c", "bold , d"],
    ),
    ("- a\n  - b\n    1. c", "• a\n  • b\n    1. c", ["item •", "item •", "item 1."]),
    ("- [ ] open\n- [x] done", "☐ open\n☑ done", []),
    ("> q\n> > r\n\nafter", "q\nr\n\nafter", ["quote q\nr"]),
    ("> a\n>\n> ```\n> b\n> ```", "a\n\nb", ["quote a\n\nb", "pre b"]),
    ("```py x\n  a = 1\nb\n```", "  a = 1\nb", ["pre   a = 1\nb"]),
    ("```nothing but a word\n```\nx", "x", []),
    ("`` a`b `` `c`", "a`b c", ["code a`b", "code c"]),
    ("|a|b|\n|-|-:|\n|日|1|", "a  | b\n---+--\n日 | 1", ["pre a  | b\n---+--\n日 | 1"]),
    ("a\n\n---\n\nb", "a\n\n———\n\nb", []),
    ("<b>raw</b> &amp; \\*x\\* 5 * 3 * 2", "<b>raw</b> & *x* 5 * 3 * 2", []),
    ("1\\. x\n\\- y\n\\# z\n\\> q", "1. x\n- y\n# z\n> q", []),
    ("-# small\n||hidden|| __under__", "-# small\n||hidden|| under", ["bold under"]),
    ("<@123> @everyone :smile: </x:1> <t:1:R>", "<@123> @everyone :smile: </x:1> <t:1:R>", []),
    ("***", "———", []),
    ("-", "•", []),
]


@pytest.mark.parametrize(("markdown", "text", "settings"), SHOWN, ids=range(len(SHOWN)))
def test_markdown_is_shown_as_what_it_means(markdown: str, text: str, settings: list[str]) -> None:
    result = shown(markdown)

    told = [
        f"{each.detail if each.kind == 'heading' else each.kind} {each.text}"
        for each in result.settings
    ]
    assert as_read(result.text) == as_read(text)
    assert [each.rstrip() for each in told] == settings


def test_a_language_and_an_address_come_with_what_they_are_for() -> None:
    result = shown(f"```c++ title\nx\n```\n[y]({LINK}_(z)*)")

    assert [each.detail for each in result.settings] == ["c++", f"{LINK}_%28z%29%2A"]


def test_a_code_block_that_holds_three_backticks_is_one_block() -> None:
    result = shown("~~~~\na\n`````\nb\n~~~~")

    assert [each.kind for each in result.settings] == ["pre"]


PLAIN = [
    "**a** __b__ ~~c~~ `d` ||e|| [f](https://a.bc)",
    "# a\n-# b\n- c\n* d\n1. e\n> f\n>>> g",
    "<@1> <@!2> <@&3> <#4> @everyone @here <:a:5> <t:6> :tada:",
    "```\ncode\n``` and \\*this\\* and C:\\new",
    "see https://a.bc/d_e_f (https://a.bc/_x_), **https://a.bc/y**.",
]


@pytest.mark.parametrize("text", PLAIN, ids=range(len(PLAIN)))
def test_of_a_plain_text_every_sign_means_itself(text: str) -> None:
    (piece,) = pieces_of(text, plain=True)

    result = seen(sent(piece))

    assert (piece.text, piece.format, result.text) == (text, None, text)
    assert {each.kind for each in result.settings} <= {"address"}


# In pieces


def test_a_text_is_left_as_it_is_where_that_is_harmless() -> None:
    text = "~5 a_b | c, 3 > 2 < 5, #1, -1, 2.5, it's 12:30:45 [sic\n(https://a.bc/d_e)."

    (piece,) = pieces_of(text, plain=True)

    assert sent(piece).replace("\\[", "[").replace("<https://a.bc/d_e>", "https://a.bc/d_e") == text


def test_a_long_text_is_cut_where_a_reader_would_pause() -> None:
    assert [each.text for each in pieces_of(f"{PROSE}\n\n{PROSE}")] == [PROSE.strip()] * 2


def test_code_that_is_cut_is_closed_and_goes_on_in_its_language() -> None:
    code = "".join(f"    line_{number} = {number}\n" for number in range(150))

    pieces = pieces_of(f"```python\ndef f():\n{code}```")

    assert len(pieces) == 2
    for each in pieces:
        assert sent(each) == f"```python\n{each.text}\n```"
    assert pieces[1].text.startswith("    line_")


def test_the_signs_of_a_text_count_too() -> None:
    pieces = pieces_of("*" + "_ " * 1_500, plain=True)

    assert len(pieces) == 3
    assert all(MAX_TEXT - 64 < len(sent(each)) <= MAX_TEXT for each in pieces[:-1])


def test_what_would_be_a_flood_of_messages_is_one_with_a_file() -> None:
    text = f"**Begin** {PROSE * 8}"

    (piece,) = pieces_of(text)

    assert sent(piece).startswith("**Begin** One sentence")
    assert piece.text.endswith("\n\nturn.rest_in_file [en] file=answer.md")
    assert len(sent(piece)) <= MAX_TEXT
    assert piece.file is not None
    assert (piece.file.name, piece.file.content) == ("answer.md", text)


def test_a_file_is_no_larger_than_discord_takes() -> None:
    (piece,) = pieces_of("ä" * MAX_FILE, plain=True)

    assert piece.file is not None
    assert (piece.file.name, len(piece.file.content.encode())) == ("answer.txt", MAX_FILE)


def test_a_huge_text_comes_as_a_file_unread() -> None:
    (piece,) = pieces_of(" \n" * LONGEST + "end")

    assert piece.text == "…\n\nturn.rest_in_file [en] file=answer.md"


# Whatever the text


@given(SOURCES, st.sampled_from([300, MAX_TEXT]))
def test_people_see_every_piece_as_it_is_told(markdown: str, limit: int) -> None:
    for page in cut(rendered(markdown), limit):
        told = marked_up(page)

        assert length(told, "utf16") <= limit
        result = seen(told)
        assert _words(result.text) == _words(page.text)
        assert result.pills == ()


@given(SOURCES.map(lambda source: source.replace("|", "/")))
def test_all_words_are_shown_in_their_order(markdown: str) -> None:
    shown = iter(WORD.findall(rendered(markdown).text))

    assert all(word in shown for word in words_to_be_shown(markdown))


@given(SOURCES)
def test_of_any_plain_text_every_sign_means_itself(text: str) -> None:
    pieces = pieces_of(text, plain=True)

    kept = "".join(_words(each.text) for each in pieces)
    assert kept == _words(mended(text))
    for each in pieces:
        result = seen(sent(each))
        assert _words(result.text) == _words(each.text)
        assert {one.kind for one in result.settings} <= {"address"}


SPANS = st.lists(
    st.tuples(
        st.sampled_from(["bold", "italic", "strikethrough"]), st.integers(0, 80), st.integers(1, 30)
    ).map(lambda told: Span(told[0], told[1], told[1] + told[2])),  # type: ignore[arg-type]
    max_size=8,
)


@given(st.text(alphabet="ab 👍\n*_~`|", min_size=60, max_size=90), SPANS, st.integers(16, 90))
def test_pieces_keep_the_limit_and_lose_nothing(text: str, spans: list[Span], limit: int) -> None:
    pieces = list(cut(Rendered(text, tuple(sorted(spans, key=lambda s: s.begin))), limit))

    assert "".join(_words(each.text) for each in pieces) == _words(text)
    for each in pieces:
        assert sent_length(each) <= max(limit, 64)


@pytest.mark.parametrize(
    "bit",
    [
        "*a ",
        "**a**b",
        "_a ",
        "`` ` ",
        "[a](https://b.cd) ",
        "https://a_b ",
        "(https://a.b)",
        "> a ",
        "||a",
    ],
)
def test_hostile_texts_are_composed_all_the_same(bit: str) -> None:
    page = rendered(bit * 4_000)

    assert len(list(islice(cut(page, MAX_TEXT), 6))) == 6
    assert COMPOSER.first_piece(bit * 2_000) is not None


def _words(text: str) -> str:
    return "".join(filter(is_visible, as_read(text)))
