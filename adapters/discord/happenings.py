"""What happens to chats, handed on in the order of each: the bot came or went, something was deleted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import discord
from anyio.abc import TaskGroup

from adapters.discord import membership
from adapters.discord.addresses import Addresses
from adapters.discord.intake import Intake
from adapters.discord.order import Order
from adapters.events import ChatEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class Happenings:
    """`HearsOfPlaces`, for as long as receiving runs. `hears_all`: the bot reads what isn't said to it, too."""

    tasks: TaskGroup
    order: Order
    addresses: Addresses
    intake: Intake
    hears_all: bool

    def joined(self, guild: discord.Guild) -> None:
        event = membership.joined(guild, self.addresses, hears_all=self.hears_all)
        if event is not None:
            self.note([event])

    def left(self, guild: discord.Guild) -> None:
        self.note(list(membership.left(guild, self.addresses)))

    def gone(self, channel_id: int) -> None:
        self.note([membership.gone(channel_id, self.addresses)])

    def note(self, events: Sequence[ChatEvent]) -> None:
        """Without waiting."""
        self.tasks.start_soon(self.hand_on, events)

    async def hand_on(self, events: Sequence[ChatEvent]) -> None:
        """One after the other, each in its place."""
        for each in events:
            async with self.order.of(each.address):
                await self.intake.happened(each)
