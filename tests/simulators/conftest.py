"""A Telegram server whose time stands still until a test moves it, and a bot that talks to it."""

from __future__ import annotations

from collections.abc import AsyncGenerator

import pytest
from telegram import Bot

from tests.simulators.telegram_server.client import talking
from tests.simulators.telegram_server.server import TelegramServer
from tests.simulators.timeline import SteppedTimeline


@pytest.fixture(autouse=True)
def _retry_after_as_timedelta(monkeypatch: pytest.MonkeyPatch) -> None:
    """The library warns of the other form whenever it is told to wait."""
    monkeypatch.setenv("PTB_TIMEDELTA", "true")


@pytest.fixture
def time() -> SteppedTimeline:
    return SteppedTimeline()


@pytest.fixture
async def server(time: SteppedTimeline) -> AsyncGenerator[TelegramServer, None]:
    async with TelegramServer(timeline=time) as server:
        yield server


@pytest.fixture
async def bot(server: TelegramServer) -> AsyncGenerator[Bot, None]:
    async with talking(server) as bot:
        yield bot
