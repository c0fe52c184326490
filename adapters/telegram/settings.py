"""What an operator sets for Telegram, and the fixed numbers of receiving."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlsplit

PLATFORM = "telegram"
WEBHOOK_PATH = "/telegram/webhook"
API_BASE_URL = "https://api.telegram.org/bot"
FILE_BASE_URL = "https://api.telegram.org/file/bot"

PreviewMode = Literal["auto", "edit", "off"]
"""How an answer is watched while it is made: as a draft where the chat has any, else and with
`edit` as a message that grows; or not at all.
"""

_TOKEN = re.compile(r"[0-9]{1,20}:[A-Za-z0-9_-]+")
_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")


@dataclass(frozen=True, slots=True)
class TelegramSettings:
    """The bot, where its servers are, and how its updates come in.

    `webhook_url` without a path stands for our own path there.

    Raises:
        ValueError: the token or the webhook's secret won't do; neither is ever shown.
    """

    token: str = field(repr=False)
    api_base_url: str | None = None
    file_base_url: str | None = None
    mode: Literal["polling", "webhook"] = "polling"
    webhook_url: str | None = None
    webhook_secret: str | None = field(default=None, repr=False)
    previews: PreviewMode = "auto"

    def __post_init__(self) -> None:
        if _TOKEN.fullmatch(self.token) is None:
            msg = (
                "TELEGRAM_BOT_TOKEN is not a bot's token: it must be the whole of what @BotFather "
                "gave, digits, a colon and a long word, such as 123456:ABC-DEF…"
            )
            raise ValueError(msg)
        if self.mode == "webhook" and not self.webhook_url:
            msg = "TELEGRAM_MODE is 'webhook', which needs TELEGRAM_WEBHOOK_URL"
            raise ValueError(msg)
        if self.mode == "webhook" and not _SECRET.fullmatch(self.webhook_secret or ""):
            msg = "TELEGRAM_WEBHOOK_SECRET must be 1 to 256 of the characters A-Z a-z 0-9 _ -"
            raise ValueError(msg)

    @property
    def webhook_address(self) -> str:
        """Where Telegram is to call."""
        url = self.webhook_url or ""
        return url.rstrip("/") + WEBHOOK_PATH if urlsplit(url).path in {"", "/"} else url

    @property
    def bot_id(self) -> str:
        return self.token.partition(":")[0]


@dataclass(frozen=True, slots=True)
class Pace:
    """How receiving keeps time, in seconds."""

    poll: int = 50
    """How long a poll waits at Telegram for something to happen: the most that it allows."""
    stall: float = 120.0
    """After this a poll is given up, and its connection with it."""
    between: float = 0.6
    """Between polls while an update is in hand: Telegram hands it out again at once, and to those
    who ask twice within half a second, nothing else.
    """
    retry: float = 0.1
    """Before an update that couldn't be stored is tried again, at first."""
    first_pause: float = 0.5
    longest_pause: float = 60.0
    """After a failure: doubled with every one in a row, and spread."""
    conflict_pause: float = 10.0
    """Before another look whether the bot's other poller has gone."""
    grace: float = 20.0
    """How long Telegram may be away before anybody is told."""
    album: float = 1.0
    """After its last part, how long an album is waited for."""
    longest_album: float = 5.0
    answer: float = 3.0
    """After so long a press is answered with nothing, though it isn't handed in yet."""
    look: float = 60.0
    """Between looks at how the webhook fares."""


PACE = Pace()
