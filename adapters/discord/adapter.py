"""The adapter: what starts with what, while it runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from adapters.addresses import ChatAddress
from adapters.base import AdapterContext, Capabilities
from adapters.delivery import Outbound, Piece, Sent
from adapters.discord.addresses import PLATFORM, Addresses
from adapters.discord.connection import connected
from adapters.discord.interactions import Interactions
from adapters.discord.menus import publish_menus
from adapters.discord.order import Order
from adapters.discord.pace import PACE, Pace
from adapters.discord.pieces import COMPOSER, MAX_TEXT
from adapters.discord.receiving import Neighbours, Receiving
from adapters.discord.sending import Sending
from adapters.discord.settings import DiscordSettings
from adapters.push.alongside import alongside
from adapters.push.health import Health
from adapters.push.timing import Time


class DiscordAdapter:
    """`Adapter` for one bot. `pace` is that of receiving, `time` what sending goes by."""

    capabilities = Capabilities(
        delivery="push",
        max_text=MAX_TEXT,
        unit="utf16",
        debounce=0.7,
        buttons=True,
        forms=True,
        drops_repeats=True,
    )
    typing_interval = 8.0

    def __init__(
        self,
        context: AdapterContext,
        settings: DiscordSettings,
        pace: Pace = PACE,
        time: Time | None = None,
    ) -> None:
        self._context = context
        self._settings = settings
        self._pace = pace
        self._state = context.state_for(self.name)
        self._health = Health(pace.grace)
        addresses = Addresses(settings.bot_id)
        self._sending = Sending(addresses, self._state, previews=settings.previews, time=time)
        order = Order()
        interactions = Interactions(context, addresses, order)
        sending = self._sending
        neighbours = Neighbours(order, interactions.take, sending.heard, sending.met, sending.wire)
        self._receiving = Receiving(context, settings, self._health, neighbours, pace)

    @property
    def name(self) -> str:
        return f"{PLATFORM}:{self._settings.bot_id}"

    async def run(self, ready: Callable[[], None]) -> None:
        """See `Adapter.run`.

        Raises:
            PlatformRefuses: the token, or what the bot may hear, must be mended.
        """
        async with (
            connected(self._settings, self._health, self._pace, self._sending.wire) as client,
            self._sending.open(client),
            alongside() as tasks,
        ):
            tasks.start_soon(publish_menus, client, self._context.wording, self._state)
            await self._receiving.run(client, ready)

    def health(self) -> str:
        """See `ReportsHealth.health`."""
        return self._sending.trouble or self._health.told()

    # What goes out

    def compose(self, text: str, *, plain: bool = False) -> Sequence[Piece]:
        return COMPOSER.compose(text, self._context.wording, plain=plain)

    async def send(self, chunk: Outbound) -> Sent:
        return await self._sending.send(chunk)

    async def show_typing(self, address: ChatAddress) -> None:
        await self._sending.show_typing(address)

    async def show_preview(self, address: ChatAddress, text: str, *, turn: str) -> None:
        await self._sending.show_preview(address, text, turn=turn)
