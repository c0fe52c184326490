"""A look at a bot without becoming it: who it is, and what Telegram will let it see."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

import anyio
from telegram.error import InvalidToken, TelegramError

from adapters.base import NotReached
from adapters.telegram.connection import connected, token_refused
from adapters.telegram.settings import TelegramSettings

PATIENCE = 10.0
"""Seconds that Telegram has to answer."""


@dataclass(frozen=True, slots=True)
class BotReport:
    """What Telegram knows of a bot. `hears_all`: its group privacy is off. `webhook`: the host that
    its updates go to, empty for none; `webhook_ours` is whether that is the address in the
    settings, and `webhook_error` what Telegram met there last.
    """

    name: str
    username: str
    hears_all: bool
    joins_groups: bool
    webhook: str
    webhook_ours: bool
    webhook_error: str


async def inspected(settings: TelegramSettings) -> BotReport:
    """Ask Telegram, once. Changes nothing.

    Raises:
        PlatformRefuses: the token is no good.
        NotReached: try again later.
    """
    try:
        with anyio.fail_after(PATIENCE):
            async with connected(settings, connections=1) as bot:
                me, webhook = await bot.get_me(), await bot.get_webhook_info()
    except InvalidToken as error:
        raise token_refused() from error
    except (TelegramError, TimeoutError) as error:
        place = urlsplit(settings.api_base_url or "").hostname or "api.telegram.org"
        raise NotReached(f"{place} can't be reached: {type(error).__name__}") from error
    return BotReport(
        name=me.first_name,
        username=me.username or "",
        hears_all=bool(me.can_read_all_group_messages),
        joins_groups=bool(me.can_join_groups),
        webhook=urlsplit(webhook.url).hostname or "",
        webhook_ours=settings.mode == "webhook" and webhook.url == settings.webhook_address,
        webhook_error=webhook.last_error_message or "",
    )
