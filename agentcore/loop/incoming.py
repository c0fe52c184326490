"""From accepted inbox rows to the messages that a turn starts with."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from agentcore.clock import as_datetime
from agentcore.records import (
    Agent,
    Audience,
    Claim,
    GivenMessage,
    InboxItem,
    MessageMeta,
    NewMessage,
    Origin,
    Role,
    TextPart,
    new_message_id,
    storable,
)

QUOTED = 200
"""Characters of what a message was before: more than those by which it is known again when it is
forgotten.
"""
_EDITED = (
    "The next message is how an earlier one of the same sender reads now: they have edited it."
)

_ORIGINS = {"user": Origin.OWNER, "system": Origin.OPERATOR, "assistant": Origin.AGENT}


def zone_of(item: InboxItem, agent: Agent, default: ZoneInfo) -> ZoneInfo:
    """The person's time zone; for people who named none the agent's own, or else the service's."""
    name = item.time_zone or agent.time_zone
    if name is None:
        return default
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # a zone that this host's database doesn't have
        return default


def user_messages(claim: Claim, zone: ZoneInfo, audience: Audience) -> tuple[NewMessage, ...]:
    """One message for each row, stamped with what its metadata line will always say; before one
    that replaces another, a note of what that was. What a client of the API hands over comes as it
    was given.
    """
    found: list[NewMessage] = []
    for item in claim.items:
        if item.asked is not None:
            found += [_given(item, each, zone, audience) for each in item.asked.messages]
            continue
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


def _given(item: InboxItem, given: GivenMessage, zone: ZoneInfo, audience: Audience) -> NewMessage:
    """All bear how they came, whatever their role: so they are told from what the agent says."""
    origin = _ORIGINS[given.role]
    return NewMessage(
        new_message_id(),
        Role(given.role),
        tuple(TextPart(storable(part.text), origin) for part in given.parts),
        item.received_at,
        author=given.sender,
        meta=_meta(item, zone, audience, given.name),
        otid=given.otid,
    )


def _meta(item: InboxItem, zone: ZoneInfo, audience: Audience, speaker: str | None) -> MessageMeta:
    return MessageMeta(
        local_time=as_datetime(item.received_at, zone).strftime("%Y-%m-%dT%H:%M"),
        zone=zone.key,
        platform=item.platform,
        audience=audience,
        speaker=speaker,
        unreadable=item.unreadable,
        edited=item.earlier is not None,
    )


def _message(item: InboxItem, zone: ZoneInfo, audience: Audience) -> NewMessage:
    role = Role.NOTE if item.kind == "timer" else Role.USER
    meta = _meta(item, zone, audience, item.speaker)
    return NewMessage(
        new_message_id(),
        role,
        item.parts,
        item.received_at,
        author=item.identity,
        meta=meta if role is Role.USER else None,
        otid=item.otid,
    )
