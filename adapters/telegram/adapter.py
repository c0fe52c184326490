"""The adapter: what starts with what, while it runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import structlog
from starlette.routing import Route
from telegram import Bot, User

from adapters.addresses import ChatAddress
from adapters.base import AdapterContext, Capabilities
from adapters.delivery import Outbound, Piece, Sent
from adapters.push.alongside import alongside
from adapters.push.health import Health
from adapters.push.timing import Time
from adapters.telegram.calling import answered
from adapters.telegram.connection import connected
from adapters.telegram.intake import Intake
from adapters.telegram.menus import publish_menus
from adapters.telegram.pieces import COMPOSER, MAX_TEXT
from adapters.telegram.polling import Polling
from adapters.telegram.sending import Sending
from adapters.telegram.settings import PACE, PLATFORM, Pace, TelegramSettings
from adapters.telegram.updates import Reader
from adapters.telegram.webhook import Webhook

_log = structlog.get_logger(__name__)

USERNAME = "username"
"""Where the bot's name is kept, for those who make links to it."""


class TelegramAdapter:
    """`Adapter` for one bot. `pace` is that of receiving, `time` what sending goes by.

    Raises:
        ValueError: the settings hold no bot's token.
    """

    capabilities = Capabilities(
        delivery="push",
        max_text=MAX_TEXT,
        unit="utf16",
        debounce=0.7,
        buttons=True,
    )
    typing_interval = 4.0

    def __init__(
        self,
        context: AdapterContext,
        settings: TelegramSettings,
        pace: Pace = PACE,
        time: Time | None = None,
    ) -> None:
        self._context = context
        self._settings = settings
        self._pace = pace
        self._state = context.state_for(self.name)
        self._health = Health(pace.grace)
        self._webhook = Webhook(settings, self._state, self._health, pace)
        self._sending = Sending(
            self._state,
            context.events,
            previews=settings.previews,
            time=time,
        )

    @property
    def name(self) -> str:
        return f"{PLATFORM}:{self._settings.bot_id}"

    async def run(self, ready: Callable[[], None]) -> None:
        """See `Adapter.run`.

        Raises:
            PlatformRefuses: the token or the webhook's address must be mended.
        """
        async with connected(self._settings) as bot:
            me = await self._introduced(bot)
            async with self._sending.open(bot), alongside() as tasks:
                tasks.start_soon(publish_menus, bot, self._context.wording, self._state)
                await self._receive(bot, me, ready)

    async def _receive(self, bot: Bot, me: User, ready: Callable[[], None]) -> None:
        intake = Intake(self._context, bot, Reader(me), self._sending, self._pace)
        if self._settings.mode == "webhook":
            await self._webhook.run(bot, intake, ready)
        else:
            await self._without_webhook(bot)
            await Polling(self._settings, intake, self._health, self._pace).run(ready)

    async def _introduced(self, bot: Bot) -> User:
        """Who the bot is, as soon as Telegram can be reached."""
        me = await answered(bot.get_me, self._health, self._pace)
        await self._state.put(USERNAME, me.username or "")
        return me

    async def _without_webhook(self, bot: Bot) -> None:
        """Telegram answers no poll while a webhook is set; what waits for it is kept."""
        info = await answered(bot.get_webhook_info, self._health, self._pace)
        if info.url:
            _log.warning("a webhook was set for this bot: it is taken away, to poll")
            await answered(bot.delete_webhook, self._health, self._pace)

    def routes(self) -> Sequence[Route]:
        """See `HasRoutes.routes`."""
        return self._webhook.routes() if self._settings.mode == "webhook" else []

    def health(self) -> str:
        """See `ReportsHealth.health`."""
        return self._health.told()

    # What goes out

    def compose(self, text: str, *, plain: bool = False) -> Sequence[Piece]:
        return COMPOSER.compose(text, self._context.wording, plain=plain)

    async def send(self, chunk: Outbound) -> Sent:
        return await self._sending.send(chunk)

    async def show_typing(self, address: ChatAddress) -> None:
        await self._sending.show_typing(address)

    async def show_preview(self, address: ChatAddress, text: str, *, turn: str) -> None:
        await self._sending.show_preview(address, text, turn=turn)
