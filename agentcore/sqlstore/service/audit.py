"""Who did what to an agent that isn't theirs."""

from __future__ import annotations

import secrets

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from agentcore.clock import Micros
from agentcore.records import Actor, AgentId
from agentcore.sqlstore import tables as t


def write_audit(
    connection: Connection, actor: Actor, action: str, agent_id: AgentId, now: Micros
) -> None:
    connection.execute(
        sa.insert(t.audit).values(
            audit_id=secrets.token_hex(16),
            agent_id=agent_id,
            actor_kind=actor.kind,
            actor=actor.name,
            action=action,
            detail={},
            created_at=now,
        )
    )
