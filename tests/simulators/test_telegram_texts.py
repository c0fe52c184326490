"""How the Telegram simulator reads texts: markup, entities, limits, and its words of refusal."""

from __future__ import annotations

import html
from typing import Any

import httpx
from hypothesis import given, settings
from hypothesis import strategies as st
from telegram import MessageEntity

from tests.house import PATIENCE
from tests.simulators.telegram_server.client import talking
from tests.simulators.telegram_server.entities import (
    Entity,
    Formatted,
    check_within,
    nested,
    offsets,
    units,
)
from tests.simulators.telegram_server.html import parse_html
from tests.simulators.telegram_server.legacy_markdown import parse_legacy_markdown
from tests.simulators.telegram_server.markdown import parse_markdown
from tests.simulators.telegram_server.refusals import Refused
from tests.simulators.telegram_server.server import TelegramServer
from tests.simulators.telegram_server.texts import cleaned

Tree = list[Any]
_STYLES = ["bold", "italic", "underline", "strikethrough", "spoiler"]
_TAGS = dict(zip(_STYLES, ["b", "i", "u", "s", "tg-spoiler"], strict=True))
_MARKS = dict(zip(_STYLES, ["*", "_", "__", "~", "||"], strict=True))
_WORDS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=8)
_TREES = st.recursive(
    _WORDS,
    lambda inner: st.tuples(st.sampled_from(_STYLES), st.lists(inner, min_size=1, max_size=3)),
    max_leaves=8,
)


def drawn(trees: Tree, within: tuple[str, ...] = ()) -> tuple[str, list[Entity]]:
    """The text of nested styles and the entities it should have."""
    text, entities = "", []
    for tree in trees:
        if isinstance(tree, str):
            text += tree
            continue
        style, inner = tree
        begin = units(text)
        piece, found = drawn(inner, (*within, style))
        entities += [Entity(e.type, e.offset + begin, e.length) for e in found]
        entities.append(Entity(style, begin, units(piece)))
        text += piece
    return text, entities


def in_html(trees: Tree) -> str:
    return "".join(
        html.escape(each)
        if isinstance(each, str)
        else f"<{_TAGS[each[0]]}>{in_html(each[1])}</{_TAGS[each[0]]}>"
        for each in trees
    )


def in_markdown(trees: Tree) -> str:
    """Escaped dots stand beside every mark, so that no two marks run into each other."""
    reserved = "_*[]()~`>#+-=|{}.!\\"
    return "".join(
        "".join(f"\\{char}" if char in reserved else char for char in each)
        if isinstance(each, str)
        else f"{_MARKS[each[0]]}\\.{in_markdown(each[1])}\\.{_MARKS[each[0]]}\\."
        for each in trees
    )


def dotted(trees: Tree) -> Tree:
    """What `in_markdown` stands for."""
    result: Tree = []
    for each in trees:
        result += (
            [each] if isinstance(each, str) else [(each[0], [".", *dotted(each[1]), "."]), "."]
        )
    return result


def places(entities: list[Entity]) -> list[tuple[str, int, int]]:
    return sorted((each.type, each.offset, each.length) for each in entities)


@settings(max_examples=60, deadline=None)
@given(st.lists(_TREES, max_size=4))
def test_what_is_written_as_html_is_read_again(trees: Tree) -> None:
    text, entities = parse_html(in_html(trees))

    assert (text, places(entities)) == (drawn(trees)[0], places(drawn(trees)[1]))


def no_style_in_itself(tree: Any, within: tuple[str, ...] = ()) -> bool:
    if isinstance(tree, str):
        return True
    style, inner = tree
    return style not in within and all(no_style_in_itself(e, (*within, style)) for e in inner)


@settings(max_examples=60, deadline=None)
@given(st.lists(_TREES.filter(no_style_in_itself), max_size=4))
def test_what_is_written_as_markdown_is_read_again(trees: Tree) -> None:
    text, entities = parse_markdown(in_markdown(trees))

    expected = drawn(dotted(trees))
    assert (text, places(entities)) == (expected[0], places(expected[1]))


_MARKUP = st.text(st.sampled_from("*_~|`[]()<>/=\"'& ab\\\n!😀é-.#;1xlt")).map(
    lambda text: text.replace("lt", "<b>")
)


