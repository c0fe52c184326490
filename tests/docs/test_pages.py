"""What the pages on platforms show is what happens."""

from __future__ import annotations

import pytest

from tests.docs.telegram_transcripts import TELEGRAM
from tests.docs.transcripts import Play

PLAYS = (TELEGRAM,)


@pytest.mark.parametrize(
    ("play", "name"),
    [
        pytest.param(play, name, id=f"{play.page}: {name}")
        for play in PLAYS
        for name in play.scripts
    ],
)
async def test_a_pages_transcripts_are_what_people_see(play: Play, name: str) -> None:
    assert await play.played(name) == play.written()[name]


@pytest.mark.parametrize("play", PLAYS, ids=lambda play: play.page)
def test_a_page_shows_nothing_that_is_not_played(play: Play) -> None:
    assert set(play.written()) == set(play.scripts)
