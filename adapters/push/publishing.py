"""What a platform shows of the bot before anybody writes: told again only when it has changed."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Mapping

import structlog

from adapters.base import AdapterState

DIGEST = "menus"
"""Where the digest of what the platform was told last is kept."""

_log = structlog.get_logger(__name__)


async def publish(
    said: str,
    tell: Callable[[], Awaitable[None]],
    state: AdapterState,
    why: Callable[[Exception], Mapping[str, object]] = lambda _error: {},
) -> None:
    """Tell it, if `said`, which is all of it, isn't what was told the last time. What fails is
    logged, with `why` as far as the platform says so, and tried again when this is called again.
    """
    digest = hashlib.sha256(said.encode()).hexdigest()
    try:
        if await state.get(DIGEST) == digest:
            return
        await tell()
        await state.put(DIGEST, digest)
    except Exception as error:  # noqa: BLE001 - whosever it is, all else goes on
        _log.warning("menus not published", error=type(error).__name__, **why(error))
    else:
        _log.info("menus published")
