"""Who may do what where: the bits that matter to a bot that talks, and how they add up."""

from __future__ import annotations

from enum import IntFlag

from tests.simulators.discord_server.refusals import (
    MISSING_ACCESS,
    MISSING_PERMISSIONS,
    Refused,
)


class Permission(IntFlag):
    ADMINISTRATOR = 1 << 3
    MANAGE_CHANNELS = 1 << 4
    MANAGE_GUILD = 1 << 5
    ADD_REACTIONS = 1 << 6
    VIEW_CHANNEL = 1 << 10
    SEND_MESSAGES = 1 << 11
    MANAGE_MESSAGES = 1 << 13
    EMBED_LINKS = 1 << 14
    ATTACH_FILES = 1 << 15
    READ_MESSAGE_HISTORY = 1 << 16
    MENTION_EVERYONE = 1 << 17
    CHANGE_NICKNAME = 1 << 26
    USE_APPLICATION_COMMANDS = 1 << 31
    MANAGE_THREADS = 1 << 34
    CREATE_PUBLIC_THREADS = 1 << 35
    CREATE_PRIVATE_THREADS = 1 << 36
    SEND_MESSAGES_IN_THREADS = 1 << 38


P = Permission
ALL = Permission(sum(P))
EVERYONE = ALL & ~(
    P.ADMINISTRATOR | P.MANAGE_CHANNELS | P.MANAGE_GUILD | P.MANAGE_MESSAGES | P.MANAGE_THREADS
)
"""What everybody has in a new guild."""
IN_DM = (
    P.VIEW_CHANNEL
    | P.SEND_MESSAGES
    | P.EMBED_LINKS
    | P.ATTACH_FILES
    | P.READ_MESSAGE_HISTORY
    | P.ADD_REACTIONS
)


def need(held: Permission, *wanted: Permission) -> None:
    """Check that all wanted are held.

    Raises:
        Refused: The place can't be seen, or a permission is missing.
    """
    if P.VIEW_CHANNEL not in held:
        raise Refused(*MISSING_ACCESS)
    if any(each not in held for each in wanted):
        raise Refused(*MISSING_PERMISSIONS)
