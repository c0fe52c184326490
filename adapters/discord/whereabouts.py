"""Places that no session has told of: Discord is asked for them, one by one."""

from __future__ import annotations

import aiohttp
import discord
import structlog
from pydantic import ValidationError

from adapters.addresses import ChatAddress
from adapters.discord.addresses import Addresses
from adapters.discord.pace import Pace
from adapters.discord.payloads import DirectChannel
from adapters.discord.rooms import Room, room_of
from adapters.push.backoff import Backoff

_TRIES = 4
_UNREACHED = (discord.HTTPException, discord.RateLimited, aiohttp.ClientError, OSError)

_log = structlog.get_logger(__name__)


class Whereabouts:
    """Asks over REST."""

    def __init__(self, client: discord.Client, addresses: Addresses, pace: Pace) -> None:
        self._client = client
        self._addresses = addresses
        self._pace = pace

    async def room(self, channel_id: int) -> Room:
        """A server's channel; if Discord doesn't say, it counts as one by itself."""
        backoff = Backoff(self._pace.first_pause, self._pace.longest_pause)
        for _ in range(_TRIES):
            try:
                found = room_of(await self._client.fetch_channel(channel_id), self._addresses)
            except (discord.NotFound, discord.Forbidden, discord.InvalidData):
                break
            except _UNREACHED as error:
                _log.info("a channel isn't known", channel=channel_id, error=type(error).__name__)
                await backoff.wait()
            else:
                if found is not None:
                    return found
                break
        return Room(self._addresses.of_channel(channel_id), "")

    async def private(self, channel_id: int) -> ChatAddress | None:
        """Whose private channel it is; None if Discord doesn't say."""
        backoff = Backoff(self._pace.first_pause, self._pace.longest_pause)
        for _ in range(_TRIES):
            try:
                raw = await self._client.http.get_channel(channel_id)
                channel = DirectChannel.model_validate(raw)
            except (discord.NotFound, discord.Forbidden, ValidationError):
                return None
            except _UNREACHED as error:
                _log.info("a channel isn't known", channel=channel_id, error=type(error).__name__)
                await backoff.wait()
            else:
                people = [each.id for each in channel.recipients]
                return self._addresses.of_person(people[0]) if len(people) == 1 else None
        return None
