"""Codes by which somebody shows on one platform who they are on another. Only their digests are
stored. A person has one; a newer one takes its place.
"""

from __future__ import annotations

import hashlib
import secrets
from typing import Literal

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from agentcore.clock import HOUR, MINUTE, Micros
from agentcore.records import Address, IdentityKey, UserId
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.engine.database import lock_row
from agentcore.sqlstore.people import tickets
from agentcore.sqlstore.people.access import CODE_LETTERS
from agentcore.sqlstore.people.tickets import Ticket
from agentcore.store.links import CODE_LENGTH

KIND = "link"
GUESSES = "link_guesses"
LASTS = 10 * MINUTE
MOST_GUESSES = 5
"""Wrong codes that one person may bring in an hour."""

CodeState = Literal["fresh", "used", "expired", "unknown"]


def new_code(connection: Connection, user_id: UserId, address: Address, now: Micros) -> str:
    """A code for this person, who asks for it at this address."""
    withdraw(connection, user_id)
    code = "".join(secrets.choice(CODE_LETTERS) for _ in range(CODE_LENGTH))
    ticket = Ticket(_id(code), KIND, {}, now, Micros(now + LASTS), None, user_id, address)
    tickets.keep(connection, ticket)
    return code


def withdraw(connection: Connection, user_id: UserId) -> None:
    """No code of theirs is good any more, nor is what one has shown."""
    connection.execute(
        sa.delete(t.ticket).where(t.ticket.c.user_id == user_id, t.ticket.c.kind == KIND)
    )


def look_up_code(
    connection: Connection, code: str, user_id: UserId | None, now: Micros
) -> tuple[CodeState, UserId | None]:
    """What a code is good for, and whose it is. Whoever has brought it may bring it again."""
    ticket = t.ticket
    query = sa.select(
        ticket.c.user_id, ticket.c.used_at, ticket.c.expires_at, ticket.c.payload
    ).where(ticket.c.ticket_id == _id(code), ticket.c.kind == KIND)
    lock_row(connection, query)
    row = connection.execute(query).one_or_none()
    if row is None:
        return "unknown", None
    if row.used_at is not None and (user_id is None or row.payload.get("by") != user_id):
        return "used", row.user_id
    return ("expired" if row.expires_at <= now else "fresh"), row.user_id


def mark_used(connection: Connection, code: str, by: UserId, now: Micros) -> bool:
    """Nobody else can bring it. Returns whether it was brought for the first time."""
    used = connection.execute(
        sa.update(t.ticket)
        .where(t.ticket.c.ticket_id == _id(code), t.ticket.c.used_at.is_(None))
        .values(used_at=now, payload={"by": by})
    )
    return used.rowcount == 1


def was_brought(connection: Connection, giver: UserId, by: UserId) -> bool:
    """Whether somebody has brought the code that a person was given last."""
    payload = connection.execute(
        sa.select(t.ticket.c.payload).where(t.ticket.c.user_id == giver, t.ticket.c.kind == KIND)
    ).scalar()
    return payload is not None and payload.get("by") == by


def too_many_guesses(connection: Connection, key: IdentityKey, now: Micros) -> bool:
    ticket = tickets.read(connection, _guesses(key))
    return ticket is not None and ticket.good_at(now) and ticket.payload["wrong"] >= MOST_GUESSES


def count_guess(connection: Connection, key: IdentityKey, address: Address, now: Micros) -> None:
    """One more wrong code of theirs in this hour."""
    ticket_id = _guesses(key)
    found = tickets.read(connection, ticket_id)
    counting = found is not None and found.good_at(now)
    wrong = int(found.payload["wrong"]) if found is not None and counting else 0
    until = found.expires_at if found is not None and counting else Micros(now + HOUR)
    kept = Ticket(ticket_id, GUESSES, {"wrong": wrong + 1}, now, until, address=address)
    tickets.keep(connection, kept)


def _id(code: str) -> str:
    return f"{KIND}:{hashlib.sha256(code.encode()).hexdigest()[:32]}"


def _guesses(key: IdentityKey) -> str:
    who = "\0".join((key.platform, key.account, key.external_id))
    return f"{GUESSES}:{hashlib.sha256(who.encode()).hexdigest()[:32]}"
