from __future__ import annotations

from collections.abc import AsyncGenerator

import pytest

from tests.adapters.telegram.bot_at_work import BotAtWork
from tests.simulators.telegram_server.server import TelegramServer
from tests.simulators.timeline import HastyTimeline


@pytest.fixture
async def server() -> AsyncGenerator[TelegramServer, None]:
    async with TelegramServer(limits=None, timeline=HastyTimeline()) as server:
        yield server


@pytest.fixture
def bot(server: TelegramServer) -> BotAtWork:
    return BotAtWork(server)
