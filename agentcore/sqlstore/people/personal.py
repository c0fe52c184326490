"""What a person may know of their own account: what they used, and who looked at their agent."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from agentcore.clock import Micros, day_of
from agentcore.records import AgentId, AuditEntry, Role, UsageView, UserId
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.people.absorbed import lives, users_of


def read_usage(
    connection: Connection, agent_id: AgentId, user_id: UserId, *, since: Micros
) -> UsageView:
    """What a person said to an agent and to those it has absorbed, and what all their turns used, from
    a UTC midnight on.
    """
    usage, users = t.usage, users_of(connection, user_id)
    total = sa.func.coalesce(sa.func.sum(usage.c.prompt_tokens + usage.c.completion_tokens), 0)
    tokens, cost, unpriced = connection.execute(
        sa.select(
            total,
            sa.func.coalesce(sa.func.sum(usage.c.spent), 0),
            sa.func.coalesce(sa.func.sum(usage.c.unknown), 0),
        ).where(usage.c.scope == "user", usage.c.id.in_(users), usage.c.day >= day_of(since))
    ).one()
    messages = sum(
        _said_since(connection, life, user_id, since) for life in lives(connection, agent_id)
    )
    return UsageView(messages, int(tokens), int(cost), int(unpriced))


def _said_since(connection: Connection, agent_id: AgentId, user_id: UserId, since: Micros) -> int:
    message = t.message
    mine = sa.select(t.identity.c.identity_id).where(t.identity.c.user_id == user_id)
    query = sa.select(sa.func.count()).where(
        message.c.agent_id == agent_id,
        message.c.seq >= first_since(connection, agent_id, since),
        message.c.role == Role.USER,
        message.c.author_id.in_(mine),
    )
    return int(connection.execute(query).scalar_one())


def first_since(connection: Connection, agent_id: AgentId, since: Micros) -> int:
    """The first message from a moment on, found by halving: numbers rise with time, and there is
    no index by date. One behind the newest if there is none.
    """
    message = t.message
    after = (
        sa.select(message.c.seq, message.c.created_at)
        .where(message.c.agent_id == agent_id, message.c.seq >= sa.bindparam("from"))
        .order_by(message.c.seq)
        .limit(1)
    )
    newest = connection.execute(
        sa.select(t.agent_lease.c.message_seq).where(t.agent_lease.c.agent_id == agent_id)
    ).scalar_one()
    low, high = 1, int(newest) + 1
    while low < high:
        middle = (low + high) // 2
        row = connection.execute(after, {"from": middle}).one_or_none()
        if row is None or row.created_at >= since:
            high = middle
        else:
            low = int(row.seq) + 1
    return low


def read_audit(connection: Connection, agent_id: AgentId, *, limit: int) -> tuple[AuditEntry, ...]:
    """Who looked at an agent's content, or at that of one that it has absorbed, newest first."""
    audit = t.audit
    rows = connection.execute(
        sa.select(audit.c.created_at, audit.c.actor_kind, audit.c.actor, audit.c.action)
        .where(audit.c.agent_id.in_(lives(connection, agent_id)))
        .order_by(audit.c.created_at.desc())
        .limit(limit)
    )
    return tuple(AuditEntry(*row) for row in rows)
