"""The adapter: what starts with what, while it runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import anyio
import structlog
from telegram import Bot, User
from telegram.error import InvalidToken, TelegramError

from adapters.addresses import ChatAddress
from adapters.base import AdapterContext, Capabilities
from adapters.delivery import Outbound, Piece, Sent
from adapters.telegram.backoff import Backoff
from adapters.telegram.connection import connected
from adapters.telegram.sending import Sending
from adapters.telegram.settings import PACE, PLATFORM, Pace, TelegramSettings

_log = structlog.get_logger(__name__)

MAX_TEXT = 4096
USERNAME = "username"
"""Where the bot's name is kept, for those who make links to it."""


class TokenRefused(Exception):
    """Telegram doesn't know the token, or knows it no more."""


class TelegramAdapter:
    """`Adapter` for one bot.

    Raises:
        ValueError: the settings hold no bot's token.
    """

    capabilities = Capabilities(
        delivery="push",
        max_text=MAX_TEXT,
        unit="utf16",
        debounce=0.7,
        max_debounce=3.0,
        buttons=True,
    )
    typing_interval = 4.0

    def __init__(
        self, context: AdapterContext, settings: TelegramSettings, pace: Pace = PACE
    ) -> None:
        self._context = context
        self._settings = settings
        self._pace = pace
        self._state = context.state_for(self.name)
        self._sending = Sending(self.name, self._state, context.wording, context.events)

    @property
    def name(self) -> str:
        return f"{PLATFORM}:{self._settings.bot_id}"

    async def run(self, ready: Callable[[], None]) -> None:
        """See `Adapter.run`.

        Raises:
            TokenRefused: the token must be replaced.
        """
        async with connected(self._settings) as bot:
            me = await self._introduced(bot)
            async with self._sending.open(bot, me):
                ready()
                await anyio.sleep_forever()

    async def _introduced(self, bot: Bot) -> User:
        """Who the bot is, as soon as Telegram can be reached."""
        backoff = Backoff(self._pace.first_pause, self._pace.longest_pause)
        while True:
            try:
                me = await bot.get_me()
            except InvalidToken as error:
                msg = "Telegram refuses TELEGRAM_BOT_TOKEN: get a new one from @BotFather"
                raise TokenRefused(msg) from error
            except TelegramError as error:
                _log.warning("telegram can't be reached", error=type(error).__name__)
                await backoff.wait()
            else:
                await self._state.put(USERNAME, me.username or "")
                return me

    # What goes out

    def compose(self, text: str, *, plain: bool = False) -> Sequence[Piece]:
        return self._sending.compose(text, plain=plain)

    async def send(self, chunk: Outbound) -> Sent:
        return await self._sending.send(chunk)

    async def show_typing(self, address: ChatAddress) -> None:
        await self._sending.show_typing(address)

    async def show_preview(self, address: ChatAddress, text: str, *, turn: str) -> None:
        await self._sending.show_preview(address, text, turn=turn)
