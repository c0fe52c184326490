"""What an operator sets for Discord."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass, field
from typing import Literal

PreviewMode = Literal["auto", "off"]
"""Whether an answer is watched while it is made, as a message that grows."""

_TOKEN = re.compile(r"[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{4,}\.[A-Za-z0-9_-]{20,}")


@dataclass(frozen=True, slots=True)
class DiscordSettings:
    """The bot, where its servers are, and what it asks of them. `message_content`: it may read
    what isn't said to it, which is a privileged intent. `sharded`: several connections at once.

    Raises:
        ValueError: the token won't do; it is never shown.
    """

    token: str = field(repr=False)
    api_base_url: str | None = None
    gateway_url: str | None = None
    message_content: bool = False
    sharded: bool = False
    previews: PreviewMode = "auto"

    def __post_init__(self) -> None:
        if _TOKEN.fullmatch(self.token) is None or _id_in(self.token) is None:
            msg = (
                "DISCORD_BOT_TOKEN is not a bot's token: it must be the whole of what the "
                "developer portal shows on the page Bot, three long words with dots between"
            )
            raise ValueError(msg)

    @property
    def bot_id(self) -> str:
        """The bot's user id, which is the first word of its token."""
        return _id_in(self.token) or ""


def _id_in(token: str) -> str | None:
    word = token.partition(".")[0]
    try:
        text = base64.b64decode(word + "=" * (-len(word) % 4), altchars=b"-_").decode("ascii")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return text if text.isdigit() else None
