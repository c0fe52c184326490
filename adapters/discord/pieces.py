"""A text in pieces that Discord takes, as people see them and with the signs that make it so.

Each is at most 2,000 UTF-16 units long with its signs, which is stricter than Discord's count.
What would be more than five pieces is one: its beginning, and the whole text as a file.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice

from adapters.delivery import Attachment, Piece
from adapters.discord.markup import escaped, marked_up, sent_length
from adapters.discord.rendering import rendered
from adapters.rendering.blocks import mended
from adapters.rendering.cutting import cut
from adapters.rendering.spans import Rendered
from adapters.splitting import length

MAX_TEXT = 2_000
MOST_PIECES = 5
LONGEST = 50_000
"""Characters beyond which nobody looks whether a text would fit: rendering it takes a second."""
MAX_FILE = 10_000_000
"""Bytes of a file that every server and private chat takes."""


def composed(text: str, *, plain: bool, rest_in: Callable[[str], str]) -> list[Piece]:
    """A text's pieces. `rest_in` says that the rest is in the file of this name."""
    text = mended(text)
    whole = len(text) <= LONGEST
    shown = text if whole else text[: MAX_TEXT * MOST_PIECES]
    page = Rendered(shown) if plain else rendered(shown)
    found = list(islice(cut(page, MAX_TEXT, sent_length), MOST_PIECES + 1))
    if whole and len(found) <= MOST_PIECES:
        return [_piece(each) for each in found]
    name = "answer.txt" if plain else "answer.md"
    note = f"\n\n{rest_in(name)}"
    room = MAX_TEXT - length(escaped(note), "utf16")
    first = next(cut(page, room, sent_length), Rendered("…"))
    content = text.encode()[:MAX_FILE].decode("utf-8", "ignore")
    return [_piece(Rendered(first.text + note, first.spans), Attachment(name, content))]


def first_piece(markdown: str) -> Piece | None:
    """What the first message of an answer looks like; None while nothing is to be seen."""
    first = next(cut(rendered(markdown), MAX_TEXT, sent_length), None)
    return None if first is None else _piece(first)


def content_of(text: str, format_: str | None) -> str:
    """What is sent of a piece. A text alone means itself."""
    return escaped(text) if format_ is None else format_


def _piece(page: Rendered, file: Attachment | None = None) -> Piece:
    told = marked_up(page)
    return Piece(page.text, None if told == escaped(page.text) else told, file)
