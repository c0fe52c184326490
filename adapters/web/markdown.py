"""Replies as HTML that can do no harm: no raw HTML, no image, no link but to http and https.

Two layers that don't trust each other: the renderer escapes all HTML, and what it makes passes a
list of allowed tags.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from urllib.parse import urlsplit

import nh3
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

from adapters.markdown import dialect

TAGS = frozenset(
    [
        "a",
        "blockquote",
        "br",
        "code",
        "del",
        "em",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "hr",
        "li",
        "ol",
        "p",
        "pre",
        "s",
        "strong",
        "table",
        "tbody",
        "td",
        "th",
        "thead",
        "tr",
        "ul",
    ]
)
ATTRIBUTES: dict[str, set[str]] = {"a": {"href", "target"}, "ol": {"start"}, "*": set()}
SCHEMES = frozenset({"http", "https"})


def rendered(text: str) -> str:
    """The text's markdown as sanitized HTML."""
    parser = dialect()
    html = _Renderer().render(parser.parse(text), parser.options, {})
    return nh3.clean(
        html,
        tags=set(TAGS),
        attributes=ATTRIBUTES,
        attribute_filter=_absolute,
        url_schemes=set(SCHEMES),
        link_rel="noopener noreferrer nofollow",
        set_tag_attribute_values={"a": {"target": "_blank"}},
    )


def _absolute(_tag: str, attribute: str, value: str) -> str | None:
    """A relative link would lead to a page of ours that the writer chose."""
    return None if attribute == "href" and urlsplit(value).scheme not in SCHEMES else value


def plain(text: str) -> str:
    """The text as HTML that shows it exactly."""
    return escape(text)


class _Renderer(RendererHTML):
    def image(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        """An image as its description: fetching it would tell its host who reads this."""
        return escape(tokens[idx].content)

    def definition(
        self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType
    ) -> str:
        """What references stand for is shown where they are."""
        return ""
