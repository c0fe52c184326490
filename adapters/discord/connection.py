"""How Discord's API is spoken to: the library's client over REST alone, without what it would log."""

from __future__ import annotations

import asyncio
import logging
import threading
import weakref
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from typing import Any, TypeVar

import aiohttp
import anyio
import discord
import structlog
import yarl
from discord.gateway import DiscordWebSocket, KeepAliveHandler
from discord.http import Route

from adapters.base import PlatformRefuses
from adapters.discord.pace import PACE, Pace
from adapters.discord.settings import DiscordSettings
from adapters.discord.wire import Wire
from adapters.push.backoff import Backoff
from adapters.push.health import Health

MOST_PATIENCE = 30.0
"""Seconds that the library waits by itself where Discord wants to be left alone: its least."""

_LOGIN = 90.0
_FAREWELL = 5.0
_LIBRARY = "discord"
_SOCKETS: weakref.WeakKeyDictionary[
    discord.Client, weakref.WeakSet[aiohttp.ClientWebSocketResponse]
] = weakref.WeakKeyDictionary()

_log = structlog.get_logger(__name__)

_Client = TypeVar("_Client", bound=discord.Client)


def token_refused() -> PlatformRefuses:
    return PlatformRefuses(
        "Discord refuses DISCORD_BOT_TOKEN: reset the token on the page Bot of the developer "
        "portal, and set the new one"
    )


@asynccontextmanager
async def connected(
    settings: DiscordSettings,
    health: Health,
    pace: Pace = PACE,
    wire: Wire | None = None,
) -> AsyncGenerator[discord.Client, None]:
    """The bot, logged in as soon as Discord can be reached. It is never connected to the gateway,
    so it knows no servers, channels or people. Within, every client of the library talks to where
    the settings say. All requests go over `wire`.

    Raises:
        PlatformRefuses: the token is no good.
    """
    with pointed_at(settings), quiet():
        client = await _logged_in(settings, health, pace, wire or Wire())
        try:
            yield client
        finally:
            await taken_leave_of(client)


@contextmanager
def pointed_at(settings: DiscordSettings) -> Generator[None, None, None]:
    """Within, the library takes the servers that the settings name for Discord's."""
    base, gateway = Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY
    if settings.api_base_url is not None:
        Route.BASE = settings.api_base_url.rstrip("/")
    if settings.gateway_url is not None:
        DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(settings.gateway_url)
    try:
        yield
    finally:
        Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = base, gateway


@contextmanager
def quiet() -> Generator[None, None, None]:
    """Within, the library logs nothing: its lines hold URLs with tokens that let one answer, and
    what goes wrong is raised as well.
    """
    logger = logging.getLogger(_LIBRARY)
    level = logger.level
    logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        logger.setLevel(level)


def rest_client(wire: Wire) -> discord.Client:
    """One that makes calls and hears nothing, to be logged in."""
    return with_care(discord.Client, wire, discord.Intents(guilds=True))


def with_care(kind: type[_Client], wire: Wire, intents: discord.Intents, **options: Any) -> _Client:
    """A client that notifies nobody by what it sends, remembers no messages, isn't banned, and by
    whose calls that are called off no others are held up.
    """
    client = kind(
        intents=intents,
        allowed_mentions=discord.AllowedMentions.none(),
        max_ratelimit_timeout=MOST_PATIENCE,
        max_messages=None,
        http_trace=wire.trace(),
        **options,
    )
    http = client.http
    request = http.request

    async def careful(route: Route, **asked: Any) -> Any:
        wire.caution.check()
        try:
            return await request(route, **asked)
        except anyio.get_cancelled_exc_class():
            _let_others_go_on(http)
            raise

    http.request = careful  # type: ignore[method-assign]
    note_sockets(client)
    return client


def note_sockets(client: discord.Client) -> None:
    """From now on `taken_leave_of` knows the client's sockets: the library forgets that of a
    connection that was called off before it stood.
    """
    sockets = _SOCKETS[client] = weakref.WeakSet()
    connect = client.http.ws_connect

    async def noted(url: str, **asked: Any) -> aiohttp.ClientWebSocketResponse:
        socket = await connect(url, **asked)
        sockets.add(socket)
        return socket

    client.http.ws_connect = noted  # type: ignore[method-assign]


def _let_others_go_on(http: Any) -> None:
    """After a call was called off: the library holds all others up while one waits out a limit over
    all, also if that doesn't come back; and of a limit whose size it hadn't learnt yet, it takes
    the one call that it allows for used up.
    """
    http._global_over.set()  # noqa: SLF001
    for limit in http._buckets.values():  # noqa: SLF001
        if not limit.outgoing and limit.remaining <= 0 and limit.expires is None:
            limit.reset()
            limit._wake(limit.remaining)  # noqa: SLF001


async def _logged_in(
    settings: DiscordSettings, health: Health, pace: Pace, wire: Wire
) -> discord.Client:
    backoff = Backoff(pace.first_pause, pace.longest_pause)
    while True:
        try:
            client = await _one_logged_in(settings, wire)
        except PlatformRefuses:
            raise
        except discord.RateLimited as error:
            health.trouble("Discord wants to be asked less often")
            await anyio.sleep(error.retry_after)
        except Exception as error:  # noqa: BLE001 - foreign data through foreign code
            health.trouble(f"Discord can't be reached: {type(error).__name__}")
            _log.warning("discord can't be reached", error=type(error).__name__)
            await backoff.wait()
        else:
            health.well()
            return client


async def _one_logged_in(settings: DiscordSettings, wire: Wire) -> discord.Client:
    client = rest_client(wire)
    try:
        await login(client, settings)
    except BaseException:
        await taken_leave_of(client)
        raise
    return client


async def login(client: discord.Client, settings: DiscordSettings) -> None:
    """Log in over REST.

    Raises:
        PlatformRefuses: the token is no good.
        Exception: Discord can't be reached, or answers with what nobody understands.
    """
    try:
        with anyio.fail_after(_LOGIN):
            await client.login(settings.token)
    except discord.LoginFailure as error:
        raise token_refused() from error


async def taken_leave_of(client: discord.Client) -> None:
    """Let go of all that the client holds, also if Discord doesn't say goodbye."""
    with anyio.CancelScope(shield=True):
        with anyio.move_on_after(_FAREWELL) as waited:
            await client.close()
        if waited.cancelled_caught:
            await client.http.close()
        with anyio.move_on_after(_FAREWELL):
            for socket in list(_SOCKETS.get(client, ())):
                await socket.close()
        await _waits_ended(client)
        await _hearts_stilled(client)


async def _waits_ended(client: discord.Client) -> None:
    """The library goes on to wait for servers that are still to be told of."""
    state: Any = client._connection  # noqa: SLF001
    waiting = [state._ready_task, *getattr(state, "_ready_tasks", {}).values()]  # noqa: SLF001
    left = [each for each in waiting if each is not None]
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)


async def _hearts_stilled(client: discord.Client) -> None:
    """The library beats its heart in a thread, and forgets that of a connection that was called off
    before it stood.
    """
    for thread in threading.enumerate():
        if not isinstance(thread, KeepAliveHandler):
            continue
        if thread.ws._connection is client._connection:  # noqa: SLF001
            thread.stop()
            await anyio.to_thread.run_sync(thread.join, _FAREWELL)
