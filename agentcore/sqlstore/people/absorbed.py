"""One life of several agents: those that an agent has taken in, by linking, and all that they had.

Nothing of an absorbed agent is moved: whatever reads an agent's history or archive reads that of
all its lives. Only the memory blocks are one agent's: those of the agent that stays.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from agentcore.records import AgentId, UserId
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.engine.types import PublicId

_AGENT = PublicId("agent")


def lives(connection: Connection, agent_id: AgentId) -> Sequence[AgentId]:
    """The agent first, then all that it has taken in, whether itself or through another, in the
    order in which they came to it.
    """
    return connection.execute(_lives(), {"of_agent": agent_id}).scalars().all()


@cache
def _lives() -> sa.Select[Any]:
    absorbed = t.agent_absorbed
    life = (
        sa.select(
            sa.bindparam("of_agent", type_=_AGENT).label("agent_id"),
            sa.literal(0, sa.Integer).label("depth"),
            sa.cast(sa.literal(0), sa.BigInteger).label("since"),
        )
    ).cte("life", recursive=True)
    life = life.union(
        sa.select(absorbed.c.absorbed_id, life.c.depth + 1, absorbed.c.created_at).join(
            life, absorbed.c.agent_id == life.c.agent_id
        )
    )
    return sa.select(life.c.agent_id).order_by(life.c.depth, life.c.since, life.c.agent_id)


def answering(connection: Connection, agent_id: AgentId) -> AgentId:
    """The agent that answers in this one's place: itself, unless another has taken it in."""
    absorbed, found = t.agent_absorbed, agent_id
    while (
        taker := connection.execute(
            sa.select(absorbed.c.agent_id).where(absorbed.c.absorbed_id == found)
        ).scalar()
    ) is not None:
        found = AgentId(taker)
    return found


def is_absorbed(agent_id: sa.ColumnElement[AgentId]) -> sa.ColumnElement[bool]:
    """Whether another agent has taken it in: part of a statement."""
    return sa.exists().where(t.agent_absorbed.c.absorbed_id == agent_id)


def joined_to(connection: Connection, user_id: UserId) -> UserId | None:
    """The user that this one turned out to be, who has all that was theirs; None for all others."""
    link = t.link
    return connection.execute(
        sa.select(link.c.user_id).where(link.c.absorbed_user == user_id, link.c.user_id != user_id)
    ).scalar()


def is_joined(user_id: sa.ColumnElement[UserId]) -> sa.ColumnElement[bool]:
    """Whether it is another user's row by now: part of a statement."""
    return sa.exists().where(t.link.c.absorbed_user == user_id)


def users_of(connection: Connection, user_id: UserId) -> Sequence[UserId]:
    """The user first, then those who turned out to be the same person."""
    link = t.link
    person = sa.select(sa.literal(user_id, PublicId("user")).label("user_id")).cte(
        "person", recursive=True
    )
    person = person.union(
        sa.select(link.c.absorbed_user).join(person, link.c.user_id == person.c.user_id)
    )
    found = connection.execute(sa.select(person.c.user_id)).scalars()
    return [user_id, *sorted(UserId(each) for each in set(found) - {user_id})]
