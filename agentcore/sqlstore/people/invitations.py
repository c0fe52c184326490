"""Invitations: whoever has the token of one is let in with it, once. Only its digest is stored."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import replace

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from agentcore.clock import DAY, Micros
from agentcore.records import Admission, InvitationUse, Submission, UserId
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.engine.database import lock_row
from agentcore.sqlstore.people import tickets
from agentcore.sqlstore.people.access import PAIRING
from agentcore.sqlstore.people.senders import Known
from agentcore.sqlstore.people.tickets import Ticket

KIND = "invite"
HOLDS = 7 * DAY
COMMAND = "start"
"""What a deep link of a chat platform sends, with the token behind it."""


def new_invitation(connection: Connection, now: Micros) -> str:
    """See `Directory.invite`."""
    token = secrets.token_urlsafe(18)
    tickets.keep(connection, Ticket(_id(token), KIND, {}, now, Micros(now + HOLDS)))
    return token


def use_invitation(connection: Connection, token: str, now: Micros) -> InvitationUse:
    """See `Directory.use_invitation`."""
    found = _state(connection, token, now)
    if found == "fresh":
        _mark_used(connection, token, now)
    return found


def brought_along(
    connection: Connection, submission: Submission, admission: Admission, known: Known | None
) -> tuple[Admission, Known | None, bool]:
    """The limits and the sender as they are with the invitation that a stranger, or somebody who
    waits to be let in, has come with. Whether they have one: it isn't used yet.
    """
    access = admission.new_user_access if known is None else known.access
    asked = submission.command == COMMAND and submission.audience == "private" and submission.text
    if access != "pending" or not asked:
        return admission, known, False
    if _state(connection, submission.text, submission.received_at) != "fresh":
        return admission, known, False
    let_in = None if known is None else replace(known, access="admitted")
    return replace(admission, new_user_access="admitted"), let_in, True


def let_in(connection: Connection, submission: Submission, user_id: UserId) -> None:
    """The sender has used their invitation."""
    now = submission.received_at
    connection.execute(
        sa.update(t.user).where(t.user.c.user_id == user_id).values(access="admitted")
    )
    connection.execute(  # a code that they were given meanwhile is of no use any more
        sa.update(t.ticket)
        .where(t.ticket.c.user_id == user_id, t.ticket.c.kind == PAIRING)
        .values(used_at=now)
    )
    _mark_used(connection, submission.text, now, user_id)


def _id(token: str) -> str:
    return f"{KIND}:{hashlib.sha256(token.encode()).hexdigest()[:32]}"


def _state(connection: Connection, token: str, now: Micros) -> InvitationUse:
    """What the invitation is good for; nobody else uses it until the transaction's end."""
    query = sa.select(t.ticket.c.used_at, t.ticket.c.expires_at).where(
        t.ticket.c.ticket_id == _id(token), t.ticket.c.kind == KIND
    )
    lock_row(connection, query)
    row = connection.execute(query).one_or_none()
    if row is None or row.expires_at <= now:
        return "unknown"
    return "fresh" if row.used_at is None else "used"


def _mark_used(
    connection: Connection, token: str, now: Micros, user_id: UserId | None = None
) -> None:
    connection.execute(
        sa.update(t.ticket)
        .where(t.ticket.c.ticket_id == _id(token))
        .values(used_at=now, user_id=user_id)
    )
