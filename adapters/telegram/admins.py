"""Who has a say over a group, as Telegram knows it; known for a minute."""

from __future__ import annotations

import anyio
import structlog
from telegram import Bot, ChatMember
from telegram.error import TelegramError

from adapters.push.latest import Latest

_GOOD_FOR = 60.0
_MOST_KNOWN = 1_000
_SAY = frozenset({ChatMember.OWNER, ChatMember.ADMINISTRATOR})

_log = structlog.get_logger(__name__)


class Admins:
    """Asks the bot's server."""

    def __init__(self, bot: Bot) -> None:
        self._bot = bot
        self._known: Latest[tuple[str, str], tuple[float, bool]] = Latest(_MOST_KNOWN)

    async def is_admin(self, chat: str, user: str) -> bool:
        """Whether they have a say over the chat. If Telegram can't tell, they don't."""
        now = anyio.current_time()
        until, known = self._known.get((chat, user), (now, False))
        if until > now:
            return known
        try:
            member = await self._bot.get_chat_member(int(chat), int(user))
        except TelegramError as error:
            _log.warning("who has a say over a chat isn't known", error=type(error).__name__)
            return False
        found = member.status in _SAY
        self._known[chat, user] = (now + _GOOD_FOR, found)
        return found