@settings(max_examples=60, deadline=None)
@given(st.one_of(st.text(), _MARKUP))
def test_any_text_is_read_or_refused_and_its_entities_lie_within_it(source: str) -> None:
    for parse in (parse_html, parse_markdown, parse_legacy_markdown):
        try:
            source.encode()
            text, entities = parse(source)
        except (Refused, UnicodeEncodeError):
            continue
        check_within(text, entities)
        assert_sound(cleaned(text, entities))


@settings(max_examples=60, deadline=None)
@given(st.text(), st.data())
def test_entities_that_overlap_come_out_nested(text: str, data: st.DataObject) -> None:
    edges = offsets(text)
    kinds = st.sampled_from([*_STYLES, "code", "pre", "blockquote"])
    pairs = st.tuples(kinds, st.sampled_from(edges), st.sampled_from(edges))
    drawn_entities = [
        Entity(kind, min(a, b), abs(a - b))
        for kind, a, b in data.draw(st.lists(pairs, max_size=8))
        if a != b
    ]

    assert_sound(cleaned(text, drawn_entities))


def assert_sound(formatted: Formatted) -> None:
    assert formatted.text == formatted.text.strip(" \n") or formatted.entities
    check_within(formatted.text, list(formatted.entities))
    for at, one in enumerate(formatted.entities):
        for other in formatted.entities[at + 1 :]:
            apart = other.offset >= one.end
            assert apart or other.end <= one.end, (one, other)
            assert apart or one.type != "code", (one, other)


def test_styles_that_cross_are_cut_and_links_in_code_are_dropped() -> None:
    crossing = nested([Entity("bold", 0, 5), Entity("italic", 3, 5)])
    assert [(e.type, e.offset, e.length) for e in crossing] == [
        ("bold", 0, 5),
        ("italic", 3, 2),
        ("italic", 5, 3),
    ]

    coded = nested([Entity("code", 0, 4), Entity("text_link", 2, 1), Entity("bold", 0, 8)])
    assert [(e.type, e.offset, e.length) for e in coded] == [("code", 0, 4), ("bold", 4, 4)]


HTML_REFUSALS = {
    "ä <foo>x</foo>": 'Unsupported start tag "foo" at byte offset 3',
    "a <b": "Unclosed start tag at byte offset 2",
    "a < b": 'Unsupported start tag "" at byte offset 2',
    "x</b>": "Unexpected end tag at byte offset 1",
    "<b>x</i>": 'Unmatched end tag at byte offset 4, expected "</b>", found "</i>"',
    "<b>x": 'Can\'t find end tag corresponding to start tag "b"',
    "<b>x</b": "Unclosed end tag at byte offset 4",
    "<span>x</span>": 'Tag "span" must have class "tg-spoiler" at byte offset 0',
}
LEGACY_REFUSALS = {
    "ä *bold": "Can't find end of the entity starting at byte offset 3",
    "```py": "Can't find end of the entity starting at byte offset 0",
}
MARKDOWN_REFUSALS = {
    "one. two": "Character '.' is reserved and must be escaped with the preceding '\\'",
    "a | b": "Character '|' is reserved and must be escaped with the preceding '\\'",
    "a > b": "Character '>' is reserved and must be escaped with the preceding '\\'",
    "ä *bold": "Can't find end of Bold entity at byte offset 3",
    "_a": "Can't find end of Italic entity at byte offset 0",
    "__a": "Can't find end of Underline entity at byte offset 0",
    "~a": "Can't find end of Strikethrough entity at byte offset 0",
    "||a": "Can't find end of Spoiler entity at byte offset 0",
    "x `a": "Can't find end of Code entity at byte offset 2",
    "```a": "Can't find end of Pre entity at byte offset 0",
    "```py\na": "Can't find end of PreCode entity at byte offset 0",
    "[a": "Can't find end of TextUrl entity at byte offset 0",
    "[a](http://x.y": "Can't find end of a URL at byte offset 4",
}
ENTITY_REFUSALS = (
    (0, 4, "ends after the end of the text at UTF-16 offset 4"),
    (0, 1, "ends in a middle of a UTF-16 symbol at byte offset 4"),
)
LENGTH_REFUSALS = {
    "": "message text is empty",
    " \n\u200b ": "text must be non-empty",
    "x" * 4097: "message is too long",
    "😀" * 4097: "message is too long",
    "é" * 16385: "text is too long",
}


async def description(client: httpx.AsyncClient, **parameters: Any) -> str:
    """What the server says, as it says it: the library changes its case."""
    response = await client.post("/sendMessage", json=parameters)
    body = response.json()
    assert (response.status_code, body["error_code"], body["ok"]) == (400, 400, False)
    said: str = body["description"]
    return said


