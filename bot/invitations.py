"""The links by which an invitation can be used."""

from __future__ import annotations

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
