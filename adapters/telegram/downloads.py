"""Files that people send, as Telegram gives them out."""

from __future__ import annotations

from telegram import Bot
from telegram.error import BadRequest, Forbidden, InvalidToken, RetryAfter, TelegramError

from adapters.push.downloads import NotNow
from adapters.push.text_files import NoText, TextFile
from adapters.telegram.connection import seconds_to_wait
from adapters.telegram.contents import MOST_DOWNLOAD


async def fetched(bot: Bot, file: TextFile) -> bytes:
    """A file's content.

    Raises:
        NoText: it can't be had.
        NotNow: another try may get it.
    """
    try:
        found = await bot.get_file(file.source)
        if (found.file_size or 0) > MOST_DOWNLOAD:
            raise NoText("larger than it was said to be")
        return bytes(await found.download_as_bytearray())
    except (BadRequest, Forbidden, InvalidToken) as error:
        raise NoText("Telegram doesn't give it out") from error
    except RetryAfter as error:
        raise NotNow("Telegram doesn't answer", seconds_to_wait(error)) from error
    except (TelegramError, RuntimeError) as error:
        raise NotNow("Telegram doesn't answer") from error
