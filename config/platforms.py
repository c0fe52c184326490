"""The settings of the chat platforms, which take no prefix: `telegram_x` is `TELEGRAM_X`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings

from config.values import (
    BotToken,
    DiscordToken,
    HttpAddress,
    SocketAddress,
    WebhookSecret,
)


class PlatformSettings(BaseSettings):
    """What the operator chose for Telegram and for Discord; a part of `config.settings.Settings`."""

    telegram_bot_token: BotToken | None = Field(None, description="Token from @BotFather.")
    telegram_api_base_url: HttpAddress | None = Field(
        None, description="Another Bot API server, up to and with `/bot`."
    )
    telegram_file_base_url: HttpAddress | None = Field(
        None, description="Another file server of the Bot API, up to and with `/file/bot`."
    )
    telegram_mode: Literal["polling", "webhook"] = Field(
        "polling", description="How Telegram's messages come in."
    )
    telegram_webhook_url: HttpAddress | None = Field(
        None,
        description="Public https address that Telegram calls in webhook mode. Without a path, "
        "`/telegram/webhook` there.",
    )
    telegram_webhook_secret: WebhookSecret | None = Field(
        None, description="Secret that Telegram proves itself with in webhook mode."
    )
    telegram_previews: Literal["auto", "edit", "off"] = Field(
        "auto",
        description="How an answer is watched while it is made. `auto`: as a draft in private "
        "chats, as a message that grows in groups; `edit`: as such a message everywhere; `off`: "
        "not at all.",
    )
    discord_bot_token: DiscordToken | None = Field(
        None, description="Bot token from Discord's developer portal."
    )
    discord_message_content: bool = Field(
        default=False,
        description="Ask Discord for the messages of servers that aren't said to the bot (`1`), "
        "which `/listen` needs. A privileged intent: switch it on in the developer portal first. "
        "Without it (`0`) the bot reads private chats, mentions, replies that ping it and commands.",
    )
    discord_previews: Literal["auto", "off"] = Field(
        "auto",
        description="Whether an answer is watched while it is made, as a message that grows "
        "(`auto`), or not at all (`off`).",
    )
    discord_sharded: bool = Field(
        default=False,
        description="Spread the bot's servers over several connections to Discord, as many as it "
        "recommends (`1`). Good from about 1,000 servers on, needed from 2,500 on.",
    )
    discord_api_base_url: HttpAddress | None = Field(
        None,
        description="Another REST server for Discord, with its version: `…/api/v10`. Events still "
        "come from Discord itself unless `DISCORD_GATEWAY_URL` says otherwise.",
    )
    discord_gateway_url: SocketAddress | None = Field(
        None, description="Another gateway for Discord (`ws://` or `wss://`)."
    )


def platform_contradictions(settings: PlatformSettings) -> Iterator[tuple[frozenset[str], str]]:
    """Values that are good alone but not together: the fields concerned, and the sentence."""
    if settings.telegram_mode == "webhook":
        for field in ("telegram_webhook_url", "telegram_webhook_secret"):
            if getattr(settings, field) is None:
                yield (
                    frozenset({"telegram_mode", field}),
                    f"TELEGRAM_MODE is 'webhook', which needs {field.upper()}: set it, "
                    "or use 'polling'.",
                )
