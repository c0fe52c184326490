"""A text in pieces that Discord takes, as people see them and with the signs that make it so.

Each is at most 2,000 UTF-16 units long with its signs, which is stricter than Discord's count.
"""

from __future__ import annotations

from collections.abc import Iterator

from adapters.delivery import Attachment, Piece
from adapters.discord.markup import escaped, marked_up, sent_length
from adapters.discord.rendering import rendered
from adapters.push.composing import Composer
from adapters.rendering import cutting
from adapters.rendering.spans import Rendered
from adapters.splitting import length

MAX_TEXT = 2_000
LONGEST = 50_000
MAX_FILE = 10_000_000
"""Bytes of a file that every server and private chat takes."""


def cut(page: Rendered, limit: int) -> Iterator[Rendered]:
    """The text in pieces of at most `limit` UTF-16 units with their signs."""
    return cutting.cut(page, limit, sent_length)


def content_of(text: str, format_: str | None) -> str:
    """What is sent of a piece. A text alone means itself."""
    return escaped(text) if format_ is None else format_


def _room_before(note: str) -> int:
    return MAX_TEXT - length(escaped(note), "utf16")


def _piece(page: Rendered, file: Attachment | None) -> Piece:
    told = marked_up(page)
    return Piece(page.text, None if told == escaped(page.text) else told, file)


COMPOSER = Composer(
    max_text=MAX_TEXT,
    longest=LONGEST,
    max_file=MAX_FILE,
    rendered=rendered,
    cut=cut,
    room_before=_room_before,
    piece=_piece,
)
