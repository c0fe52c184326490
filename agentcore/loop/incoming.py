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
    Role,
    new_message_id,
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
    """One message for each row, stamped with what its metadata line will always say."""
    return tuple(_message(item, zone, audience) for item in claim.items)


def _message(item: InboxItem, zone: ZoneInfo, audience: Audience) -> NewMessage:
    role = Role.NOTE if item.kind == "timer" else Role.USER
    meta = MessageMeta(
        local_time=as_datetime(item.received_at, zone).strftime("%Y-%m-%dT%H:%M"),
        zone=zone.key,
        platform=item.platform,
        audience=audience,
        speaker=item.speaker,
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
