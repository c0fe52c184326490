"""Where an interaction took place, and by whom: whose chat it is, and who may see an answer. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace

import discord

from adapters.addresses import ChatAddress
from adapters.base import Sender
from adapters.discord.addresses import PLATFORM, Addresses, person_of
from adapters.discord.rooms import room_of
from adapters.wording import Audience


@dataclass(frozen=True, slots=True)
class Occasion:
    """`secret`: the bot isn't there itself, so answers are for the sender's eyes."""

    address: ChatAddress
    audience: Audience
    sender: Sender
    secret: bool

    @property
    def own(self) -> Occasion:
        """The same, as something between the sender and the bot."""
        address = replace(self.address, chat=f"@{self.sender.external_id}", topic=None)
        return replace(
            self, address=address, audience="private", sender=replace(self.sender, admin=False)
        )

    def about(self, chat: str) -> Occasion:
        """What was done to a message that belongs to this chat, wherever it was shown. A private
        chat of somebody else is none of theirs.
        """
        if chat == self.address.chat:
            return self
        if chat == self.own.address.chat:
            return self.own
        address = ChatAddress(PLATFORM, self.address.account, chat)
        if person_of(address) is not None:
            return self
        sender = replace(self.sender, admin=False)  # they may have a say here alone
        return replace(self, address=address, audience="chat", sender=sender)


def occasion_of(interaction: discord.Interaction, addresses: Addresses) -> Occasion:
    """A channel is a chat where the bot is a member of the server; everything else is between the
    person and the bot.
    """
    user = interaction.user
    sender = Sender(str(user.id), user.display_name, language_of(interaction))
    home = _home(interaction, addresses)
    if home is None:
        with_the_bot = interaction.context.dm_channel
        return Occasion(addresses.of_person(user.id), "private", sender, secret=not with_the_bot)
    held = interaction.permissions
    admin = held.administrator or held.manage_guild or held.manage_channels
    return Occasion(home, "chat", replace(sender, admin=admin), secret=False)


def language_of(interaction: discord.Interaction) -> str:
    """What the person's Discord speaks, without the country."""
    return str(interaction.locale.value).partition("-")[0]


def _home(interaction: discord.Interaction, addresses: Addresses) -> ChatAddress | None:
    guild_id = interaction.guild_id
    if guild_id is None or interaction.client.get_guild(guild_id) is None:
        return None
    room = room_of(interaction.channel, addresses)
    return None if room is None else room.address
