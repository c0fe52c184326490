"""Who is writing, and which agent answers: looked up in one statement, made on first contact."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from agentcore.clock import DAY, HOUR, MINUTE, Micros
from agentcore.records import (
    AccessState,
    AgentId,
    ConsentState,
    IdentityId,
    IdentityKey,
    Standing,
    Submission,
    UserId,
    UserView,
    new_identity_id,
    new_user_id,
)
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.engine.database import AnyRow
from agentcore.sqlstore.engine.types import MICROS
from agentcore.sqlstore.people.preferences import cards_of


@dataclass(frozen=True, slots=True)
class Known:
    """Who a submission is from and for, as far as they exist, with what the caps need."""

    identity_id: IdentityId
    user_id: UserId
    access: AccessState
    language: str | None
    agent_id: AgentId | None
    thread: int | None
    pending: int
    pending_bytes: int
    recent: int
    today: int
    unreachable: bool
    consent: ConsentState
    consent_version: str | None = None
    version: int | None = None


_ADDRESS = sa.bindparam("at_address", type_=sa.Text)
_HOME = sa.bindparam("at_home", type_=sa.Text)


def is_identity(key: IdentityKey) -> sa.ColumnElement[bool]:
    """The row of `identity` that a platform's person has."""
    identity = t.identity
    return sa.and_(
        identity.c.platform == key.platform,
        identity.c.account == key.account,
        identity.c.external_id == key.external_id,
    )


def look_up(connection: Connection, submission: Submission) -> Known | None:
    """The sender's row and the agent that answers at this address; None for a stranger."""
    given = {
        "of_platform": submission.key.platform,
        "of_account": submission.key.account,
        "of_person": submission.key.external_id,
        "at_address": submission.address,
        "at_home": submission.chat,
        "since": submission.received_at - MINUTE,
        "midnight": submission.received_at // DAY * DAY,
    }
    row = connection.execute(_looking_up(to_the_chat=submission.to_the_chat), given).one_or_none()
    return None if row is None else _known(row)


@cache
def _looking_up(*, to_the_chat: bool) -> sa.Select[Any]:
    """The statement of `look_up`: building it costs more than running it."""
    answering = _chat_agent if to_the_chat else _own_agent
    agent_id = answering().label("answering")
    written = _written(agent_id)
    recent = written.where(t.inbox.c.received_at > sa.bindparam("since", type_=MICROS))
    today = written.where(
        t.inbox.c.received_at >= sa.bindparam("midnight", type_=MICROS),
        t.inbox.c.kind == "message",
    )
    return (
        sa.select(
            t.identity.c.identity_id,
            t.user.c.user_id,
            t.user.c.access,
            t.user.c.language,
            t.agent_lease.c.agent_id,
            t.thread.c.number,
            t.agent_lease.c.pending,
            t.agent_lease.c.pending_bytes,
            recent.scalar_subquery().label("recent"),
            today.scalar_subquery().label("today"),
            t.chat.c.state,
            t.user.c.consent,
            t.user.c.consent_version,
            t.agent_lease.c.version,
        )
        .select_from(t.identity)
        .join(t.user, t.user.c.user_id == t.identity.c.user_id)
        .outerjoin(t.agent_lease, t.agent_lease.c.agent_id == agent_id)
        .outerjoin(
            t.thread,
            sa.and_(
                t.thread.c.agent_id == t.agent_lease.c.agent_id,
                t.thread.c.address == _ADDRESS,
                t.thread.c.closed_at.is_(None),
            ),
        )
        .outerjoin(t.chat, t.chat.c.address == _HOME)
        .where(
            t.identity.c.platform == sa.bindparam("of_platform", type_=sa.Text),
            t.identity.c.account == sa.bindparam("of_account", type_=sa.Text),
            t.identity.c.external_id == sa.bindparam("of_person", type_=sa.Text),
        )
        .order_by(t.thread.c.number.desc())
        .limit(1)
    )


def _written(agent_id: sa.ColumnElement[Any]) -> sa.Select[Any]:
    """How much the sender has written to the agent, from wherever."""
    return (
        sa.select(sa.func.count())
        .where(
            t.inbox.c.agent_id == agent_id,
            t.inbox.c.user_id == t.identity.c.user_id,
        )
        .correlate(t.identity)
    )


def _known(row: AnyRow) -> Known:
    return Known(
        identity_id=row.identity_id,
        user_id=row.user_id,
        access=row.access,
        language=row.language,
        agent_id=row.agent_id,
        thread=row.number,
        pending=row.pending or 0,
        pending_bytes=row.pending_bytes or 0,
        recent=row.recent or 0,
        today=row.today or 0,
        unreachable=row.state == "unreachable",
        consent=row.consent,
        consent_version=row.consent_version,
        version=row.version,
    )


