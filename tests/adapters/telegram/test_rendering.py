"""How Markdown looks on Telegram."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.delivery import Piece
from adapters.telegram.pieces import MAX_TEXT, cut
from adapters.telegram.rendering import can_link, rendered
from adapters.telegram.spans import encode
from tests.adapters.markdown_sources import SOURCES, WORD, words_to_be_shown
from tests.adapters.telegram.served import Setting, asked, laid_over, pieces_of, settings_of
from tests.simulators.telegram_server.entities import given_entities
from tests.simulators.telegram_server.links import checked_link
from tests.simulators.telegram_server.texts import message_text

LINK = "https://example.com/a"

SHOWN = [
    (
        "**b** *i* ~~s~~ `c`",
        "b i s c",
        [("bold", "b"), ("italic", "i"), ("strikethrough", "s"), ("code", "c")],
    ),
    (
        "**a *b* `c` d**",
        "a b c d",
        [("bold", "a b"), ("italic", "b"), ("code", "c"), ("bold", "d")],
    ),
    ("# Title\ntext", "Title\ntext", [("bold", "Title")]),
    ("# a **b**\n\ntext", "a b\n\ntext", [("bold", "a b")]),
    (f"[x **y**]({LINK})", "x y", [("text_link", "x y"), ("bold", "y")]),
    (f"**a**[**b** c]({LINK})", "ab c", [("bold", "a"), ("text_link", "b c"), ("bold", "b")]),
    (f"[a **b**]({LINK})**c**", "a bc", [("text_link", "a b"), ("bold", "b"), ("bold", "c")]),
    (
        f"**[a]({LINK}) [b]({LINK})**",
        "a b",
        [("bold", "a b"), ("text_link", "a"), ("text_link", "b")],
    ),
    (f"[![a cat](x.png)]({LINK})", "a cat", [("text_link", "a cat")]),
    (f"![a **b**\n![c](x.png)]({LINK})", "a b c", [("text_link", "a b c")]),
    (f"[]({LINK})", LINK, []),
    (f"<{LINK}>", LINK, []),
    (f"![a cat]({LINK}) ![]({LINK})", f"a cat {LINK}", [("text_link", "a cat")]),
    ("[x](http://localhost/y)", "x (http://localhost/y)", []),
    ("[x](file.md) [me](mailto:a@b.de)", "x (file.md) me (a@b.de)", []),
    ("[x](javascript:alert)", "[x](javascript:alert)", []),
    (f"[it][1]\n\n[1]: {LINK}", "it", [("text_link", "it")]),
    (f"Sources\n\n[1]: {LINK}", f"Sources\n\n[1]: {LINK}", []),
    ("<b>raw</b> &amp; \\*x\\*", "<b>raw</b> & *x*", []),
    ("a\nb\\\nc", "a\nb\nc", []),
    ("- a\n- b\n  - c\n    1. d", "• a\n• b\n  ◦ c\n    1. d", []),
    ("3. a\n4. b", "3. a\n4. b", []),
    ("- a\n\n  more\n\n- b", "• a\n\n  more\n\n• b", []),
    ("- [ ] open\n- [x] done", "☐ open\n☑ done", []),
    ("a\n\n---\n\nb", "a\n\n———\n\nb", []),
    ("> q\n> > r\n\nafter", "q\nr\n\nafter", [("blockquote", "q\nr")]),
    ("> " + "word " * 100, None, [("expandable_blockquote", ("word " * 100).strip())]),
    ("```py x\na = 1\n```", "a = 1", [("pre", "a = 1")]),
    ("```\n    a\n      b\n```", "a\n  b", [("pre", "a\n  b")]),
    ("```\n  a\nb\n```", "\u00a0\u00a0a\nb", [("pre", "\u00a0\u00a0a\nb")]),
    ("- ```\n  a\n  ```", "•\na", [("pre", "a")]),
    ("|a|b|\n|-|-:|\n|日|1|", "a  | b\n---+--\n日 | 1", [("pre", None)]),
    (
        f"|A|B|\n|-|-|\n|[x]({LINK})|y|\n|z||",
        "• A: x\n  B: y\n• A: z",
        [("text_link", "x")],
    ),
    ("|a|" + "b" * 50 + "|\n|-|-|\n|c|d|", "• a | " + "b" * 50 + "\n• c | d", []),
    ("***", "———", []),
    ("-", "•", []),
    ("```\n```", "```\n```", []),
    ("A\u030a a\u030a", "Å å", []),
]


@pytest.mark.parametrize(("markdown", "text", "spans"), SHOWN, ids=range(len(SHOWN)))
def test_markdown_is_shown_as_what_it_means(
    markdown: str, text: str | None, spans: list[tuple[str, str | None]]
) -> None:
    (piece,) = pieces_of(markdown)

    found = settings_of(piece)

    assert text is None or piece.text == text
    assert [(each.kind, each.text) for each in found] == [
        (kind, piece.text if said is None else said) for kind, said in spans
    ]


def test_a_language_and_an_address_come_with_what_they_are_for() -> None:
    (piece,) = pieces_of(f"```c++ title\nx\n```\n[y]({LINK})")

    assert settings_of(piece) == [Setting("pre", "x", "c++"), Setting("text_link", "y", LINK)]


@pytest.mark.parametrize("sign", ["> ", "- ", "1. "])
def test_no_word_is_lost_however_deep_it_is_nested(sign: str) -> None:
    (piece,) = pieces_of(sign * 60 + "deep\n\nafter")

    assert "deep" in piece.text
    assert "after" in piece.text


@pytest.mark.parametrize(
    "address",
    [LINK, "http://1.2.3.4:80/x", "tg://resolve?domain=x", "tg://user?id=1", "http://a", "x"],
)
def test_only_what_telegram_links_to_is_made_a_link(address: str) -> None:
    assert not can_link(address) or checked_link(address)
    assert not can_link("tg://user?id=1"), "nobody is pinged by a link that a model wrote"


@given(SOURCES, st.sampled_from([20, 60, MAX_TEXT]))
def test_the_server_shows_every_rendering_as_it_was_sent(markdown: str, limit: int) -> None:
    for page in cut(rendered(markdown), limit):
        parameters = asked(Piece(page.text, encode(page.text, page.spans)))
        sent = given_entities(parameters.json("entities"))

        served = message_text(parameters)

        assert served.text == page.text
        assert laid_over(served.text, list(served.entities)) == laid_over(page.text, sent)


@given(SOURCES.map(lambda source: source.replace("|", "/")))
def test_all_words_are_shown_in_their_order(markdown: str) -> None:
    shown = iter(WORD.findall(rendered(markdown).text))

    assert all(word in shown for word in words_to_be_shown(markdown))


def test_a_few_signs_are_no_table_of_thousands_of_cells() -> None:
    sparse = "|" + "a|" * 500 + "\n|" + "-|" * 500 + "\n" + "|\n" * 130
    dense = "|a|b|\n|-|-|\n" + "|1|\n" * 3 + "|2|3|\n"

    assert "|" in rendered(sparse).text
    assert len(rendered(sparse).text) < 2 * len(sparse)
    assert "a | b" in rendered(dense).text


@pytest.mark.parametrize(
    "bit",
    [
        "[",
        "![",
        "*a ",
        "**a** ",
        "> ",
        "- ",
        "[a](",
        "`` ` ",
        "|a|\n|-|\n",
        "~~a ",
        "&#",
        "<a",
        "_*",
    ],
)
def test_hostile_texts_are_rendered_all_the_same(bit: str) -> None:
    assert rendered(bit * 4_000).text
