"""The connections that are kept open to providers: a client for each event loop, with its pools.

Certificates are always checked. Proxies and certificate authorities of the environment count, as
they do with litellm: a network that needs them needs them for every model.
"""

from __future__ import annotations

import asyncio
import logging
from weakref import WeakKeyDictionary

import httpx

KEPT = 64
"""Idle connections that are kept."""

_QUIET_LOGGERS = ("httpx", "httpcore")
"""Their lines hold whole URLs, and headers when debugging."""

_clients: WeakKeyDictionary[asyncio.AbstractEventLoop, httpx.AsyncClient] = WeakKeyDictionary()


def client() -> httpx.AsyncClient:
    """The client of the running event loop, made on first use if it wasn't before."""
    loop = asyncio.get_running_loop()
    if loop not in _clients:
        _clients[loop] = _made()
    return _clients[loop]


async def warm_up() -> None:
    """Make the client in a thread: reading the certificates takes some milliseconds."""
    loop = asyncio.get_running_loop()
    if loop not in _clients:
        made = await asyncio.to_thread(_made)
        _clients.setdefault(loop, made)


def _made() -> httpx.AsyncClient:
    """A client that bounds no times, since the deadline of a call is its caller's, and that
    follows no redirect, which might carry the key elsewhere.
    """
    for name in _QUIET_LOGGERS:
        logging.getLogger(name).setLevel(logging.WARNING)
    return httpx.AsyncClient(
        timeout=None,  # noqa: S113 (every attempt stands under one of its own)
        limits=httpx.Limits(max_connections=None, max_keepalive_connections=KEPT),
        follow_redirects=False,
        headers={"accept-encoding": "identity"},  # so that pieces aren't held back
    )


async def close_connections() -> None:
    """Close what this event loop keeps open. Costs nothing without any."""
    found = _clients.pop(asyncio.get_running_loop(), None)
    if found is not None:
        await found.aclose()