async def test_texts_are_refused_in_the_words_of_telegram() -> None:
    async with (
        TelegramServer(limits=None) as server,
        httpx.AsyncClient(base_url=server.base_url + server.token, timeout=PATIENCE) as client,
    ):
        ada = server.person("Ada")
        ada.starts()
        markup = {
            "HTML": HTML_REFUSALS,
            "MarkdownV2": MARKDOWN_REFUSALS,
            "Markdown": LEGACY_REFUSALS,
        }
        for mode, table in markup.items():
            for text, said in table.items():
                got = await description(client, chat_id=ada.id, text=text, parse_mode=mode)
                assert got == f"Bad Request: can't parse entities: {said}", text
        for text, said in LENGTH_REFUSALS.items():
            got = await description(client, chat_id=ada.id, text=text)
            assert got == f"Bad Request: {said}"
        for entity, said in (
            ({"offset": 9, "length": 1}, "begins after the end of the text at UTF-16 offset 9"),
            ({"offset": 1, "length": 2}, "begins in a middle of a UTF-16 symbol at byte offset 4"),
            (
                {"type": "text_link", "offset": 0, "length": 2, "url": "x"},
                "URL 'x' is invalid: Wrong HTTP URL",
            ),
        ):
            entities = [{"type": "bold"} | entity]
            got = await description(client, chat_id=ada.id, text="\U0001f600x", entities=entities)
            assert got == f"Bad Request: entity {said}"
        for offset, length, said in ENTITY_REFUSALS:
            bold = [{"type": "bold", "offset": offset, "length": length}]
            got = await description(client, chat_id=ada.id, text="\U0001f600x", entities=bold)
            assert got == f"Bad Request: entity beginning at UTF-16 offset {offset} {said}"
        got = await description(client, chat_id=ada.id, text="x", parse_mode="BBCode")
        assert got == "Bad Request: unsupported parse_mode"
        assert ada.chat.from_bot == ()


async def test_a_text_is_measured_after_its_markup_and_keeps_its_entities() -> None:
    async with TelegramServer(limits=None) as server, talking(server) as bot:
        ada = server.person("Ada")
        ada.starts()

        longest = await bot.send_message(ada.id, f"<b>{'😀' * 4096}</b>", parse_mode="HTML")
        rich = await bot.send_message(
            ada.id,
            ' 1 &lt; 2 <a href="https://example.org">here</a>\n'
            '<pre><code class="language-python">x = 1</code></pre> /help @someone ',
            parse_mode="HTML",
        )

        assert longest.entities[0].length == 8192
        assert rich.text == "1 < 2 here\nx = 1 /help @someone"
        assert [(each.type, rich.parse_entity(each)) for each in rich.entities] == [
            ("text_link", "here"),
            ("pre", "x = 1"),
            ("bot_command", "/help"),
            ("mention", "@someone"),
        ]
        assert rich.entities[0].url == "https://example.org/"
        assert rich.entities[1].language == "python"
        seen = await ada.chat.sees("here")
        assert seen.entities[0]["url"] == "https://example.org/"

        old = await bot.send_message(
            ada.id, f"*b* [Ada](tg://user?id={ada.id}) [no](tg://user?id=1)", parse_mode="Markdown"
        )
        assert [(each.type, old.parse_entity(each)) for each in old.entities] == [
            ("bold", "b"),
            ("text_mention", "Ada"),
        ]
        assert old.entities[1].user is not None
        assert old.entities[1].user.first_name == "Ada"

        quotes = await bot.send_message(
            ada.id, ">one\n>two\n**>three\n>four||\nrest", parse_mode="MarkdownV2"
        )
        assert [(each.type, quotes.parse_entity(each)) for each in quotes.entities] == [
            ("blockquote", "one\ntwo\n"),
            ("expandable_blockquote", "three\nfour\n"),
        ]
        assert quotes.text == "one\ntwo\nthree\nfour\nrest"

        late = await bot.send_message(ada.id, "x<b> \n y </b>", parse_mode="HTML")
        assert [late.parse_entity(each) for each in late.entities] == ["y"]

        many = [MessageEntity("bold", 2 * at, 1) for at in range(101)]
        cut = await bot.send_message(ada.id, "xy" * 101, entities=many)
        assert len(cut.entities) == 100
