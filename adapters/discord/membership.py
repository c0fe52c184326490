"""What happens to the bot's place in servers, and to their channels. Pure."""

from __future__ import annotations

from collections.abc import Iterator

import discord

from adapters.discord.addresses import Addresses
from adapters.events import ChatEvent


def joined(guild: discord.Guild, addresses: Addresses, *, hears_all: bool) -> ChatEvent | None:
    """That it was taken into a server, if that has a channel for such news where it may write."""
    channel = guild.system_channel
    me = guild.get_member(int(addresses.account))
    if channel is None or me is None or not _may_write(channel, me):
        return None
    return ChatEvent(
        f"joined:{guild.id}:{joined_at(guild, addresses)}",
        addresses.of_channel(channel.id),
        "joined",
        language=guild.preferred_locale.value.partition("-")[0],
        hears_all=hears_all,
    )


def joined_at(guild: discord.Guild, addresses: Addresses) -> int:
    """When the bot was taken in, in microseconds UTC; 0 if that isn't known."""
    me = guild.get_member(int(addresses.account))
    if me is None or me.joined_at is None:
        return 0
    return round(me.joined_at.timestamp() * 1_000_000)


def left(guild: discord.Guild, addresses: Addresses) -> Iterator[ChatEvent]:
    """That its channels are out of reach, and its private threads."""
    places = [each.id for each in guild.channels if is_place(each)]
    places += [each.id for each in guild.threads if each.is_private()]
    when = joined_at(guild, addresses)
    for place in places:
        yield ChatEvent(f"left:{place}:{when}", addresses.of_channel(place), "unreachable")


def gone(channel_id: int, addresses: Addresses) -> ChatEvent:
    """That a channel, or a private thread, was deleted."""
    return ChatEvent(f"gone:{channel_id}", addresses.of_channel(channel_id), "unreachable")


def is_place(channel: discord.abc.GuildChannel) -> bool:
    """Whether people write there, or in its threads."""
    return not isinstance(channel, discord.CategoryChannel)


def is_private(thread: discord.RawThreadDeleteEvent) -> bool:
    """Whether the thread was a chat of its own; a public one was a topic of its channel's."""
    return thread.thread_type is discord.ChannelType.private_thread


def _may_write(channel: discord.TextChannel, me: discord.Member) -> bool:
    may = channel.permissions_for(me)
    return may.view_channel and may.send_messages
