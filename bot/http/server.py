"""Runs an ASGI application with uvicorn inside the current event loop.

The socket is bound first, so that the port is known (0 = any) and a taken one is reported before
anything else starts. Signals belong to the composition root; this installs no handlers. Nothing
is logged per request: addresses and headers may hold secrets.
"""

from __future__ import annotations

import asyncio
import errno
import socket
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import asynccontextmanager, contextmanager

import anyio
import uvicorn
from starlette.types import ASGIApp

from bot.http.heads import PromptHeads

GRACE = 5
"""Seconds that running requests have at a stop."""


KEPT = 75
"""Seconds for which a connection is kept that nothing comes over. Clients and proxies end theirs
after 5 to 60; whoever ends it first must be the one that asks, or a request may meet the end.
"""


class CannotListen(Exception):
    """The address can't be listened on; the message says why and what to do."""


def bind(host: str, port: int) -> socket.socket:
    """A socket that is bound, but doesn't listen yet.

    Raises:
        CannotListen: the port is taken or not allowed, or the host isn't ours.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except OSError as error:
        msg = f"can't find the address {host!r} to listen on: check FAMILIAR_HOST"
        raise CannotListen(msg) from error
    sock = socket.socket(family, kind, protocol)
    # After a crash the port may be in TIME_WAIT; on Linux this lets no second listener in.
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind(address)
        sock.listen(1)
    except OSError as error:
        sock.close()
        raise CannotListen(_advice(error, host, port)) from error
    return sock


def _advice(error: OSError, host: str, port: int) -> str:
    match error.errno:
        case errno.EADDRINUSE:
            return (
                f"port {port} on {host} is taken by another program: stop that program, "
                f"or choose another port, for example PORT={port + 1 if port < 65535 else 8283}"
            )
        case errno.EACCES:
            return f"port {port} needs root: choose one above 1023, for example PORT=8283"
        case _:
            return f"can't listen on {host} port {port}: {error.strerror}; check FAMILIAR_HOST"


def _url_of(sock: socket.socket) -> str:
    host, port = sock.getsockname()[:2]
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - not bound here
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


class _Uvicorn(uvicorn.Server):
    """A server that leaves the signals alone and tells when it has started."""

    def __init__(
        self, config: uvicorn.Config, started: Callable[[], None], leave: asyncio.Event
    ) -> None:
        super().__init__(config)
        self._tell = started
        self._leave = leave

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        self._tell()

    async def main_loop(self) -> None:
        """Wait to be stopped, and renew the Date header every second (uvicorn wakes ten times)."""
        while not self._leave.is_set():
            await self.on_tick(0)
            with anyio.move_on_after(1.0):
                await self._leave.wait()


class HttpServer:
    """One application on one bound socket; served once.

    `url` is its base URL for clients on this machine.

    Args:
        closing: set at a stop, so that endless answers (feeds) end instead of being cut off.
    """

    def __init__(
        self, app: ASGIApp, sock: socket.socket, *, closing: asyncio.Event | None = None
    ) -> None:
        self._sock = sock
        self.port: int = sock.getsockname()[1]
        self.url = _url_of(sock)
        self._closing = closing or asyncio.Event()
        self._stop = asyncio.Event()
        self._config = uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            lifespan="off",
            ws="none",
            http=PromptHeads,
            timeout_keep_alive=KEPT,
            timeout_graceful_shutdown=GRACE,
        )

    async def serve(self, ready: Callable[[], None]) -> None:
        """Serve until `stop` or cancellation; both let running requests finish within `GRACE`.

        Calls `ready` when connections are taken.
        """
        server = _Uvicorn(self._config, ready, self._stop)
        async with anyio.create_task_group() as group:
            group.start_soon(self._shielded, server)
            try:
                await self._stop.wait()
            finally:
                self._closing.set()
                self._stop.set()

    async def _shielded(self, server: uvicorn.Server) -> None:
        try:
            with anyio.CancelScope(shield=True):
                await server.serve(sockets=[self._sock])
        finally:
            self._stop.set()

    def stop(self) -> None:
        self._stop.set()


@asynccontextmanager
async def running(server: HttpServer) -> AsyncGenerator[HttpServer, None]:
    """Serve from the beginning of the block to its end."""
    async with anyio.create_task_group() as group:
        ready = anyio.Event()
        group.start_soon(server.serve, ready.set)
        await ready.wait()
        try:
            yield server
        finally:
            server.stop()
