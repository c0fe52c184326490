"""Running a service: the lock, the parts, the port, and an orderly end.

Order of a start: lock, port, database, then everything that works; the lock file tells where the
door is only when there is one. Order of an end: adapters, then turns, then the rest.
"""

from __future__ import annotations

import gc
import resource
import secrets
import signal
import sys
from collections.abc import Awaitable, Callable, Mapping

import anyio
import structlog

from adapters.abilities import HasRoutes
from adapters.web.guard import Guard
from agentcore.errors import StoreError
from bot.app import Parts, opened
from bot.door.commands import door_commands
from bot.door.parts import parts_commands
from bot.host.lockfile import ServiceLock
from bot.host.places import lock_path, prepare_folder, sqlite_path
from bot.http.app import create_app
from bot.http.metrics import Scraping, metrics_route
from bot.http.server import HttpServer, bind
from bot.metrics import PrometheusMeasures
from bot.rest_api import api_route
from bot.web_chat import own_hosts, web_chat
from bot.work import Supervisor, running
from config.settings import OFFLINE, Settings

MANY_FILES = 65_536
"""Files and connections that may be open at once, if the machine allows so many."""

GARBAGE = (5_000, 10, 10)
"""Thresholds of the garbage collector at work: with those of a start, what 40,000 turns leave piles up."""

_log = structlog.get_logger(__name__)


def allow_many_files() -> None:
    """As many as this process may have. Where shells begin with 1,024, some hundred open pages and
    streams would be all.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = MANY_FILES if hard == resource.RLIM_INFINITY else min(hard, MANY_FILES)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def look_through_what_is_new() -> None:
    """Let the garbage collector take what there is by now for good, and look through the rest more
    often. Of all that a start loads nothing ever goes, and a look at it holds everybody up.
    """
    gc.freeze()
    gc.set_threshold(*GARBAGE)


async def serve(settings: Settings) -> None:
    """Everything in one process, until a signal.

    Raises:
        AlreadyRunning, CannotListen, BadInput, StoreError: why it can't start.
    """
    allow_many_files()
    path = sqlite_path(settings)
    prepare_folder(path)
    with ServiceLock.acquire(lock_path(path)) as lock:
        sock = bind(settings.host, settings.port)
        try:
            measures = PrometheusMeasures()
            async with opened(settings, measures=measures) as parts:
                key = secrets.token_urlsafe(32)
                supervisor = Supervisor(parts.adapters)
                app = create_app(
                    readiness=_readiness(parts, supervisor),
                    service=parts.gateway,
                    door_key=key,
                    adapter_routes=[
                        api_route(parts),
                        metrics_route(_scraping(parts, supervisor, measures)),
                        *(
                            route
                            for adapter in parts.adapters.values()
                            if isinstance(adapter, HasRoutes)
                            for route in adapter.routes()
                        ),
                        *web_chat(parts).routes(),
                    ],
                    door_commands={**door_commands(parts.store), **parts_commands(parts)},
                )
                guarded = Guard(app, own_hosts(settings))
                server = HttpServer(guarded, sock, closing=app.state.closing)
                async with running(parts, supervisor, loaded=look_through_what_is_new):
                    await _serve_http(server, lambda: _announce(settings, server, lock, key))
        finally:
            sock.close()


def _announce(settings: Settings, server: HttpServer, lock: ServiceLock, key: str) -> None:
    lock.publish(server.url, key)
    model = settings.model
    note = " (built-in stand-in; set FAMILIAR_MODEL for a real one)" if model == OFFLINE else ""
    sys.stderr.write(f"Familiar is at {server.url}, model {model}{note}. Ctrl-C stops it.\n")
    sys.stderr.write(
        "Open it in a browser, or talk to it from another terminal: familiar chat --user you\n"
    )
    sys.stderr.flush()


async def _serve_http(server: HttpServer, ready: Callable[[], None]) -> None:
    """Until SIGTERM or SIGINT."""
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(_stop_on_signal, server)
        await server.serve(ready)
        tasks.cancel_scope.cancel()


async def _stop_on_signal(server: HttpServer) -> None:
    with anyio.open_signal_receiver(signal.SIGTERM, signal.SIGINT) as signals:
        async for _ in signals:
            _log.info("stopping")
            server.stop()
            return


def _readiness(parts: Parts, supervisor: Supervisor) -> Callable[[], Awaitable[Mapping[str, str]]]:
    async def checks() -> Mapping[str, str]:
        found: dict[str, str] = dict(supervisor.state)
        try:
            await parts.store.next_ready()
            found["database"] = "ok"
        except StoreError as error:
            found["database"] = str(error)
        return found

    return checks


def _scraping(parts: Parts, supervisor: Supervisor, measures: PrometheusMeasures) -> Scraping:
    async def figures() -> bytes:
        try:
            pulse = await parts.store.pulse()
        except StoreError as error:
            _log.error("the figures can't be read", error=str(error))
            pulse = None
        return measures.exposition(pulse, supervisor.state)

    token = parts.settings.api_token
    return Scraping(
        figures,
        measures.content_type,
        loopback=parts.settings.loopback,
        token=None if token is None else token.get_secret_value(),
    )
