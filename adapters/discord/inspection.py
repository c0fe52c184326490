"""A look at a bot without becoming it: who it is, where it is, and what Discord will let it do."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

import aiohttp
import anyio
import discord
from discord.abc import GuildChannel

from adapters.base import NotReached
from adapters.discord.connection import login, pointed_at, quiet, rest_client, taken_leave_of
from adapters.discord.permissions import NEEDED, missing
from adapters.discord.settings import DiscordSettings
from adapters.discord.wire import Wire

PATIENCE = 20.0
"""Seconds that Discord has for all answers together."""
MOST_GUILDS = 10
"""Servers that are looked into; each takes three calls."""
AUTHORIZE = "https://discord.com/oauth2/authorize"


@dataclass(frozen=True, slots=True)
class GuildReport:
    """A server, by its text channels: in how many the bot may do all that it needs, how many it
    doesn't see, and what it may not do in which others, by the names that Discord's pages show.
    Names of servers and channels are somebody's words, on one line.
    """

    name: str
    well: int
    unseen: int
    missing: Sequence[tuple[str, Sequence[str]]]


@dataclass(frozen=True, slots=True)
class BotReport:
    """What Discord knows of a bot. `reads_all`: it may ask for the contents of messages.
    `endpoint`: the host that presses and commands go to instead of to us, empty for none.
    `public`: everybody may add it; `code_grant`: nobody can, without a web page that we haven't.
    `for_people`: a person may add it for themselves. `guilds` are the first of `guild_count`.
    `starts_left` of `starts` may still be made, anew in `starts_anew` seconds; `shards` is how
    many connections Discord would have.
    """

    id: int
    name: str
    reads_all: bool
    endpoint: str
    public: bool
    code_grant: bool
    for_people: bool
    guilds: Sequence[GuildReport]
    guild_count: int
    starts: int
    starts_left: int
    starts_anew: float
    shards: int

    @property
    def invitation(self) -> str:
        """Where somebody adds it to a server of theirs, with the least that it needs."""
        return invitation(self.id)

    @property
    def own_invitation(self) -> str:
        """Where a person adds it for themselves alone."""
        asked = {"client_id": self.id, "integration_type": 1, "scope": "applications.commands"}
        return f"{AUTHORIZE}?{urlencode(asked)}"


def invitation(application_id: int) -> str:
    """Where somebody adds an application's bot to a server, with the least that it needs."""
    asked = {
        "client_id": application_id,
        "permissions": NEEDED.value,
        "scope": "bot applications.commands",
    }
    return f"{AUTHORIZE}?{urlencode(asked)}"


async def inspected(settings: DiscordSettings) -> BotReport:
    """Ask Discord, once. Changes nothing.

    Raises:
        PlatformRefuses: the token is no good.
        NotReached: try again later.
    """
    place = urlsplit(settings.api_base_url or "").hostname or "discord.com"
    try:
        with anyio.fail_after(PATIENCE):
            async with _logged_in(settings) as client:
                return await _report(client)
    except discord.HTTPException as error:
        raise NotReached(f"{place} answers {error.status} where it shouldn't") from error
    except (discord.DiscordException, aiohttp.ClientError, OSError, TimeoutError) as error:
        raise NotReached(f"{place} can't be reached: {type(error).__name__}") from error
    except (KeyError, TypeError, ValueError) as error:  # what the library makes of another's page
        raise NotReached(f"{place} doesn't answer as Discord does") from error


@asynccontextmanager
async def _logged_in(settings: DiscordSettings) -> AsyncIterator[discord.Client]:
    """A client that makes calls and hears nothing."""
    with pointed_at(settings), quiet():
        client = rest_client(Wire())
        try:
            await login(client, settings)
            yield client
        finally:
            await taken_leave_of(client)


async def _report(client: discord.Client) -> BotReport:
    about = client.application or await client.application_info()
    shards, _, limit = await client.http.get_bot_gateway()
    guilds = [each async for each in client.fetch_guilds(limit=MOST_GUILDS, with_counts=False)]
    looked = [await _looked_into(client, each.id) for each in guilds]
    flags = about.flags
    return BotReport(
        id=about.id,
        name=client.user.name if client.user else about.name,
        reads_all=flags.gateway_message_content or flags.gateway_message_content_limited,
        endpoint=urlsplit(about.interactions_endpoint_url or "").hostname or "",
        public=about.bot_public,
        code_grant=about.bot_require_code_grant,
        for_people=about.user_integration_config is not None,
        guilds=looked,
        guild_count=max(about.approximate_guild_count, len(guilds)),
        starts=limit["total"],
        starts_left=limit["remaining"],
        starts_anew=limit["reset_after"] / 1000,
        shards=shards,
    )


async def _looked_into(client: discord.Client, guild_id: int) -> GuildReport:
    guild = await client.fetch_guild(guild_id, with_counts=False)
    me = await guild.fetch_member(client.user.id if client.user else 0)
    rooms = [each for each in await guild.fetch_channels() if _is_for_talk(each)]
    lacks = {each: missing(each.permissions_for(me)) for each in rooms}
    seen = {each: lack for each, lack in lacks.items() if each.permissions_for(me).view_channel}
    return GuildReport(
        name=_printable(guild.name),
        well=sum(not lack for lack in seen.values()),
        unseen=len(rooms) - len(seen),
        missing=[(_printable(each.name), lack) for each, lack in seen.items() if lack],
    )


def _printable(name: str) -> str:
    return "".join(each if each.isprintable() else " " for each in name)


def _is_for_talk(channel: GuildChannel) -> bool:
    return isinstance(channel, discord.TextChannel | discord.ForumChannel)
