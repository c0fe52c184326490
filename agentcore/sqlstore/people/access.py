"""Who may talk to the service and what they have agreed to, as the operator and they decide."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from agentcore.clock import DAY, Micros
from agentcore.errors import NotFound
from agentcore.records import (
    AccessState,
    Address,
    ConsentState,
    NoticeDraft,
    PersonView,
    UserId,
)
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.engine.database import AnyRow
from agentcore.sqlstore.engine.types import is_public_id
from agentcore.sqlstore.people.absorbed import is_absorbed, is_joined, joined_to
from agentcore.sqlstore.queues.outgoing import Occasion, add_notices
from agentcore.store.gate import Composer

PAIRING = "pairing"
PAIRING_HOLDS = 7 * DAY
CODE_LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # none that looks like another


def pairing_code(connection: Connection, user_id: UserId, address: Address, now: Micros) -> str:
    """The code by which the operator lets this person in: the same for as long as it is good."""
    standing = connection.execute(
        sa.select(t.ticket.c.ticket_id).where(
            t.ticket.c.user_id == user_id,
            t.ticket.c.kind == PAIRING,
            t.ticket.c.expires_at > now,
            t.ticket.c.used_at.is_(None),
        )
    ).scalar()
    if standing is not None:
        return str(standing)
    code = "".join(secrets.choice(CODE_LETTERS) for _ in range(8))
    connection.execute(
        sa.insert(t.ticket),
        {
            "ticket_id": code,
            "kind": PAIRING,
            "user_id": user_id,
            "address": address,
            "payload": {},
            "created_at": now,
            "expires_at": now + PAIRING_HOLDS,
        },
    )
    return code


def set_consent(
    connection: Connection, user_id: UserId, consent: ConsentState, version: str, now: Micros
) -> None:
    """What a person has been told, or has said to it."""
    connection.execute(
        sa.update(t.user)
        .where(t.user.c.user_id == user_id)
        .values(consent=consent, consent_version=version, consent_at=now)
    )


def set_access(
    connection: Connection,
    who: str,
    access: AccessState,
    composer: Composer,
    *,
    by: str,
    now: Micros,
) -> PersonView:
    """Let somebody in or keep them out, by their id or their pairing code. A running turn of
    somebody who is blocked is asked to stop; whoever waited is told that they may write.

    Raises:
        NotFound: there is nobody of that id, and no such code that is still good.
    """
    user_id, address = _named(connection, who, now)
    before = connection.execute(
        sa.select(t.user.c.access).where(t.user.c.user_id == user_id)
    ).scalar_one()
    connection.execute(sa.update(t.user).where(t.user.c.user_id == user_id).values(access=access))
    connection.execute(
        sa.update(t.ticket)
        .where(t.ticket.c.user_id == user_id, t.ticket.c.kind == PAIRING)
        .values(used_at=now)
    )
    connection.execute(
        sa.insert(t.audit),
        {
            "audit_id": secrets.token_hex(16),
            "user_id": user_id,
            "actor_kind": "operator",
            "actor": by,
            "action": f"set access to {access}",
            "detail": {},
            "created_at": now,
        },
    )
    if access == "blocked":
        _cancel_turns(connection, user_id)
    if access == "admitted" and before == "pending" and address is not None:
        language = connection.execute(
            sa.select(t.user.c.language).where(t.user.c.user_id == user_id)
        ).scalar()
        allowed = NoticeDraft(address, "access.allowed")
        occasion = Occasion(user_id=user_id)
        add_notices(connection, [allowed], composer, language, now, occasion)
    return read_people(connection, now=now, user_id=user_id)[0]


def _named(connection: Connection, who: str, now: Micros) -> tuple[UserId, Address | None]:
    """The user of an id or a code, and where they asked to be let in."""
    ticket = t.ticket
    asked = (
        sa.select(ticket.c.user_id, ticket.c.address)
        .where(ticket.c.kind == PAIRING, ticket.c.expires_at > now)
        .order_by(ticket.c.created_at.desc())
        .limit(1)
    )
    if who.startswith("user-"):
        asked = asked.where(ticket.c.user_id == who)
        if (person := joined_to(connection, UserId(who))) is not None:
            raise joined(UserId(who), person)
        known = sa.select(t.identity.c.user_id).where(t.identity.c.user_id == who).limit(1)
        if connection.execute(known).scalar() is None:
            raise _no_user(who)
        row = connection.execute(asked).one_or_none()
        return UserId(who), None if row is None else row.address
    row = connection.execute(asked.where(ticket.c.ticket_id == who.strip().upper())).one_or_none()
    if row is None:
        msg = f"No code {who} is waiting. `familiar users list --waiting` shows those that are."
        raise NotFound(msg)
    if (person := joined_to(connection, row.user_id)) is not None:
        raise joined(row.user_id, person)
    return row.user_id, row.address


def joined(user_id: UserId, person: UserId) -> NotFound:
    """What is answered where a user is named who turned out to be another."""
    return NotFound(f"{user_id} was linked, and is {person} now: name that one.")


def _cancel_turns(connection: Connection, user_id: UserId) -> None:
    held = t.user_agent
    theirs = sa.select(held.c.agent_id).where(
        held.c.user_id == user_id, held.c.detached_at.is_(None)
    )
    connection.execute(
        sa.update(t.turn)
        .where(t.turn.c.agent_id.in_(theirs), t.turn.c.state == "running")
        .values(cancel_requested=True)
    )


def read_people(
    connection: Connection,
    *,
    now: Micros,
    user_id: UserId | None = None,
    waiting: bool = False,
    limit: int = 100,
) -> Sequence[PersonView]:
    """Newest first; with `waiting` only those who have a code to be let in by."""
    chosen = sa.select(t.user.c.user_id).order_by(t.user.c.created_at.desc()).limit(limit)
    if user_id is not None:
        chosen = chosen.where(t.user.c.user_id == user_id)
    else:
        chosen = chosen.where(~is_joined(t.user.c.user_id))
    if waiting:
        chosen = chosen.where(t.user.c.access == "pending", _code(now).is_not(None))
    rows = connection.execute(
        sa.select(
            t.user,
            t.identity.c.platform,
            t.identity.c.display_name,
            _last_seen().label("last_seen"),
            _code(now).label("code"),
        )
        .join(t.identity, t.identity.c.user_id == t.user.c.user_id)
        .where(t.user.c.user_id.in_(chosen))
        .order_by(t.user.c.created_at.desc(), t.user.c.user_id)
    ).all()
    groups = groupby(rows, key=lambda row: UserId(row.user_id))
    return tuple(_person(list(group)) for _, group in groups)


def _person(identities: Sequence[AnyRow]) -> PersonView:
    """One person, from the rows of their identities."""
    user = identities[0]
    seen = [row.last_seen for row in identities if row.last_seen is not None]
    return PersonView(
        user_id=user.user_id,
        names=tuple(f'{row.platform} "{row.display_name}"' for row in identities),
        access=user.access,
        consent=user.consent,
        language=user.language,
        created_at=user.created_at,
        last_seen=max(seen, default=None),
        code=user.code,
    )


def _last_seen() -> sa.ScalarSelect[Micros]:
    """When an identity wrote last, as far as that is still known."""
    return (
        sa.select(sa.func.max(t.inbox.c.received_at))
        .where(t.inbox.c.author_id == t.identity.c.identity_id)
        .correlate(t.identity)
        .scalar_subquery()
    )


def _code(now: Micros) -> sa.ScalarSelect[str]:
    """The code that a user waits with, while it is good."""
    return (
        sa.select(t.ticket.c.ticket_id)
        .where(
            t.ticket.c.user_id == t.user.c.user_id,
            t.ticket.c.kind == PAIRING,
            t.ticket.c.expires_at > now,
            t.ticket.c.used_at.is_(None),
        )
        .order_by(t.ticket.c.created_at.desc())
        .limit(1)
        .correlate(t.user)
        .scalar_subquery()
    )


def read_person(connection: Connection, *, user_id: UserId, now: Micros) -> PersonView:
    """Raises NotFound: there is no such user, or it is another's by now."""
    if not is_public_id(user_id, "user"):
        raise _no_user(user_id)
    if (person := joined_to(connection, user_id)) is not None:
        raise joined(user_id, person)
    if not (found := read_people(connection, now=now, user_id=user_id)):
        raise _no_user(user_id)
    held = t.user_agent
    agents = connection.execute(
        sa.select(held.c.agent_id)
        .where(held.c.user_id == user_id, held.c.detached_at.is_(None))
        .where(~is_absorbed(held.c.agent_id))
        .order_by(held.c.attached_at)
    )
    return replace(found[0], agents=tuple(agents.scalars()))


def _no_user(who: str) -> NotFound:
    return NotFound(f"There is no user {who}. `familiar users list` shows them.")
