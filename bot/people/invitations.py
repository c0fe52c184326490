"""The ways by which an invitation can be used."""

from __future__ import annotations

from dataclasses import dataclass

from bot.platforms.loading import discord_settings
from config.settings import Settings

NAME_OF_THE_BOT = "NAME_OF_YOUR_BOT"


def page_link(settings: Settings, token: str) -> str:
    """The web page with the invitation in its address."""
    base = settings.public_url or f"http://localhost:{settings.port}"
    return f"{base}/?invite={token}"


def telegram_bot(settings: Settings) -> str | None:
    """The name of Telegram's adapter, which is its bot's number; None if there is none."""
    if settings.telegram_bot_token is None:
        return None
    return f"telegram:{settings.telegram_bot_token.get_secret_value().partition(':')[0]}"


def telegram_link(token: str, username: str | None) -> str:
    """A chat with the bot that begins with the invitation; with a name to be put in if the bot's
    isn't known.
    """
    return f"https://t.me/{username or NAME_OF_THE_BOT}?start={token}"


@dataclass(frozen=True, slots=True)
class DiscordWay:
    """Where the bot can be written to, and what to write: no link of Discord's carries a word."""

    bot: str
    message: str


def discord_way(settings: Settings, token: str) -> DiscordWay | None:
    """How an invitation is used with the Discord bot; None if there is none.

    Raises:
        BadInput: its token won't do.
    """
    if settings.discord_bot_token is None:
        return None
    bot = f"https://discord.com/users/{discord_settings(settings).bot_id}"
    return DiscordWay(bot, f"/start {token}")
