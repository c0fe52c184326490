"""What takes interactions in, between fakes of the service and a strict stand-in for Discord."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Literal

import discord
from discord.http import Route

from adapters.base import Inbound, Receipt
from adapters.delivery import Form
from adapters.discord.addresses import Addresses
from adapters.discord.custom_ids import custom_id
from adapters.discord.handles import Handle
from adapters.discord.interactions import Interactions, Patience
from adapters.discord.menus import publish_menus
from adapters.discord.order import Order
from adapters.testing import FakeForms, FakeService, FakeWording, MemoryState, fake_context
from adapters.wording import Audience, MenuArgument, MenuEntry
from tests.simulators.discord_server.channels import Channel
from tests.simulators.discord_server.client import Listener, connected
from tests.simulators.discord_server.server import DiscordServer

CALLBACK = "POST /interactions/{}/{}/callback"
FORM = Form("Change a line", "Line 3", "likes tea", limit=200)
QUICK = Patience(form=0.2, handing=5.0, first_pause=0.01, longest_pause=0.02)
REMEMBER = "discord.remember [en]"


class Menus(FakeWording):
    """`/usage` is for the eyes of whoever asks, as in private; `/delete` is given there alone."""

    def menu(self, audience: Audience, language: str | None) -> Sequence[MenuEntry]:
        shared = [
            MenuEntry("memory", "what is kept", MenuArgument("line", "which")),
            MenuEntry("usage", "what was used", confidential=audience == "private"),
        ]
        return [*shared, *([MenuEntry("delete", "all of it")] if audience == "private" else [])]


class Desk(FakeService):
    """Takes presses in as the service does. `receipt`: what becomes of everything."""

    receipt: Receipt | None = None

    async def accept(self, inbound: Inbound) -> Receipt:
        receipt = await super().accept(inbound)
        if self.receipt is not None:
            return self.receipt
        return receipt if inbound.pressed is None else Receipt("accepted")


@dataclass
class Bot:
    """`running()` is the bot as a fresh process makes it."""

    server: DiscordServer
    service: Desk = field(default_factory=Desk)
    forms: FakeForms = field(default_factory=FakeForms)
    patience: Patience = QUICK
    state: MemoryState = field(default_factory=MemoryState)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def addresses(self) -> Addresses:
        return Addresses(str(self.server.bot.id))

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[Listener, None]:
        context = replace(fake_context(self.service, forms=self.forms), wording=Menus())
        interactions = Interactions(context, self.addresses, Order(), self.patience)

        async def on_interaction(interaction: discord.Interaction) -> None:
            task = asyncio.current_task()
            assert task is not None
            self._tasks.add(task)
            await interactions.take(interaction)

        intents = discord.Intents(guilds=True, guild_messages=True, dm_messages=True)
        async with connected(self.server, intents=intents) as client:
            client.event(on_interaction)
            await publish_menus(client, Menus(), self.state)
            yield client

    def stop(self) -> None:
        """All that is taken in at the moment is called off."""
        for each in self._tasks:
            each.cancel()

    async def taken(self, count: int = 1) -> Inbound:
        """What was handed over, the so-manyth."""
        await self.service.until(lambda: len(self.service.attempts) >= count)
        return self.service.attempts[count - 1]


def handle_of(inbound: Inbound) -> Handle:
    assert inbound.answer_via is not None
    return Handle.parse(inbound.answer_via)


async def answered(
    client: discord.Client, inbound: Inbound, text: str, buttons: discord.ui.View | None = None
) -> None:
    """Send what the service says to it, as the outbox would."""
    handle = handle_of(inbound)
    route = Route(
        "POST",
        "/webhooks/{webhook_id}/{webhook_token}",
        webhook_id=client.application_id or 0,
        webhook_token=handle.token,
    )
    flags = discord.MessageFlags(ephemeral=handle.ephemeral)
    parts = [] if buttons is None else buttons.to_components()
    said = {"content": text, "flags": flags.value, "components": parts}
    await client.http.request(route, json=said)


async def shown_to(
    client: discord.Client, channel: Channel, text: str, buttons: discord.ui.View | None
) -> int:
    """Send a message with buttons; its id."""
    there = client.get_partial_messageable(channel.id)
    sent = await (there.send(text) if buttons is None else there.send(text, view=buttons))
    return sent.id


Part = tuple[Literal["action", "form", "option", "form option"], str, str]
"""A button by kind, label and token."""


def view(chat: str, *parts: Part) -> discord.ui.View:
    """Buttons as a message of that chat has them; those of a list make up one."""
    shown = discord.ui.View(timeout=None)
    options = []
    for kind, label, token in parts:
        told = custom_id("form" if kind.startswith("form") else "action", token, chat)
        if kind.endswith("option"):
            options.append(discord.SelectOption(label=label, value=told))
        else:
            shown.add_item(discord.ui.Button(label=label, custom_id=told))
    if options:
        listed = custom_id("select", "list", chat)
        choice: discord.ui.Select[discord.ui.View] = discord.ui.Select(
            custom_id=listed, options=options
        )
        shown.add_item(choice)
    shown.stop()
    return shown
