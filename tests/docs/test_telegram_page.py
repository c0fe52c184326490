"""What the page on Telegram shows is what happens."""

from __future__ import annotations

import pytest

from tests.docs import telegram_transcripts


@pytest.mark.parametrize("name", telegram_transcripts.SCRIPTS)
async def test_its_transcripts_are_what_people_see(name: str) -> None:
    assert await telegram_transcripts.played(name) == telegram_transcripts.written()[name]
