"""What a text becomes: a few messages, or one with a file."""

from __future__ import annotations

from adapters.delivery import Piece
from adapters.push.composing import MOST_PIECES, Composer
from adapters.rendering import cutting
from adapters.rendering.spans import Rendered
from adapters.testing.context import FakeWording

WORDS = "words word"
COMPOSER = Composer(
    max_text=len(WORDS),
    longest=100,
    max_file=101,
    rendered=Rendered,
    cut=cutting.cut,
    room_before=lambda note: len(note) + len(WORDS),
    piece=lambda page, file: Piece(page.text, None, file),
)


def composed(text: str) -> list[Piece]:
    return list(COMPOSER.compose(text, FakeWording(), plain=True))


def test_a_text_comes_in_as_many_messages_as_are_no_flood() -> None:
    text = "\n".join([WORDS] * MOST_PIECES)

    assert [(each.text, each.file) for each in composed(text)] == [(WORDS, None)] * MOST_PIECES
    (piece,) = composed(f"{text}\nx")
    assert piece.file is not None


def test_a_text_is_looked_at_whole_up_to_the_longest() -> None:
    text = f"{'end':>{COMPOSER.longest}}"

    assert [(each.text, each.file) for each in composed(text)] == [("end", None)]
    (piece,) = composed(f" {text}")
    assert piece.file is not None


def test_nothing_becomes_of_a_text_that_shows_nothing_however_long() -> None:
    assert composed(" \u200b" * COMPOSER.longest) == []


def test_a_file_ends_with_a_whole_character() -> None:
    (piece,) = composed("é" * 101)

    assert piece.file is not None
    assert piece.file.content == "é" * 50
