"""Replies as HTML: what may be in it, whatever a model writes."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.web.markdown import TAGS, plain, rendered


class Elements(HTMLParser):
    """All tags and attributes of some HTML."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def is_harmless(html: str) -> bool:
    for tag, attributes in Elements(html).found:
        href = attributes.get("href") or "https:"
        allowed = {"href", "target", "rel"} if tag == "a" else {"start"} if tag == "ol" else set()
        if tag not in TAGS or not attributes.keys() <= allowed:
            return False
        if not href.lower().startswith(("http:", "https:")):
            return False
    return True


ATTACKS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "![x](https://elsewhere.example/pixel.png)",
    "![x](data:image/svg+xml;base64,PHN2Zy8+)",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java&#x09;script:alert(1))",
    "[x](data:text/html,<script>alert(1)</script>)",
    "[x](vbscript:msgbox(1))",
    "[x](file:///etc/passwd)",
    "<javascript:alert(1)>",
    "[x]: javascript:alert(1)\n\n[x]",
    '[x](https://ok.example "onmouseover=alert(1)")',
    "<svg><script>alert(1)</script></svg>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    "<a href='https://x' onclick='alert(1)'>x</a>",
    "<iframe src=//elsewhere.example>",
    "`<script>alert(1)</script>`",
    "```html\n<script>alert(1)</script>\n```",
    '``` "onmouseover="alert(1)\nx\n```',
    "| a |\n| :-: |\n| <img src=x onerror=alert(1)> |",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "\x00<script>alert(1)</script>",
    "<!--><script>alert(1)</script>-->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<style>*{background:url(//elsewhere.example)}</style>",
    "<base href=//elsewhere.example>",
    "<form action=//elsewhere.example><button>x</button></form>",
    "<meta http-equiv=refresh content='0;url=//elsewhere.example'>",
]


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_attack_is_only_text(attack: str) -> None:
    assert is_harmless(rendered(attack))
    assert "alert(1)</script" not in rendered(attack)


@settings(max_examples=300)
@given(
    st.text()
    | st.lists(st.sampled_from([*ATTACKS, "*", "`", "[", "](", ")", "<", "\n", "|"])).map("".join)
)
def test_whatever_a_model_writes_the_html_is_harmless(text: str) -> None:
    assert is_harmless(rendered(text))


@given(st.text())
def test_a_persons_own_words_are_shown_exactly(text: str) -> None:
    assert Elements(plain(text)).found == []


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("**bold** and *soft*", "<p><strong>bold</strong> and <em>soft</em></p>\n"),
        ("~~gone~~", "<p><s>gone</s></p>\n"),
        ("3. c\n4. d", '<ol start="3">\n<li>c</li>\n<li>d</li>\n</ol>\n'),
        (
            "[x](https://ok.example/?a=1&b=2)",
            '<p><a href="https://ok.example/?a=1&amp;b=2" target="_blank" '
            'rel="noopener noreferrer nofollow">x</a></p>\n',
        ),
        ("![a cat](https://elsewhere.example/cat.png)", "<p>a cat</p>\n"),
    ],
)
def test_what_markdown_means_is_shown(text: str, html: str) -> None:
    assert rendered(text) == html


def test_a_table_is_a_table() -> None:
    assert rendered("| a | b |\n|---|:-:|\n| 1 | 2 |").startswith("<table>")


@pytest.mark.parametrize("sign", ["> ", "- ", "1. "])
def test_no_word_is_lost_however_deep_it_is_nested(sign: str) -> None:
    assert "deep" in rendered(sign * 60 + "deep")
