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
    """The client of the running event loop, made on first use, which takes some milliseconds.

    It bounds no times: the deadline of a call is its caller's. It follows no redirect, which might
    carry the key elsewhere.
    """
    loop = asyncio.get_running_loop()
    found = _clients.get(loop)
    if found is None:
        for name in _QUIET_LOGGERS:
            logging.getLogger(name).setLevel(logging.WARNING)
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=KEPT)
        found = httpx.AsyncClient(
            timeout=None,  # noqa: S113 (every attempt stands under one of its own)
            limits=limits,
            follow_redirects=False,
            headers={"accept-encoding": "identity"},  # so that pieces aren't held back
        )
        _clients[loop] = found
    return found


async def close_connections() -> None:
    """Close what this event loop keeps open. Costs nothing without any."""
    found = _clients.pop(asyncio.get_running_loop(), None)
    if found is not None:
        await found.aclose()
