"""Markdown that nobody would write, for whatever is to hold of any."""

from __future__ import annotations

import re

from hypothesis import strategies as st

from adapters.markdown import dialect
from adapters.rendering.blocks import mended

BITS = [
    *("*", "**", "_", "~~", "`", "``", "[", "](https://a.bc/d)", "](x)", "![", "](", ")", "<", ">"),
    *("\n", "\n\n", " ", "  \n", "\n> ", "\n- ", "\n1. ", "\n    ", "\n```\n", "\n```js\n", "\n# "),
    *(
        "\n---\n",
        "\n|",
        "|",
        "\n|-|-|\n",
        "\\",
        "&amp;",
        "\t",
        "\r\n",
        "[ ] ",
        "\n[r]: https://r.st\n",
    ),
    *(
        "[r]",
        "👩‍👩‍👧",
        "é",
        "\u030a",
        "\u202e",
        "\x00",
        "\u2028",
        "\ud800",
        "\u2800",
        "日本",
        "http://x.yz",
    ),
]
WORDS = st.integers(0, 999).map("x{}x".format)
WORD = re.compile(r"x\d+x")
SOURCES = st.lists(st.one_of(st.sampled_from(BITS), WORDS), max_size=60).map("".join)


def words_to_be_shown(markdown: str) -> list[str]:
    """All words but for those in lines that begin a code block: of them the language alone is told."""
    source = mended(markdown)
    unseen = {word for token in dialect().parse(source) for word in WORD.findall(token.info)}
    return [word for word in WORD.findall(source) if word not in unseen]
