"""Files that people send, as Discord gives them out: their addresses are good for a day."""

from __future__ import annotations

import anyio
import discord

from adapters.discord.contents import MOST_DOWNLOAD
from adapters.push.downloads import NotNow
from adapters.push.text_files import NoText, TextFile

_PATIENCE = 60.0


async def fetched(client: discord.Client, file: TextFile) -> bytes:
    """A file's content.

    Raises:
        NoText: it can't be had.
        NotNow: another try may get it.
    """
    try:
        with anyio.fail_after(_PATIENCE):
            content = await client.http.get_from_cdn(file.source)
    except (discord.NotFound, discord.Forbidden) as error:
        raise NoText("Discord doesn't give it out") from error
    except Exception as error:
        raise NotNow("Discord doesn't answer") from error
    if len(content) > MOST_DOWNLOAD:
        raise NoText("larger than it was said to be")
    return content
