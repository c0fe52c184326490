"""The real client, talking to the server as it would to Telegram."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from telegram import Bot
from telegram.request import HTTPXRequest

from tests.simulators.telegram_server.server import TelegramServer


@asynccontextmanager
async def talking(server: TelegramServer) -> AsyncGenerator[Bot, None]:
    """A python-telegram-bot `Bot` for the server, unpatched."""
    async with Bot(
        server.token,
        base_url=server.base_url,
        base_file_url=server.file_url,
        request=HTTPXRequest(connection_pool_size=16, read_timeout=5),
        get_updates_request=HTTPXRequest(connection_pool_size=4, read_timeout=5),
    ) as bot:
        yield bot
