"""Text files that people send: fetched, decoded, cut to what a conversation can bear."""

from __future__ import annotations

from collections.abc import Sequence

import anyio
import structlog
from telegram import Bot
from telegram.error import BadRequest, Forbidden, InvalidToken, RetryAfter, TelegramError

from adapters.base import InboundPart
from adapters.push.backoff import Backoff
from adapters.push.text_files import NoText, decoded, told, unread
from adapters.telegram.connection import seconds_to_wait
from adapters.telegram.contents import MOST_DOWNLOAD
from adapters.telegram.meaning import TextFile
from adapters.telegram.settings import Pace

_TRIES = 4
_LONGEST_WAIT = 30.0
_AT_ONCE = 3

_log = structlog.get_logger(__name__)


class Files:
    """Reads files for the bot, few at once: each is held in memory for a moment."""

    def __init__(self, bot: Bot, pace: Pace) -> None:
        self._bot = bot
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
        async with self._turn:
            backoff = Backoff(self._pace.first_pause, _LONGEST_WAIT)
            for left in reversed(range(_TRIES)):
                try:
                    found = await self._bot.get_file(file.file_id)
                    if (found.file_size or 0) > MOST_DOWNLOAD:
                        raise NoText("larger than it was said to be")
                    return bytes(await found.download_as_bytearray())
                except (BadRequest, Forbidden, InvalidToken) as error:
                    raise NoText("Telegram doesn't give it out") from error
                except (TelegramError, RuntimeError) as error:
                    if not left:
                        raise NoText("Telegram doesn't answer") from error
                    if isinstance(error, RetryAfter):
                        await anyio.sleep(min(seconds_to_wait(error), _LONGEST_WAIT))
                    else:
                        await backoff.wait()
        raise AssertionError  # the last try returned or raised


def named(files: Sequence[TextFile]) -> tuple[InboundPart, ...]:
    """A part for each that tells its name alone."""
    return tuple(unread(each.name) for each in files)
