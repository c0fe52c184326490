"""A rendered text in pieces that Telegram takes, with their spans.

Each piece is at most 4,096 UTF-16 units long, which is the stricter of the two ways in which
clients and the server count. No link is cut, and no code that fits one message by itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from adapters.delivery import Attachment, Piece
from adapters.push.composing import Composer
from adapters.rendering import cutting
from adapters.rendering.spans import Rendered
from adapters.splitting import length
from adapters.telegram.rendering import rendered, with_kept_indentation
from adapters.telegram.spans import encode, most_important

MAX_TEXT = 4096
MAX_CAPTION = 1024
LONGEST = 100_000
MAX_FILE = 50_000_000
_UNSEEN = re.compile("[\\s\u2800\ufffc]*")
"""What Telegram takes for nothing, though it shows: a message of these alone is refused."""


def cut(page: Rendered, limit: int) -> Iterator[Rendered]:
    """The text in pieces of at most `limit` UTF-16 units; none for one that shows nothing."""
    for each in cutting.cut(page, limit):
        if not _UNSEEN.fullmatch(each.text):
            yield with_kept_indentation(Rendered(each.text, most_important(each.spans)))


def _room_before(note: str) -> int:
    return MAX_CAPTION - length(note, "utf16")


def _piece(page: Rendered, file: Attachment | None) -> Piece:
    return Piece(page.text, encode(page.text, page.spans), file)


COMPOSER = Composer(
    max_text=MAX_TEXT,
    longest=LONGEST,
    max_file=MAX_FILE,
    rendered=rendered,
    cut=cut,
    room_before=_room_before,
    piece=_piece,
)
