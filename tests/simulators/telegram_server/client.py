"""The real client, talking to the server as it would to Telegram."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from telegram import Bot
from telegram.request import HTTPXRequest

from tests.simulators.telegram_server.server import TelegramServer

LOOPBACK = {"verify": False}
"""No need to read whom to trust, which takes long."""


@asynccontextmanager
async def talking(server: TelegramServer) -> AsyncGenerator[Bot, None]:
    """A python-telegram-bot `Bot` for the server, unpatched."""
    async with Bot(
        server.token,
        base_url=server.base_url,
        base_file_url=server.file_url,
        request=HTTPXRequest(16, read_timeout=60, httpx_kwargs=LOOPBACK),
        get_updates_request=HTTPXRequest(4, read_timeout=60, httpx_kwargs=LOOPBACK),
    ) as bot:
        yield bot
