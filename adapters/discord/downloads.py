"""Text files that people send, fetched at once: their addresses are good for a day."""

from __future__ import annotations

from collections.abc import Sequence

import anyio
import discord
import structlog

from adapters.base import InboundPart
from adapters.discord.contents import MOST_DOWNLOAD
from adapters.discord.meaning import TextFile
from adapters.discord.pace import Pace
from adapters.push.backoff import Backoff
from adapters.push.text_files import NoText, decoded, told

_TRIES = 4
_AT_ONCE = 3
_PATIENCE = 60.0
_LONGEST_WAIT = 30.0

_log = structlog.get_logger(__name__)


class Downloads:
    """Reads files, few at once: each is held in memory for a moment."""

    def __init__(self, client: discord.Client, pace: Pace) -> None:
        self._client = client
        self._pace = pace
        self._turn = anyio.Semaphore(_AT_ONCE)

    async def read(self, files: Sequence[TextFile]) -> tuple[tuple[InboundPart, ...], bool]:
        """A part for each that can be read, and whether that is all of them."""
        found: list[InboundPart] = []
        for file in files:
            try:
                text = decoded(await self._fetched(file))
            except NoText as error:
                _log.info("a file could not be read", why=str(error))
            else:
                found.append(told(file.name, text, len(files)))
        return tuple(found), len(found) == len(files)

    async def _fetched(self, file: TextFile) -> bytes:
        backoff = Backoff(self._pace.first_pause, _LONGEST_WAIT)
        for left in reversed(range(_TRIES)):
            try:
                async with self._turn:
                    with anyio.fail_after(_PATIENCE):
                        content = await self._client.http.get_from_cdn(file.url)
            except (discord.NotFound, discord.Forbidden) as error:
                raise NoText("Discord doesn't give it out") from error
            except Exception as error:
                if not left:
                    raise NoText("Discord doesn't answer") from error
                await backoff.wait()
            else:
                if len(content) > MOST_DOWNLOAD:
                    raise NoText("larger than it was said to be")
                return content
        raise AssertionError  # the last try returned or raised
