"""The Markdown that answers are written in, as all platforms that show it read it.

CommonMark with tables and strikethrough; HTML is text. However deep quotes and lists are nested,
no word of the source is lost: what is deeper than the parser goes is a paragraph.
"""

from __future__ import annotations

from functools import cache

from markdown_it import MarkdownIt
from markdown_it.parser_block import ParserBlock
from markdown_it.rules_block import StateBlock


@cache
def dialect() -> MarkdownIt:
    """The parser, for all to use and nobody to change. Its tokens name what references stand for:
    links by `meta["label"]`, definitions as tokens of that type.
    """
    parser = MarkdownIt("commonmark")
    parser.block = _Blocks()
    options = {
        "html": False,
        "linkify": False,
        "store_labels": True,
        "inline_definitions": True,
    }
    parser.configure("commonmark", options_update=options)  # the new blocks know all rules so far
    parser.enable(["table", "strikethrough"])
    return parser


class _Blocks(ParserBlock):
    """Keeps what the library throws away: all that is nested deeper than it goes."""

    def tokenize(self, state: StateBlock, startLine: int, endLine: int) -> None:  # noqa: N803
        if state.level < state.md.options.maxNesting:
            super().tokenize(state, startLine, endLine)
            return
        end = startLine
        while end < endLine and (state.isEmpty(end) or state.sCount[end] >= state.blkIndent):
            end += 1
        while end > startLine and state.isEmpty(end - 1):
            end -= 1
        state.line = end
        content = state.getLines(startLine, end, state.blkIndent, keepLastLF=False).strip()
        if not content:
            return
        state.push("paragraph_open", "p", 1).map = [startLine, end]
        inline = state.push("inline", "", 0)
        inline.content, inline.map, inline.children = content, [startLine, end], []
        state.push("paragraph_close", "p", -1)
