"""From accepted inbox rows to the messages that a turn starts with."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from agentcore.clock import as_datetime
from agentcore.records import (
    Audience,
    Claim,
    InboxItem,
    MessageMeta,
    NewMessage,
    Origin,
    Role,
    TextPart,
    new_message_id,
)

QUOTED = 200
"""Characters of what a message was before: more than those by which it is known again when it is
forgotten.
"""
_EDITED = (
    "The next message is how an earlier one of the same sender reads now: they have edited it."
)


def zone_of(item: InboxItem, default: ZoneInfo) -> ZoneInfo:
    """The person's time zone; the service's for people who named none."""
    if item.time_zone is None:
        return default
    try:
        return ZoneInfo(item.time_zone)
    except (KeyError, ValueError, OSError):  # a zone that this host's database doesn't have
        return default


def user_messages(claim: Claim, zone: ZoneInfo, audience: Audience) -> tuple[NewMessage, ...]:
    """One message for each row, stamped with what its metadata line will always say; before one
    that replaces another, a note of what that was.
    """
    found: list[NewMessage] = []
    for item in claim.items:
        if item.earlier is not None:
            found.append(_edit_note(item, item.earlier))
        found.append(_message(item, zone, audience))
    return tuple(found)


def _edit_note(item: InboxItem, earlier: str) -> NewMessage:
    said = " ".join(earlier.split())
    shown = said if len(said) <= QUOTED else f"{said[:QUOTED]}…"
    text = f"{_EDITED} It said:\n> {shown}" if said else _EDITED
    parts = (TextPart(text, Origin.OWNER),)
    return NewMessage(new_message_id(), Role.NOTE, parts, item.received_at, author=item.identity)


def _message(item: InboxItem, zone: ZoneInfo, audience: Audience) -> NewMessage:
    role = Role.NOTE if item.kind == "timer" else Role.USER
    meta = MessageMeta(
        local_time=as_datetime(item.received_at, zone).strftime("%Y-%m-%dT%H:%M"),
        zone=zone.key,
        platform=item.platform,
        audience=audience,
        speaker=item.speaker,
        unreadable=item.unreadable,
        edited=item.earlier is not None,
    )
    return NewMessage(
        new_message_id(),
        role,
        item.parts,
        item.received_at,
        author=item.identity,
        meta=meta if role is Role.USER else None,
        otid=item.otid,
    )
