"""What is known of servers: their channels, roles, and who has a say."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

import discord

from adapters.addresses import ChatAddress
from adapters.discord.addresses import Addresses
from adapters.push.latest import Latest

_MOST_LEARNT = 1_000
_SAY = discord.Permissions(manage_guild=True, manage_channels=True, administrator=True)


@dataclass(frozen=True, slots=True)
class Room:
    """A place in a server where people write."""

    address: ChatAddress
    name: str


class Rooms(Protocol):
    """Knows servers."""

    def room(self, channel_id: int) -> Room | None:
        """A channel or thread, if it is known."""
        ...

    def role(self, guild_id: int, role_id: int) -> str | None:
        """The name of a role, if it is known."""
        ...

    def has_say(self, guild_id: int, user_id: int, roles: Iterable[int]) -> bool:
        """Whether somebody with these roles may change the server or its channels, as far as is
        known.
        """
        ...


class KnownRooms:
    """`Rooms` as the newest session of the gateway tells of them."""

    def __init__(self, addresses: Addresses) -> None:
        self._addresses = addresses
        self._client: discord.Client | None = None
        self._learnt: Latest[int, Room] = Latest(_MOST_LEARNT)

    def told_by(self, client: discord.Client) -> None:
        """Believe this client from now on."""
        self._client = client

    def are_told_by(self, client: discord.Client) -> bool:
        return self._client is client

    def learn(self, channel_id: int, room: Room) -> None:
        """Of a channel that no session told of."""
        self._learnt[channel_id] = room

    def room(self, channel_id: int) -> Room | None:
        channel = None if self._client is None else self._client.get_channel(channel_id)
        return (
            self._learnt.get(channel_id) if channel is None else room_of(channel, self._addresses)
        )

    def role(self, guild_id: int, role_id: int) -> str | None:
        guild = self._guild(guild_id)
        role = None if guild is None else guild.get_role(role_id)
        return None if role is None else role.name

    def has_say(self, guild_id: int, user_id: int, roles: Iterable[int]) -> bool:
        guild = self._guild(guild_id)
        if guild is None:
            return False
        if guild.owner_id == user_id:
            return True
        held = [guild.get_role(each) for each in (guild.id, *roles)]
        return any(each.permissions.value & _SAY.value for each in held if each is not None)

    def _guild(self, guild_id: int) -> discord.Guild | None:
        return None if self._client is None else self._client.get_guild(guild_id)


def room_of(channel: object, addresses: Addresses) -> Room | None:
    """A public thread is a topic of its channel; a private one is a chat of its own. None for what
    is no place in a server.
    """
    match channel:
        case discord.Thread() if channel.is_private():
            return Room(addresses.of_channel(channel.id), channel.name)
        case discord.Thread():
            return Room(addresses.of_channel(channel.parent_id, channel.id), channel.name)
        case discord.abc.GuildChannel():
            return Room(addresses.of_channel(channel.id), channel.name)
        case _:
            return None
