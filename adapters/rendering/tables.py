"""Tables: in columns of one width where a phone has room for them, else row by row."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from adapters.rendering.spans import Page, Rendered, Span

WIDEST = 44
"""Columns of a monospaced line; beyond, phones break lines, and nothing stands below its like."""
LONGEST_LABEL = 24
_GAP = " | "
_BULLET = "• "


@dataclass(frozen=True, slots=True)
class Table:
    """The rows' cells, those of the head first; `sides` are the columns': left, right, center."""

    rows: Sequence[Sequence[Rendered]]
    sides: Sequence[str]

    @property
    def widths(self) -> list[int]:
        columns = range(len(self.rows[0]))
        return [max(_width(row[at].text) for row in self.rows) for at in columns]


def rendered_table(table: Table) -> Rendered:
    """The table as one monospaced block, or as a paragraph for each row."""
    widths = table.widths
    plain = not any(span.kind == "text_link" for row in table.rows for c in row for span in c.spans)
    if plain and sum(widths) + len(_GAP) * (len(widths) - 1) <= WIDEST:
        return _aligned(table, widths)
    return _row_by_row(table)


def _aligned(table: Table, widths: Sequence[int]) -> Rendered:
    lines = [_line(row, widths, table.sides) for row in table.rows]
    rule = "-+-".join("-" * width for width in widths)
    text = "\n".join([lines[0], rule, *lines[1:]])
    return Rendered(text, (Span("pre", 0, len(text)),) if text.strip() else ())


def _line(row: Sequence[Rendered], widths: Sequence[int], sides: Sequence[str]) -> str:
    cells = [
        _padded(cell.text, width, side)
        for cell, width, side in zip(row, widths, sides, strict=True)
    ]
    return _GAP.join(cells).rstrip()


def _padded(text: str, width: int, side: str) -> str:
    room = width - _width(text)
    before = {"right": room, "center": room // 2}.get(side, 0)
    return " " * before + text + " " * (room - before)


def _width(text: str) -> int:
    """In columns: wide letters and emoji take two, marks none."""
    return sum(map(_columns, text))


def _columns(char: str) -> int:
    if unicodedata.combining(char) or unicodedata.category(char) in {"Cf", "Mn", "Me"}:
        return 0
    return 2 if unicodedata.east_asian_width(char) in {"W", "F"} else 1


def _row_by_row(table: Table) -> Rendered:
    """The cells of a row one below the other, each by the name of its column, if these are short
    and all in use; else all in one line.
    """
    head, *rows = table.rows
    short = all(len(name.text) <= LONGEST_LABEL for name in head)
    named = short and all(any(cell.text for cell in cells) for cells in zip(*rows, strict=True))
    page = Page()
    for number, row in enumerate(rows if rows and named else table.rows):
        page.add("\n" if number else "")
        page.add(_BULLET)
        if rows and named:
            _add_named(page, head, row)
        else:
            _add_line(page, row)
    return page.rendered


def _add_line(page: Page, row: Sequence[Rendered]) -> None:
    last = max((at for at, cell in enumerate(row) if cell.text), default=0)
    for number, cell in enumerate(row[: last + 1]):
        page.add(_GAP if number else "")
        page.put(cell)


def _add_named(page: Page, head: Sequence[Rendered], row: Sequence[Rendered]) -> None:
    below = ""
    for name, cell in zip(head, row, strict=True):
        if cell.text:
            page.add(below)
            page.put(name)
            page.add(": " if name.text else "")
            page.put(cell)
            below = "\n" + " " * len(_BULLET)
