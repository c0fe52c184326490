"""A text in pieces that a platform takes.

What would be more than five pieces is one: its beginning, and the whole text as a file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from adapters.delivery import Attachment, Piece
from adapters.rendering.blocks import mended
from adapters.rendering.spans import Rendered
from adapters.splitting import has_visible
from adapters.wording import Wording

MOST_PIECES = 5


@dataclass(frozen=True, slots=True)
class Composer:
    """How a platform's messages are made; pure. A piece is cut to at most `max_text` UTF-16 units,
    as its platform counts them. A text of more than `longest` characters becomes a file without a
    look whether it would fit, for rendering it takes a second. A file has at most `max_file` bytes;
    in the message with it, the text that stands before the note is cut to `room_before(note)`.
    """

    max_text: int
    longest: int
    max_file: int
    rendered: Callable[[str], Rendered]
    cut: Callable[[Rendered, int], Iterator[Rendered]]
    room_before: Callable[[str], int]
    piece: Callable[[Rendered, Attachment | None], Piece]

    def compose(self, text: str, wording: Wording, *, plain: bool) -> Sequence[Piece]:
        """See `Adapter.compose`."""
        text = mended(text)
        if not has_visible(text):
            return []
        whole = len(text) <= self.longest
        shown = text if whole else text[: self.max_text * MOST_PIECES]
        page = Rendered(shown) if plain else self.rendered(shown)
        found = list(islice(self.cut(page, self.max_text), MOST_PIECES + 1))
        if whole and len(found) <= MOST_PIECES:
            return [self.piece(each, None) for each in found]
        return [self._with_file(page, text, wording, "answer.txt" if plain else "answer.md")]

    def _with_file(self, page: Rendered, text: str, wording: Wording, name: str) -> Piece:
        # In the first language: nobody says who will read it.
        note = "\n\n" + wording.text("turn.rest_in_file", {"file": name}, None)
        first = next(self.cut(page, self.room_before(note)), Rendered("…"))
        content = text.encode()[: self.max_file].decode("utf-8", "ignore")
        return self.piece(Rendered(first.text + note, first.spans), Attachment(name, content))

    def first_piece(self, markdown: str) -> Piece | None:
        """What the first message of an answer looks like; None while nothing is to be seen."""
        first = next(self.cut(self.rendered(markdown), self.max_text), None)
        return None if first is None else self.piece(first, None)
