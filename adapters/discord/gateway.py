"""The connection over which Discord tells what happens, kept up whatever ends it.

The library's client ends on a payload that it can't parse, and on closings that it takes for
final. Here that ends a client, and a new one begins after a pause; only what the operator has to
mend goes further. Nothing is done when the client says it is ready, but to tell of it: it says so
many times.

Messages are handed on as they came, unparsed, and in the order in which they came.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

import anyio
import discord
import structlog

from adapters.base import PlatformRefuses
from adapters.discord.connection import login, taken_leave_of, token_refused, with_care
from adapters.discord.membership import is_place, is_private
from adapters.discord.pace import Pace
from adapters.discord.settings import DiscordSettings
from adapters.discord.wire import Wire
from adapters.push.backoff import Backoff
from adapters.push.health import Health

Raw = Mapping[str, Any]

_NO_SHARD = -1
_BAD_TOKEN = 4004

_REFUSALS: Mapping[int, str] = {
    4010: "Discord refuses how the bot's connections are numbered: set DISCORD_SHARDED",
    4011: "The bot is in so many servers that Discord wants several connections: set "
    "DISCORD_SHARDED to true",
    4012: "Discord no longer speaks to this version of Familiar: update it",
    4013: "Discord doesn't know what this version of Familiar asks to hear: update it",
    4014: "The bot may not read what isn't said to it: switch on Message Content Intent on the "
    "page Bot of the developer portal, or unset DISCORD_MESSAGE_CONTENT",
}
"""The closings that waiting doesn't mend, but for a bad token."""

_log = structlog.get_logger(__name__)


class HearsSessions(Protocol):
    """A session of the shard begins with `began`; what was missed before isn't told. `guild_back`: a
    server is known from now on, and its channels are; `back`: all of the shard's, but for those
    that are down. `guild_away`: one is down from now on.
    """

    def began(self, client: discord.Client, shard: int) -> None: ...
    def back(self, client: discord.Client, shard: int) -> None: ...
    def guild_back(self, guild: discord.Guild) -> None: ...
    def guild_away(self, guild: discord.Guild) -> None: ...


class HearsOfPlaces(Protocol):
    """`joined` and `left`: the bot, a server. `gone`: a channel, or a private thread."""

    def joined(self, guild: discord.Guild) -> None: ...
    def left(self, guild: discord.Guild) -> None: ...
    def gone(self, channel_id: int) -> None: ...


class HearsPeople(Protocol):
    """What people say, take back and press."""

    def said(self, raw: Raw) -> None: ...
    def edited(self, raw: Raw) -> None: ...
    def deleted(self, raw: Raw) -> None: ...
    def interaction(self, interaction: discord.Interaction) -> None: ...


@dataclass(frozen=True, slots=True)
class Hears:
    """Whom is told what comes over the gateway. Nobody may wait, or raise."""

    sessions: HearsSessions
    places: HearsOfPlaces
    people: HearsPeople


class Lost(Exception):
    """A connection that was away for too long."""


