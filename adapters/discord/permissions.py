"""What the bot needs to be allowed in a server's channel, and what of it is missing. Pure."""

from __future__ import annotations

from types import MappingProxyType

import discord

NAMES = MappingProxyType(
    {
        "view_channel": "View Channel",
        "send_messages": "Send Messages",
        "send_messages_in_threads": "Send Messages in Threads",
        "attach_files": "Attach Files",
        "read_message_history": "Read Message History",
    }
)
"""All that it needs, as the library and as Discord's own pages name it."""

NEEDED = discord.Permissions(**dict.fromkeys(NAMES, True))


def missing(held: discord.Permissions) -> tuple[str, ...]:
    """What is needed and not held, by the names that Discord's pages show. What counts only with
    another that is missing isn't named beside it.
    """
    if not held.view_channel:
        return (NAMES["view_channel"],)
    lacking = [name for name in NAMES if not getattr(held, name)]
    if "send_messages" in lacking and "attach_files" in lacking:
        lacking.remove("attach_files")
    return tuple(NAMES[name] for name in lacking)
