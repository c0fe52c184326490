"""How the Bot API is spoken to: the library's client, without what it would log or warn of."""

from __future__ import annotations

import json
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from typing import Any

import httpx
from telegram import Bot
from telegram.error import RetryAfter, TelegramError
from telegram.request import HTTPXRequest

from adapters.base import PlatformRefuses
from adapters.telegram.settings import API_BASE_URL, FILE_BASE_URL, TelegramSettings

_CONNECTIONS = 64
_KEPT = 12
"""Connections that stay open: before each call, the pool looks at every one that is idle."""
_KEPT_SECONDS = 30.0
_PATIENCE = 20.0


class Request(HTTPXRequest):
    """One pool of connections."""

    @staticmethod
    def parse_json_payload(payload: bytes) -> Any:
        """The answer; unlike the library's, it logs nothing of one that is no JSON."""
        try:
            found = json.loads(payload.decode("utf-8", "replace"))
        except ValueError as error:
            msg = "the answer is no JSON"
            raise TelegramError(msg) from error
        if not isinstance(found, dict) or not ("result" in found or found.get("ok") is False):
            msg = "the answer isn't one of Telegram's"
            raise TelegramError(msg)
        return found


def seconds_to_wait(error: RetryAfter) -> float:
    """How long Telegram wants to be left alone."""
    wait = error.retry_after
    return float(wait) if isinstance(wait, int) else wait.total_seconds()


def token_refused() -> PlatformRefuses:
    return PlatformRefuses("Telegram refuses TELEGRAM_BOT_TOKEN: get a new one from @BotFather")


@cache
def _trusted() -> ssl.SSLContext:
    """Whom to trust; to read that takes longer than to connect."""
    return httpx.create_ssl_context()


@asynccontextmanager
async def connected(
    settings: TelegramSettings, connections: int = _CONNECTIONS
) -> AsyncIterator[Bot]:
    """The bot over connections of its own. Asks for nothing yet."""
    async with Request(
        connection_pool_size=connections,
        read_timeout=_PATIENCE,
        pool_timeout=_PATIENCE,
        httpx_kwargs={
            "verify": _trusted(),
            "limits": httpx.Limits(
                max_connections=connections,
                max_keepalive_connections=_KEPT,
                keepalive_expiry=_KEPT_SECONDS,
            ),
        },
    ) as request:
        yield Bot(
            settings.token,
            base_url=settings.api_base_url or API_BASE_URL,
            base_file_url=settings.file_base_url or FILE_BASE_URL,
            request=request,
            get_updates_request=request,
        )