class Gateway:
    """Holds the bot's connection, and tells `hears` what comes."""

    def __init__(
        self,
        settings: DiscordSettings,
        health: Health,
        hears: Hears,
        pace: Pace,
        wire: Wire,
    ) -> None:
        self._settings = settings
        self._health = health
        self._hears = hears
        self._pace = pace
        self._wire = wire
        self._presence = Presence(health)
        self._next_session = 0.0

    async def run(self, ready: Callable[[], None]) -> None:
        """Until cancelled. Within `connection.connected`, which says where Discord is. Calls
        `ready` once, when a session has begun.

        Raises:
            PlatformRefuses: what the operator has to mend.
        """
        self._presence.at_first = ready
        backoff = Backoff(self._pace.first_pause, self._pace.longest_pause)
        while True:
            began_at = anyio.current_time()
            error = await self._until_it_ends()
            if (refusal := _refusal(error)) is not None:
                raise refusal from error
            self._presence.went()
            _log.warning(
                "discord's gateway is to be connected anew",
                error=type(error).__name__,
                code=getattr(error, "code", None),
            )
            if anyio.current_time() - began_at >= self._pace.stable:
                backoff.succeeded()
            await anyio.sleep(error.retry_after if isinstance(error, discord.RateLimited) else 0)
            await backoff.wait()

    async def _until_it_ends(self) -> Exception:
        """One client, from its login on; why it ended."""
        client = _client(self._settings, self._pace, self._wire, self)
        try:
            await login(client, self._settings)
            return await self._connected(client)
        except PlatformRefuses:
            raise
        except Exception as error:  # noqa: BLE001 - foreign data through foreign code
            return error
        finally:
            client.deaf = True
            await taken_leave_of(client)

    async def _connected(self, client: discord.Client) -> Exception:
        reason: Exception = Lost()
        self._presence.begins()
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._give_up, client, tasks.cancel_scope)
            try:
                await client.connect()
            except Exception as error:  # noqa: BLE001 - foreign data through foreign code
                reason = error
            tasks.cancel_scope.cancel()
        return reason

    async def _give_up(self, client: discord.Client, scope: anyio.CancelScope) -> None:
        """Once it has been away for too long: the library's pauses grow to a quarter of an hour.
        Where there are several connections, one that is away is no reason to give up the others.
        """
        while True:
            most = self._pace.away * (client.shard_count or 1)
            left = most - self._presence.away_for()
            if left <= 0:
                break
            await anyio.sleep(left)
        scope.cancel()

    async def may_identify(self) -> None:
        """Wait until Discord lets another session begin."""
        now = anyio.current_time()
        at = max(now, self._next_session)
        self._next_session = at + self._pace.between_sessions
        await anyio.sleep(at - now)

    def heard(self, client: _Ears, event: str, arguments: Sequence[Any]) -> None:
        """An event, as the library tells of it."""
        match event, *arguments:
            case "socket_event_type", name:
                self._message(str(name), client.received)
            case "interaction", interaction:
                self._hears.people.interaction(interaction)
            case "guild_available", guild:
                self._hears.sessions.guild_back(guild)
            case "guild_unavailable", guild:
                self._hears.sessions.guild_away(guild)
            case "guild_join", guild:
                self._hears.places.joined(guild)
            case "guild_remove", guild:
                self._hears.places.left(guild)
            case "guild_channel_delete", channel if is_place(channel):
                self._hears.places.gone(channel.id)
            case "raw_thread_delete", thread if is_private(thread):
                self._hears.places.gone(thread.thread_id)
            case _ if event.startswith("shard_") == self._settings.sharded:
                shard = arguments[0] if arguments else 0
                self._turned(client, event.removeprefix("shard_"), shard)

    def _message(self, name: str, text: str) -> None:
        match name:
            case "MESSAGE_CREATE":
                self._hears.people.said(json.loads(text)["d"])
            case "MESSAGE_UPDATE":
                self._hears.people.edited(json.loads(text)["d"])
            case "MESSAGE_DELETE" | "MESSAGE_DELETE_BULK":
                self._hears.people.deleted(json.loads(text)["d"])
            case _:
                pass

    def _turned(self, client: discord.Client, event: str, shard: int) -> None:
        match event:
            case "connect":
                self._presence.came(shard)
                self._hears.sessions.began(client, shard)
            case "resumed":
                self._presence.came(shard)
            case "ready":
                self._hears.sessions.back(client, shard)
            case "disconnect":
                self._presence.went(shard)
            case _:
                pass


class Presence:
    """Whether the gateway is there. With several shards, each of them is."""

    def __init__(self, health: Health) -> None:
        self.at_first: Callable[[], None] | None = None
        self._health = health
        self._away: set[int] = set()
        self._away_since = 0.0
        self._trouble = ""

    def begins(self) -> None:
        """With a new client."""
        self._away = {_NO_SHARD}
        self._away_since = anyio.current_time()

    def came(self, shard: int) -> None:
        self._away -= {shard, _NO_SHARD}
        if not self._away:
            self._trouble = ""
            self._health.well()
        if self.at_first is not None:
            self.at_first()
            self.at_first = None

    def went(self, shard: int = _NO_SHARD) -> None:
        if not self._away:
            self._away_since = anyio.current_time()
        self._away.add(shard)
        self._trouble = self._trouble or f"Discord is away since {datetime.now(UTC):%H:%M} UTC"
        self._health.trouble(self._trouble)

    def away_for(self) -> float:
        """Seconds that this client has been without a connection."""
        return anyio.current_time() - self._away_since if self._away else 0.0


class _Ears(discord.Client):
    """The library's client, whose events all go to the gateway at once and in order."""

    gateway: Gateway
    received = ""
    """The newest payload, as it came."""
    deaf = False
    """It has ended: what it still tells comes too late."""

    def dispatch(self, event: str, /, *args: Any, **kwargs: Any) -> None:
        if event == "socket_raw_receive":
            self.received = args[0]
            return
        if not self.deaf:
            self.gateway.heard(self, event, args)
        super().dispatch(event, *args, **kwargs)

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        await self.gateway.may_identify()


class _ShardedEars(_Ears, discord.AutoShardedClient):
    """The same over several connections."""


def _client(settings: DiscordSettings, pace: Pace, wire: Wire, gateway: Gateway) -> _Ears:
    """One that hears the least that we can do with, and remembers no people and no messages."""
    intents = discord.Intents(guilds=True, guild_messages=True, dm_messages=True)
    intents.message_content = settings.message_content
    kind = _ShardedEars if settings.sharded else _Ears
    client = with_care(
        kind,
        wire,
        intents,
        member_cache_flags=discord.MemberCacheFlags.none(),
        chunk_guilds_at_startup=False,
        guild_ready_timeout=pace.guilds,
        heartbeat_timeout=pace.silence,
        enable_debug_events=True,  # payloads as they came
    )
    client.gateway = gateway
    return client


def _refusal(error: Exception) -> PlatformRefuses | None:
    """What the operator has to do about the end of a client, if anything."""
    if isinstance(error, discord.PrivilegedIntentsRequired):
        return PlatformRefuses(_REFUSALS[4014])
    if not isinstance(error, discord.ConnectionClosed):
        return None
    if error.code == _BAD_TOKEN:
        return token_refused()
    told = _REFUSALS.get(error.code)
    return None if told is None else PlatformRefuses(told)