def _own_agent() -> sa.ScalarSelect[AgentId]:
    """The agent that was attached to the sender's user last."""
    return (
        sa.select(t.user_agent.c.agent_id)
        .where(t.user_agent.c.user_id == t.identity.c.user_id, t.user_agent.c.detached_at.is_(None))
        .order_by(t.user_agent.c.attached_at.desc())
        .limit(1)
        .correlate(t.identity)
        .scalar_subquery()
    )


def _chat_agent() -> sa.ScalarSelect[AgentId]:
    """The agent that belongs to the chat itself, whoever writes in it."""
    return (
        sa.select(t.agent.c.agent_id)
        .where(t.agent.c.owner_address == _HOME, t.agent.c.deleted_at.is_(None))
        .scalar_subquery()
    )


def read_user(connection: Connection, user_id: UserId, identity_id: IdentityId) -> UserView:
    """The user behind one of their identities."""
    user = t.user
    row = connection.execute(
        sa.select(
            user.c.language, user.c.time_zone, user.c.access, user.c.consent, user.c.preferences
        ).where(user.c.user_id == user_id)
    ).one()
    return UserView(
        user_id,
        identity_id,
        row.language,
        row.time_zone,
        row.access,
        row.consent,
        cards_of(row.preferences),
    )


def set_time_zone(connection: Connection, user_id: UserId, zone: str) -> None:
    """The user's own zone, by its IANA name, from the next claim on."""
    connection.execute(sa.update(t.user).where(t.user.c.user_id == user_id).values(time_zone=zone))


def read_standing(connection: Connection, key: IdentityKey) -> Standing | None:
    """See `Store.standing`."""
    given = {
        "of_platform": key.platform,
        "of_account": key.account,
        "of_person": key.external_id,
    }
    row = connection.execute(_reading_standing(), given).one_or_none()
    return None if row is None else Standing(**row._asdict())


@cache
def _reading_standing() -> sa.Select[Any]:
    return (
        sa.select(
            t.user.c.user_id,
            t.identity.c.identity_id,
            t.user.c.access,
            t.user.c.consent,
            t.user.c.language,
            t.user.c.time_zone,
            t.agent.c.agent_id,
            t.agent.c.template,
            t.agent.c.model,
        )
        .select_from(t.identity)
        .join(t.user, t.user.c.user_id == t.identity.c.user_id)
        .outerjoin(t.agent, t.agent.c.agent_id == _own_agent())
        .where(
            t.identity.c.platform == sa.bindparam("of_platform", type_=sa.Text),
            t.identity.c.account == sa.bindparam("of_account", type_=sa.Text),
            t.identity.c.external_id == sa.bindparam("of_person", type_=sa.Text),
        )
    )


def learn_language(connection: Connection, known: Known, submission: Submission) -> Known:
    """Some platforms tell the language of whoever taps, and not of whoever writes: the first that
    is told stays.
    """
    if known.language is not None or submission.language is None:
        return known
    connection.execute(
        sa.update(t.user)
        .where(t.user.c.user_id == known.user_id, t.user.c.language.is_(None))
        .values(language=submission.language)
    )
    return replace(known, language=submission.language)


def note_address(connection: Connection, known: Known, submission: Submission) -> None:
    """Where somebody who was first met in a group writes in private."""
    identity = t.identity
    if submission.audience == "private":
        connection.execute(
            sa.update(identity)
            .where(identity.c.identity_id == known.identity_id, identity.c.address.is_(None))
            .values(address=submission.chat)
        )


def newcomers(connection: Connection, submission: Submission) -> int:
    """Identities that this platform account made in the last hour."""
    query = sa.select(sa.func.count()).where(
        t.identity.c.platform == submission.key.platform,
        t.identity.c.account == submission.key.account,
        t.identity.c.created_at > submission.received_at - HOUR,
    )
    return int(connection.execute(query).scalar_one())


def add_person(connection: Connection, submission: Submission, access: AccessState) -> Known:
    """A stranger's first rows."""
    user_id, identity_id = new_user_id(), new_identity_id()
    connection.execute(
        sa.insert(t.user),
        {
            "user_id": user_id,
            "language": submission.language,
            "access": access,
            "consent": "new",
            "created_at": submission.received_at,
        },
    )
    connection.execute(
        sa.insert(t.identity),
        {
            "identity_id": identity_id,
            "platform": submission.key.platform,
            "account": submission.key.account,
            "external_id": submission.key.external_id,
            "user_id": user_id,
            "display_name": submission.display_name,
            "address": submission.chat if submission.audience == "private" else None,
            "created_at": submission.received_at,
        },
    )
    return Known(
        identity_id=identity_id,
        user_id=user_id,
        access=access,
        language=submission.language,
        agent_id=None,
        thread=None,
        pending=0,
        pending_bytes=0,
        recent=0,
        today=0,
        unreachable=False,
        consent="new",
    )


def attach_agent(connection: Connection, user_id: UserId, agent_id: AgentId, now: Micros) -> None:
    """From now on this agent answers the user."""
    connection.execute(
        sa.insert(t.user_agent).values(user_id=user_id, agent_id=agent_id, attached_at=now)
    )
