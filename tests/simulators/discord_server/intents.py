"""What a session hears of: the events that its intents ask for, and contents where it may have them."""

from __future__ import annotations

from enum import IntFlag
from typing import Any

from tests.simulators.discord_server.refusals import JSON


class Intent(IntFlag):
    GUILDS = 1 << 0
    GUILD_MEMBERS = 1 << 1
    GUILD_PRESENCES = 1 << 8
    GUILD_MESSAGES = 1 << 9
    GUILD_MESSAGE_REACTIONS = 1 << 10
    GUILD_MESSAGE_TYPING = 1 << 11
    DIRECT_MESSAGES = 1 << 12
    DIRECT_MESSAGE_REACTIONS = 1 << 13
    DIRECT_MESSAGE_TYPING = 1 << 14
    MESSAGE_CONTENT = 1 << 15


KNOWN = (1 << 17) - 1 | 1 << 20 | 1 << 21 | 1 << 24 | 1 << 25
"""All bits that mean something to Discord."""
PRIVILEGED = Intent.GUILD_MEMBERS | Intent.GUILD_PRESENCES | Intent.MESSAGE_CONTENT
_BY_KIND: dict[str, tuple[Intent, Intent]] = {
    "MESSAGE_REACTION": (Intent.GUILD_MESSAGE_REACTIONS, Intent.DIRECT_MESSAGE_REACTIONS),
    "MESSAGE": (Intent.GUILD_MESSAGES, Intent.DIRECT_MESSAGES),
    "TYPING": (Intent.GUILD_MESSAGE_TYPING, Intent.DIRECT_MESSAGE_TYPING),
    "GUILD_MEMBER": (Intent.GUILD_MEMBERS, Intent.GUILD_MEMBERS),
    "GUILD": (Intent.GUILDS, Intent.GUILDS),
    "CHANNEL": (Intent.GUILDS, Intent.GUILDS),
    "THREAD": (Intent.GUILDS, Intent.GUILDS),
}
_CONTENT: JSON = {"content": "", "embeds": [], "attachments": [], "components": []}


def hears(intents: Intent, event: str, *, in_guild: bool, body: JSON, bot_id: int) -> bool:
    """Whether a session with these intents gets the event."""
    if event == "GUILD_MEMBERS_CHUNK":
        return True
    if event == "GUILD_MEMBER_UPDATE" and body["user"]["id"] == str(bot_id):
        return Intent.GUILDS in intents
    if event == "THREAD_MEMBERS_UPDATE" and Intent.GUILD_MEMBERS not in intents:
        added = [each["user_id"] for each in body.get("added_members", [])]
        if str(bot_id) not in added + body.get("removed_member_ids", []):
            return False
    for start, (guild, direct) in _BY_KIND.items():
        if event.startswith(start):
            return bool(intents & (guild if in_guild else direct))
    return True


def readable(message: JSON, *, content: bool, bot_id: int) -> JSON:
    """The message as the bot may read it: empty if it has no right to the contents.

    It has in DMs, to what it wrote itself, and where it is mentioned.
    """
    allowed = (
        content
        or "guild_id" not in message
        or message.get("author", {}).get("id") == str(bot_id)
        or any(each["id"] == str(bot_id) for each in message.get("mentions", []))
    )
    body = message if allowed else message | _CONTENT
    replied: Any = body.get("referenced_message")
    if replied:
        placed = {"guild_id": message["guild_id"]} if "guild_id" in message else {}
        inner = readable(replied | placed, content=content, bot_id=bot_id)
        body = body | {"referenced_message": inner}
    return body
