"""What people choose in the Discord simulator: files, roles and people, and what isn't offered."""

from __future__ import annotations

from typing import Any

import discord
import pytest

from tests.simulators.discord_server.channels import Channel
from tests.simulators.discord_server.client import Listener, call
from tests.simulators.discord_server.people import Attachment, Person
from tests.simulators.discord_server.permissions import Permission
from tests.simulators.discord_server.server import DiscordServer


async def offers(server: DiscordServer, **more: Any) -> None:
    path = f"/applications/{server.bot.id}/commands"
    command = {"name": "keep", "description": "Keeps something"} | more
    assert (await call(server, "PUT", path, [command])).status == 200


async def test_options_take_files_channels_and_roles(
    client: Listener, server: DiscordServer, general: Channel, ada: Person
) -> None:
    kinds = {"file": 11, "where": 7, "who": 8}
    options = [{"name": name, "description": "x", "type": kind} for name, kind in kinds.items()]
    await offers(server, options=options)
    assert general.guild is not None
    crew = general.guild.role("Crew", ada)
    number = ada.uploads(Attachment("plan.txt", b"the plan"), channel=general)
    chosen = {"file": number, "where": general.id, "who": crew.id}
    ada.uses("/keep", options=chosen, channel=general)
    interaction = await client.hears("interaction")
    resolved = interaction.data["resolved"]
    assert resolved["attachments"][str(number)]["filename"] == "plan.txt"
    assert resolved["channels"][str(general.id)]["name"] == "general"
    assert resolved["roles"][str(crew.id)]["name"] == "Crew"


async def test_people_and_roles_are_chosen_from_selects(
    client: Listener, general: Channel, ada: Person, bob: Person
) -> None:
    class Choice(discord.ui.View):
        @discord.ui.select(cls=discord.ui.UserSelect, custom_id="who")
        async def who(
            self, interaction: discord.Interaction[Any], chosen: discord.ui.UserSelect[Any]
        ) -> None:
            await interaction.response.send_message(f"chose {chosen.values[0].name}")

    await client.get_partial_messageable(general.id).send("who?", view=Choice(timeout=None))
    ada.selects(str(bob.id), channel=general)
    await general.sees("chose bob")


async def test_nobody_is_offered_what_is_not_for_them(
    server: DiscordServer, general: Channel, ada: Person, bob: Person
) -> None:
    held = str(int(Permission.MANAGE_GUILD))
    await offers(server, default_member_permissions=held)
    ada.uses("/keep", channel=general)
    with pytest.raises(AssertionError, match="Bob is offered no 'keep'"):
        bob.uses("/keep", channel=general)
    await offers(server, default_member_permissions="0")
    with pytest.raises(AssertionError, match="offered no"):
        bob.uses("/keep", channel=general)
    await offers(server, contexts=[0])
    bob.uses("/keep", channel=general)
    with pytest.raises(AssertionError, match="offered no"):
        bob.uses("/keep")
    await offers(server, options=[{"name": "o", "description": "x", "type": 4, "required": True}])
    for wrong in ({}, {"o": "three"}, {"p": 3}):
        with pytest.raises(AssertionError):
            bob.uses("/keep", options=wrong)


async def test_what_a_changed_client_sends_reaches_the_bot_too(
    client: Listener, ada: Person
) -> None:
    number = ada.writes("hello")
    ada.presses_id("never:offered", ada.dm, number)
    interaction = await client.hears("interaction")
    assert interaction.data["custom_id"] == "never:offered"
    await interaction.response.send_message("this is no longer there", ephemeral=True)
    await ada.sees("no longer there")


async def test_buttons_that_are_off_cannot_be_pressed(client: Listener, ada: Person) -> None:
    view = discord.ui.View(timeout=None)
    view.add_item(discord.ui.Button(label="Undo", custom_id="undo", disabled=True))
    ada.writes("hello")
    await (await client.hears("message")).channel.send("done", view=view)
    view.stop()
    with pytest.raises(AssertionError, match="cannot be pressed"):
        ada.presses("Undo")
