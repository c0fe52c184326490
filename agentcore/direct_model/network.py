"""TCP and TLS for httpcore, over asyncio's own streams.

httpcore's usual way asks the operating system before every request whether each idle connection is
still good, and sends a request's head and body one by one. Here the event loop tells when a
connection ends, and what is written goes out at once when the answer is waited for.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Iterable
from typing import Any

import httpcore

SECOND_ADDRESS = 0.25
"""Seconds after which another address of the same host is tried as well."""


class _Reader(asyncio.StreamReader):
    """A reader that can tell whether anything is there to be read, be it the end."""

    def __init__(self) -> None:
        super().__init__()
        self._waiting = 0
        self._ended = False

    @property
    def readable(self) -> bool:
        return self._ended or self._waiting > 0

    def feed_data(self, data: Iterable[Any]) -> None:
        piece = bytes(data)
        self._waiting += len(piece)
        super().feed_data(piece)

    def feed_eof(self) -> None:
        self._ended = True
        super().feed_eof()

    def set_exception(self, exc: Exception) -> None:
        self._ended = True
        super().set_exception(exc)

    async def read(self, n: int = -1) -> bytes:
        taken = await super().read(n)
        self._waiting -= len(taken)
        return taken


class Stream(httpcore.AsyncNetworkStream):
    """One connection. The deadline of a call is its caller's: the timeouts here aren't used."""

    def __init__(self, reader: _Reader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._unsent: list[bytes] = []

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109
        try:
            await self._flush()
            return await self._reader.read(max_bytes)
        except OSError as error:
            raise httpcore.ReadError from error

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109
        if buffer:
            self._unsent.append(buffer)

    async def aclose(self) -> None:
        self._writer.transport.abort()  # nobody waits for more, and TLS isn't bid farewell

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109
    ) -> httpcore.AsyncNetworkStream:
        try:
            await self._flush()
            await self._writer.start_tls(ssl_context, server_hostname=server_hostname)
        except BaseException as error:
            await self.aclose()  # nobody else has it yet
            if isinstance(error, OSError):
                raise httpcore.ConnectError from error
            raise
        return self

    def get_extra_info(self, info: str) -> Any:
        match info:
            case "is_readable":
                return self._reader.readable
            case "ssl_object":
                return self._writer.get_extra_info("ssl_object")
            case _:
                return None

    async def _flush(self) -> None:
        if self._unsent:
            self._writer.write(b"".join(self._unsent))
            self._unsent = []
            await self._writer.drain()


class Network(httpcore.AsyncNetworkBackend):
    """Opens connections."""

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        loop, reader = asyncio.get_running_loop(), _Reader()
        try:
            transport, protocol = await loop.create_connection(
                lambda: asyncio.StreamReaderProtocol(reader),
                host,
                port,
                happy_eyeballs_delay=SECOND_ADDRESS,
            )
        except OSError as error:
            raise httpcore.ConnectError from error
        return Stream(reader, asyncio.StreamWriter(transport, protocol, reader, loop))
