"""Receiving, put together, and what of it lasts: up to where everything was taken in."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import anyio
import discord
import structlog
from anyio.abc import TaskGroup

from adapters.addresses import ChatAddress
from adapters.base import AdapterContext, AdapterState
from adapters.discord.acquaintances import Acquaintances
from adapters.discord.addresses import PLATFORM, Addresses
from adapters.discord.answers import answered_by
from adapters.discord.catching_up import History, Rounds
from adapters.discord.gateway import Gateway, Hears
from adapters.discord.happenings import Happenings
from adapters.discord.intake import Intake
from adapters.discord.listening import Listening
from adapters.discord.messages import Reader
from adapters.discord.order import Order
from adapters.discord.pace import PACE, Pace
from adapters.discord.rooms import KnownRooms
from adapters.discord.sessions import Sessions
from adapters.discord.settings import DiscordSettings
from adapters.discord.visits import Visits
from adapters.discord.watermark import Watermark
from adapters.discord.whereabouts import Whereabouts
from adapters.discord.wire import Wire
from adapters.push.alongside import alongside
from adapters.push.health import Health

WATERMARK = "watermark"
"""Where it is kept up to where everything was taken in."""
_LAST_WORDS = 5.0
"""Seconds that the last write may take."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Neighbours:
    """What receiving shares with the rest: `order`, in which a chat's things are handed over.
    `take_interaction` is called for each at once, in a task of its own; `heard` for each new
    message, before it is handed on; `met` with a person and the channel of their private chat.
    Over `wire` goes all that is asked of Discord.
    """

    order: Order
    take_interaction: Callable[[discord.Interaction], Awaitable[None]]
    heard: Callable[[ChatAddress, str], None]
    met: Callable[[int, int], None] = lambda _person, _channel: None
    wire: Wire = field(default_factory=Wire)


class Receiving:
    """What one bot hears, handed to the service."""

    def __init__(
        self,
        context: AdapterContext,
        settings: DiscordSettings,
        health: Health,
        neighbours: Neighbours,
        pace: Pace = PACE,
    ) -> None:
        self._context = context
        self._settings = settings
        self._health = health
        self._neighbours = neighbours
        self._pace = pace
        self._addresses = Addresses(settings.bot_id)
        self._state = context.state_for(f"{PLATFORM}:{settings.bot_id}")

    async def run(self, client: discord.Client, ready: Callable[[], None]) -> None:
        """Until cancelled. `client` is logged in; it is asked for histories and files.

        Raises:
            PlatformRefuses: what the operator has to mend.
        """
        memory = _Memory(self._state, self._addresses, self._neighbours.met)
        await memory.load()
        try:
            async with alongside() as tasks:
                tasks.start_soon(memory.keep_up, self._pace.keep)
                hears = self._hears(client, tasks, memory)
                wire = self._neighbours.wire
                await Gateway(self._settings, self._health, hears, self._pace, wire).run(ready)
        finally:
            with anyio.move_on_after(_LAST_WORDS, shield=True):
                await memory.keep()

    def _hears(self, client: discord.Client, tasks: TaskGroup, memory: _Memory) -> Hears:
        addresses, order = self._addresses, self._neighbours.order
        rooms = KnownRooms(addresses)
        reader = Reader(addresses, rooms)
        hears_all = self._settings.message_content
        intake = Intake(
            self._context, client, memory.acquaintances, self._neighbours.heard, self._pace
        )
        history = History(client, reader, intake, self._pace, hears_all=hears_all)
        happenings = Happenings(
            tasks=tasks, order=order, addresses=addresses, intake=intake, hears_all=hears_all
        )
        sessions = self._sessions(tasks, memory, rooms, history, happenings)
        listening = Listening(
            tasks=tasks,
            order=order,
            addresses=addresses,
            rooms=rooms,
            reader=reader,
            intake=intake,
            acquaintances=memory.acquaintances,
            whereabouts=Whereabouts(client, addresses, self._pace),
            watermark=memory.watermark,
            sessions=sessions,
            happenings=happenings,
            take_interaction=self._answering(client),
        )
        return Hears(sessions, happenings, listening)

    def _sessions(
        self,
        tasks: TaskGroup,
        memory: _Memory,
        rooms: KnownRooms,
        history: History,
        happenings: Happenings,
    ) -> Sessions:
        order, watermark = self._neighbours.order, memory.watermark
        return Sessions(
            tasks=tasks,
            addresses=self._addresses,
            rooms=rooms,
            happenings=happenings,
            rounds=Rounds(tasks, order, history, watermark, self._pace),
            visits=Visits(
                tasks=tasks,
                order=order,
                history=history,
                watermark=watermark,
                acquaintances=memory.acquaintances,
                addresses=self._addresses,
                pace=self._pace,
            ),
            watermark=watermark,
            keep=memory.keep,
            pace=self._pace,
        )

    def _answering(
        self, client: discord.Client
    ) -> Callable[[discord.Interaction], Awaitable[None]]:
        async def take_interaction(interaction: discord.Interaction) -> None:
            answered_by(client, interaction)
            await self._neighbours.take_interaction(interaction)

        return take_interaction


class _Memory:
    """What a later run has to know."""

    def __init__(
        self, state: AdapterState, addresses: Addresses, met: Callable[[int, int], None]
    ) -> None:
        self.watermark = Watermark(None)
        self.acquaintances = Acquaintances(state, addresses, met)
        self._state = state
        self._kept: int | None = None
        self._writing = anyio.Lock()

    async def load(self) -> None:
        kept = await self._state.get(WATERMARK)
        self._kept = None if kept is None else int(kept)
        self.watermark = Watermark(self._kept)
        await self.acquaintances.load()

    async def keep_up(self, every: float) -> None:
        while True:
            await anyio.sleep(every)
            await self.keep()

    async def keep(self) -> None:
        """Write what has changed."""
        try:
            async with self._writing:
                value = self.watermark.value
                if value is not None and value != self._kept:
                    await self._state.put(WATERMARK, str(value))
                    self._kept = value
        except Exception as error:  # noqa: BLE001 - a busy database; it is tried again
            _log.warning("the watermark wasn't kept", error=type(error).__name__)
