"""Markdown that nobody would write, for whatever is to hold of any."""

from __future__ import annotations

import re

from hypothesis import strategies as st

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
