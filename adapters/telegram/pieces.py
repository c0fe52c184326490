"""A rendered text in pieces that Telegram takes, with their spans.

Each piece is at most 4,096 UTF-16 units long, which is the stricter of the two ways in which
clients and the server count. No link is cut, and no code that fits one message by itself. What
would be more than five pieces is one: its beginning, and the whole text as a file.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import islice

from adapters.delivery import Attachment, Piece
from adapters.rendering import cutting
from adapters.rendering.blocks import mended
from adapters.rendering.spans import Rendered
from adapters.splitting import length
from adapters.telegram.rendering import rendered, with_kept_indentation
from adapters.telegram.spans import encode, most_important

MAX_TEXT = 4096
MAX_CAPTION = 1024
MOST_PIECES = 5
LONGEST = 100_000
"""Characters beyond which nobody looks whether a text would fit: rendering it takes a second."""
_UNSEEN = re.compile("[\\s\u2800\ufffc]*")
"""What Telegram takes for nothing, though it shows: a message of these alone is refused."""


def composed(text: str, *, plain: bool, rest_in: Callable[[str], str]) -> list[Piece]:
    """A text's pieces. `rest_in` says that the rest is in the file of this name."""
    text = mended(text)
    whole = len(text) <= LONGEST
    shown = text if whole else text[: MAX_TEXT * MOST_PIECES]
    page = Rendered(shown) if plain else rendered(shown)
    found = list(islice(cut(page, MAX_TEXT), MOST_PIECES + 1))
    if whole and len(found) <= MOST_PIECES:
        return [Piece(each.text, encode(each.text, each.spans)) for each in found]
    name = "answer.txt" if plain else "answer.md"
    note = f"\n\n{rest_in(name)}"
    first = next(cut(page, MAX_CAPTION - length(note, "utf16")), Rendered("…"))
    file = Attachment(name, text)
    return [Piece(first.text + note, encode(first.text, first.spans), file)]


def first_piece(markdown: str) -> Piece | None:
    """What the first message of an answer looks like; None while nothing is to be seen."""
    first = next(cut(rendered(markdown), MAX_TEXT), None)
    return None if first is None else Piece(first.text, encode(first.text, first.spans))


def cut(page: Rendered, limit: int) -> Iterator[Rendered]:
    """The text in pieces of at most `limit` UTF-16 units; none for one that shows nothing."""
    for each in cutting.cut(page, limit):
        if not _UNSEEN.fullmatch(each.text):
            yield with_kept_indentation(Rendered(each.text, most_important(each.spans)))
