"""How spans are kept in a `Piece`, and told to Telegram.

Ours count characters; Telegram counts UTF-16 units. In between stands `encode`, whose text a
`Piece` keeps in its `format`, and `decode`, which makes the library's entities of it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from telegram import MessageEntity

from adapters.rendering.spans import Kind, Span, in_order

MOST_SPANS = 100
"""More, and Telegram leaves out those at the end."""
FOLDED = "folded"
"""What a quote's span says that is shown folded."""

_FOLDED_QUOTE = "expandable_blockquote"
_KINDS: dict[Kind, str] = {
    "bold": "bold",
    "italic": "italic",
    "strikethrough": "strikethrough",
    "code": "code",
    "pre": "pre",
    "text_link": "text_link",
    "blockquote": "blockquote",
}
_TOLD = {*_KINDS.values(), _FOLDED_QUOTE}
_RANK: tuple[Kind, ...] = ("text_link", "pre", "code", "blockquote")
"""What is worth most when there are too many. A link's address stands nowhere else."""


def most_important(spans: Iterable[Span]) -> tuple[Span, ...]:
    """As many as one message may have, in order."""
    return in_order(sorted(in_order(spans), key=_worth)[:MOST_SPANS])


def _worth(span: Span) -> int:
    return _RANK.index(span.kind) if span.kind in _RANK else len(_RANK)


def encode(text: str, spans: Sequence[Span]) -> str | None:
    """The spans as JSON in UTF-16 units; None without any."""
    if not spans:
        return None
    offsets = _utf16_offsets(text, {edge for each in spans for edge in (each.begin, each.end)})
    rows = [
        [_name(each), offsets[each.begin], offsets[each.end] - offsets[each.begin]]
        + ([each.detail] if each.detail and each.kind in {"pre", "text_link"} else [])
        for each in spans
    ]
    return json.dumps(rows, ensure_ascii=False, separators=(",", ":"))


def _name(span: Span) -> str:
    folded = span.kind == "blockquote" and span.detail == FOLDED
    return _FOLDED_QUOTE if folded else _KINDS[span.kind]


def _utf16_offsets(text: str, edges: set[int]) -> dict[int, int]:
    offsets: dict[int, int] = {}
    at = width = 0
    for edge in sorted(edges):
        width += len(text[at:edge].encode("utf-16-le")) // 2
        offsets[edge] = width
        at = edge
    return offsets


def decode(format_: str | None) -> list[MessageEntity]:
    """What `encode` wrote, as the library's entities.

    Raises:
        ValueError: it isn't that.
    """
    if format_ is None:
        return []
    rows = json.loads(format_)
    if not isinstance(rows, list) or len(rows) > MOST_SPANS:
        raise ValueError("a format is a list of at most 100 spans")
    return [_entity(row) for row in rows]


def _entity(row: object) -> MessageEntity:
    match row:
        case [str(kind), int(offset), int(length)] if kind in _TOLD and kind != "text_link":
            detail = None
        case ["text_link" | "pre" as kind, int(offset), int(length), str(detail)] if detail:
            pass
        case _:
            raise ValueError("not a span: kind, offset, length and perhaps a detail")
    if isinstance(offset, bool) or isinstance(length, bool) or offset < 0 or length <= 0:
        raise ValueError("a span lies in its text and isn't empty")
    return MessageEntity(
        kind,
        offset,
        length,
        url=detail if kind == "text_link" else None,
        language=detail if kind == "pre" else None,
    )
