"""What an operator sets for Telegram, and the fixed numbers of receiving."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal

PLATFORM = "telegram"
API_BASE_URL = "https://api.telegram.org/bot"
FILE_BASE_URL = "https://api.telegram.org/file/bot"

_TOKEN = re.compile(r"(\d{1,20}):[\w-]{20,200}", re.ASCII)


@dataclass(frozen=True, slots=True)
class TelegramSettings:
    """The bot, where its servers are, and how its updates come in.

    Raises:
        ValueError: the token has not the form of one; it is never shown.
    """

    token: str = field(repr=False)
    api_base_url: str | None = None
    file_base_url: str | None = None
    mode: Literal["polling", "webhook"] = "polling"
    webhook_url: str | None = None
    webhook_secret: str | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if _TOKEN.fullmatch(self.token) is None:
            msg = (
                "TELEGRAM_BOT_TOKEN is not a bot's token: it must be the whole of what @BotFather "
                "gave, digits, a colon and a long word, such as 123456:ABC-DEF…"
            )
            raise ValueError(msg)

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
    first_pause: float = 0.5
    longest_pause: float = 60.0
    """After a failure: doubled with every one in a row, and spread."""
    conflict_pause: float = 10.0
    """Before another look whether the bot's other poller has gone."""
    album: float = 1.0
    """After its last part, how long an album is waited for."""
    longest_album: float = 5.0
    look: float = 60.0
    """Between looks at how the webhook fares."""


PACE = Pace()
