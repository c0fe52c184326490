"""Receiving from Discord, between fakes of the service and a strict stand-in for Discord."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

import discord

from adapters.addresses import ChatAddress
from adapters.base import AdapterState, Inbound
from adapters.conformance import running
from adapters.discord.addresses import Addresses
from adapters.discord.connection import connected
from adapters.discord.order import Order
from adapters.discord.pace import Pace
from adapters.discord.receiving import WATERMARK, Neighbours, Receiving
from adapters.discord.settings import DiscordSettings
from adapters.push.health import Health
from adapters.testing import FakeEvents, FakeService, MemoryState, fake_context
from adapters.testing.signals import Changes
from tests.adapters.discord.pace import QUICK
from tests.adapters.push.leaving import until_noticed
from tests.simulators.discord_server.calls import Call
from tests.simulators.discord_server.channels import Channel
from tests.simulators.discord_server.people import Person
from tests.simulators.discord_server.server import DiscordServer

HISTORY = "GET /channels/{}/messages"


class ToldState:
    """An adapter's state whose changes are told."""

    def __init__(self, state: AdapterState, changes: Changes) -> None:
        self._state = state
        self._changes = changes
        self.watermark = 0

    async def get(self, key: str) -> str | None:
        return await self._state.get(key)

    async def put(self, key: str, value: str) -> None:
        await self._state.put(key, value)
        self.watermark = int(value) if key == WATERMARK else self.watermark
        self._changes.tell()

    async def chats(self) -> Sequence[tuple[ChatAddress, str]]:
        return await self._state.chats()

    async def put_chat(self, address: ChatAddress, value: str) -> None:
        await self._state.put_chat(address, value)
        self._changes.tell()


@dataclass
class BotAtWork:
    """`running` is receiving as a fresh process does it: the same Discord, service and state.
    `interactions` are those that came, `heard` and `met` are the messages and private channels that sending would be told of.
    """

    server: DiscordServer
    pace: Pace = QUICK
    message_content: bool = False
    sharded: bool = False
    service: FakeService = field(default_factory=FakeService)
    order: Order = field(default_factory=Order)
    interactions: list[discord.Interaction] = field(default_factory=list)
    heard: list[str] = field(default_factory=list)
    met: dict[int, int] = field(default_factory=dict)
    health: Health = field(default_factory=lambda: Health(0.0))

    def __post_init__(self) -> None:
        self.events = FakeEvents(self.service.changes)
        self.state = ToldState(MemoryState(), self.service.changes)
        self._client: discord.Client

    @property
    def settings(self) -> DiscordSettings:
        return DiscordSettings(
            self.server.token,
            self.server.api_url,
            self.server.gateway_url,
            message_content=self.message_content,
            sharded=self.sharded,
        )

    @property
    def addresses(self) -> Addresses:
        return Addresses(str(self.server.bot.id))

    def address(self, channel_id: int, topic: int | None = None) -> ChatAddress:
        return self.addresses.of_channel(channel_id, topic)

    async def run(self, ready: Callable[[], None]) -> None:
        """Until cancelled, and until the stand-in has noticed that it has ended."""
        await until_noticed(self._receive(ready), self.server)

    async def _receive(self, ready: Callable[[], None]) -> None:
        context = fake_context(self.service, events=self.events)
        context = replace(context, state_for=lambda _: self.state)
        neighbours = Neighbours(self.order, self._interact, self._heard, self.met.__setitem__)
        receiving = Receiving(context, self.settings, self.health, neighbours, self.pace)
        async with connected(self.settings, self.health, self.pace) as client:
            self._client = client
            await receiving.run(client, ready)

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None, None]:
        async with running(self):
            yield

    async def has_listened_to(self, person: Person) -> None:
        """Once before, until it ended."""
        async with self.running():
            person.writes("one")
            await self.received(1)

    def texts(self, person: Person) -> list[str]:
        """What was accepted of what somebody wrote in private."""
        return self.service.texts(self.addresses.of_person(person.id))

    async def says(self, channel: Channel, text: str) -> int:
        """The bot writes, as sending would let it; the message's id."""
        return (await self._client.get_partial_messageable(channel.id).send(text)).id

    async def received(self, count: int) -> list[Inbound]:
        """What was accepted, once it is so much; all of it in order of its coming."""
        await self.service.until(lambda: len(self.service.accepted) >= count)
        assert len(self.service.accepted) == count
        return list(self.service.accepted)

    async def noted(self, count: int = 1) -> None:
        await self.service.until(lambda: len(self.events.noted) >= count)

    async def _interact(self, interaction: discord.Interaction) -> None:
        self.interactions.append(interaction)
        self.service.changes.tell()

    def _heard(self, address: ChatAddress, message_id: str) -> None:
        self.heard.append(message_id)


def asked_of(server: DiscordServer, channel: Channel) -> list[Call]:
    """The calls for what was said in a channel."""
    return [each for each in server.called(HISTORY) if int(each.ids[0]) == channel.id]
