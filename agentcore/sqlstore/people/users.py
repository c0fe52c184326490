"""Users as such: their rows, the agent that answers each, and where they come in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from agentcore.records import AgentId, UserId
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.engine.database import AnyRow, lock_row


def lock_users(connection: Connection, *users: UserId) -> Sequence[AnyRow]:
    """The rows of these users, which nobody else joins, parts or erases until the transaction's
    end. One that is gone is missing.
    """
    lock_row(connection, _users(users))
    return read_users(connection, *users)


def read_users(connection: Connection, *users: UserId) -> Sequence[AnyRow]:
    """The rows of these users, as they are. One that is gone is missing."""
    return connection.execute(_users(users)).all()


def _users(users: Sequence[UserId]) -> sa.Select[Any]:
    return sa.select(t.user).where(t.user.c.user_id.in_(users)).order_by(t.user.c.user_id)


def agent_of(connection: Connection, user_id: UserId) -> AgentId | None:
    """The agent that answers a user."""
    held = t.user_agent
    return connection.execute(
        sa.select(held.c.agent_id)
        .where(held.c.user_id == user_id, held.c.detached_at.is_(None))
        .order_by(held.c.attached_at.desc())
        .limit(1)
    ).scalar()


def comes_in(connection: Connection, user_id: UserId) -> bool:
    """Whether anybody comes in as this user: not as one who became one with another."""
    identity = t.identity
    query = sa.select(identity.c.identity_id).where(identity.c.user_id == user_id).limit(1)
    return connection.execute(query).scalar() is not None


def platforms_of(connection: Connection, user_id: UserId) -> tuple[str, ...]:
    identity = t.identity
    found = connection.execute(
        sa.select(identity.c.platform)
        .where(identity.c.user_id == user_id)
        .order_by(identity.c.created_at, identity.c.identity_id)
    ).scalars()
    return tuple(dict.fromkeys(found))


def hand_on(connection: Connection, goes: UserId, stays: UserId) -> None:
    """One user's agents are another's; where both have had one, it answers if it answered either."""
    held, twin = t.user_agent, t.user_agent.alias("twin")
    both = sa.exists().where(twin.c.user_id == stays, twin.c.agent_id == held.c.agent_id)
    doubled = connection.execute(
        sa.delete(held)
        .where(held.c.user_id == goes, both)
        .returning(held.c.agent_id, held.c.attached_at, held.c.detached_at)
    ).all()
    for row in doubled:
        if row.detached_at is None:
            connection.execute(
                sa.update(held)
                .where(held.c.user_id == stays, held.c.agent_id == row.agent_id)
                .values(attached_at=row.attached_at, detached_at=None)
            )
    connection.execute(sa.update(held).where(held.c.user_id == goes).values(user_id=stays))
