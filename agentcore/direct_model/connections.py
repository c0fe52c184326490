"""The connections that are kept open to providers, for each event loop.

Certificates are always checked. Proxies and certificate authorities of the environment count, as
they do with litellm: a network that needs them needs them for every model. No redirect is
followed, which might carry the key elsewhere.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
import urllib.request
from contextlib import AbstractAsyncContextManager
from weakref import WeakKeyDictionary

import httpcore
import httpx

from agentcore.direct_model.network import Network
from agentcore.errors import ModelRefused

KEPT = 64
"""Idle connections that are kept to each side."""

KEPT_FOR = 30.0
"""Seconds. Who answers a person has time to write again; few servers hang up before."""

_QUIET_LOGGERS = ("httpx", "httpcore")
"""Their lines hold whole URLs, and headers when debugging."""


class Connections:
    """The pools of one event loop: one for what is reached straight, one for each proxy."""

    def __init__(self, certificates: ssl.SSLContext) -> None:
        self._certificates = certificates
        self._pools: dict[str | None, httpcore.AsyncConnectionPool] = {}
        self._ways: dict[tuple[bytes, bytes], str | None] = {}

    def post(
        self, url: httpcore.URL, headers: list[tuple[str, str]], content: bytes
    ) -> AbstractAsyncContextManager[httpcore.Response]:
        """Send a request. The deadline is the caller's.

        Raises:
            ModelRefused: the environment names a proxy that can't be used.
        """
        return self._pool_for(url).stream("POST", url, headers=headers, content=content)

    async def close(self) -> None:
        for pool in self._pools.values():
            await pool.aclose()

    def _pool_for(self, url: httpcore.URL) -> httpcore.AsyncConnectionPool:
        place = (url.scheme, url.host)
        if place not in self._ways:
            self._ways[place] = _proxy_for(url)
        proxy = self._ways[place]
        if proxy not in self._pools:
            self._pools[proxy] = self._made(proxy)
        return self._pools[proxy]

    def _made(self, proxy: str | None) -> httpcore.AsyncConnectionPool:
        return httpcore.AsyncConnectionPool(
            ssl_context=self._certificates,
            proxy=None if proxy is None else _proxy(proxy),
            max_connections=None,
            max_keepalive_connections=KEPT,
            keepalive_expiry=KEPT_FOR,
            network_backend=Network(),
        )


_open: WeakKeyDictionary[asyncio.AbstractEventLoop, Connections] = WeakKeyDictionary()


def connections() -> Connections:
    """Those of the running event loop, made on first use if they weren't before."""
    loop = asyncio.get_running_loop()
    if loop not in _open:
        _open[loop] = Connections(_certificates())
    return _open[loop]


async def warm_up() -> None:
    """Read the certificates in a thread: that takes some milliseconds."""
    loop = asyncio.get_running_loop()
    if loop not in _open:
        _open.setdefault(loop, Connections(await asyncio.to_thread(_certificates)))


async def close_connections() -> None:
    """Close what this event loop keeps open. Costs nothing without any."""
    found = _open.pop(asyncio.get_running_loop(), None)
    if found is not None:
        await found.close()


def _certificates() -> ssl.SSLContext:
    for name in _QUIET_LOGGERS:
        logging.getLogger(name).setLevel(logging.WARNING)
    return httpx.create_ssl_context()


def _proxy_for(url: httpcore.URL) -> str | None:
    """The proxy that the environment names for a host."""
    if urllib.request.proxy_bypass(url.host.decode("ascii")):
        return None
    named = urllib.request.getproxies()
    return named.get(url.scheme.decode("ascii")) or named.get("all")


def _proxy(address: str) -> httpcore.Proxy:
    """Name and password may stand in its address."""
    parts = httpx.URL(address if "://" in address else f"http://{address}")
    if parts.scheme not in {"http", "https"}:
        msg = f"the environment names a proxy of the kind {parts.scheme}, which can't be used here"
        raise ModelRefused(msg)
    auth = (parts.username, parts.password) if parts.username else None
    return httpcore.Proxy(str(parts.copy_with(username=None, password=None)), auth=auth)
