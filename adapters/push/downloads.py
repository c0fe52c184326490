"""Text files that come with a message, fetched at once: platforms don't give them out for long."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

import anyio
import structlog

from adapters.base import Inbound
from adapters.push.backoff import Backoff
from adapters.push.text_files import NoText, TextFile, decoded, told, unread

_TRIES = 4
_AT_ONCE = 3
_LONGEST_WAIT = 30.0

_log = structlog.get_logger(__name__)


class NotNow(Exception):
    """A file wasn't given out, and may be after `wait` seconds; None: the platform doesn't say."""

    def __init__(self, why: str, wait: float | None = None) -> None:
        super().__init__(why)
        self.wait = wait


class Downloads:
    """Reads files, few at once: each is held in memory for a moment. `fetch` gets one's content, or
    raises `NoText` or `NotNow`; `first_pause` is in seconds.
    """

    def __init__(self, fetch: Callable[[TextFile], Awaitable[bytes]], first_pause: float) -> None:
        self._fetch = fetch
        self._first_pause = first_pause
        self._turn = anyio.Semaphore(_AT_ONCE)

    async def added(self, inbound: Inbound, files: Sequence[TextFile]) -> Inbound:
        """The message with what its files say, as far as they can be read. What people among others
        send to each other isn't fetched.
        """
        if not inbound.addressed:
            return replace(inbound, parts=(*inbound.parts, *(unread(each.name) for each in files)))
        parts, lost = list(inbound.parts), inbound.unreadable
        for file in files:
            try:
                parts.append(told(file.name, decoded(await self._fetched(file)), len(files)))
            except NoText as error:
                _log.info("a file could not be read", why=str(error))
                lost = lost or "document"
        return replace(inbound, parts=tuple(parts), unreadable=lost)

    async def _fetched(self, file: TextFile) -> bytes:
        backoff = Backoff(self._first_pause, _LONGEST_WAIT)
        for left in reversed(range(_TRIES)):
            try:
                async with self._turn:
                    return await self._fetch(file)
            except NotNow as error:
                if not left:
                    raise NoText(str(error)) from error
                if error.wait is None:
                    await backoff.wait()
                else:
                    await anyio.sleep(min(error.wait, _LONGEST_WAIT))
        raise AssertionError  # the last try returned or raised
