"""The Markdown that answers are written in, as all platforms that show it read it.

CommonMark with tables and strikethrough; HTML is text. However deep quotes and lists are nested,
no word of the source is lost: what is deeper than the parser goes is a paragraph. A table whose
rows leave out more cells than they have signs is none: a few signs would make thousands of cells.
"""

from __future__ import annotations

from functools import cache

from markdown_it import MarkdownIt
from markdown_it.parser_block import ParserBlock
from markdown_it.rules_block import StateBlock
from markdown_it.rules_block import table as any_table

_LINES, _DENSE_UNTIL, _SPARSE_UNTIL = "lines", "dense until", "sparse until"
"""Where in the parser's notes the text's lines are kept, and up to which tables are any, or none."""


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
    parser.block.ruler.at("table", _table, {"alt": ["paragraph", "reference"]})
    parser.enable(["table", "strikethrough"])
    return parser


def _table(state: StateBlock, startLine: int, endLine: int, silent: bool) -> bool:  # noqa: N803, FBT001 (the library's)
    """The library's rule, but for sparse tables."""
    if startLine >= max(state.env.get(_DENSE_UNTIL, 0), state.env.get(_SPARSE_UNTIL, 0)):
        if _LINES not in state.env:
            state.env[_LINES] = state.src.split("\n")
        end, dense = _judged(state.env[_LINES], startLine)
        state.env[_DENSE_UNTIL if dense else _SPARSE_UNTIL] = end
    if startLine < state.env.get(_SPARSE_UNTIL, 0):
        return False
    return any_table(state, startLine, endLine, silent)


def _judged(lines: list[str], start: int) -> tuple[int, bool]:
    """Where the lines from there on end without a blank one between, and whether they hold as many
    signs as a table of them would have cells.
    """
    end, columns, signs = start, 0, 0
    while end < len(lines) and lines[end].strip(" \t>"):
        columns = max(columns, lines[end].count("|") + 1)
        signs += len(lines[end]) + 1
        end += 1
    return end, columns * (end - start) <= signs


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
