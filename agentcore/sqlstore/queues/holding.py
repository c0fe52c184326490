"""Holding agents: as long as somebody holds an agent's lease row, nothing is accepted, committed or
forgotten for it, and nobody else takes the next of its numbers. Its version is raised here, too.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from agentcore.records import AgentId
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.engine.database import lock_row, waits_for_rows


def hold(connection: Connection, *agents: AgentId) -> None:
    """Hold these agents until the transaction's end."""
    if not waits_for_rows(connection):
        return
    lease = t.agent_lease
    mine = sa.select(lease.c.fence).where(lease.c.agent_id.in_(agents))
    lock_row(connection, mine.order_by(lease.c.agent_id))


def raise_version(connection: Connection, *agents: AgentId) -> None:
    """What turns keep of these agents is out of date. Holds them, too."""
    lease = t.agent_lease
    connection.execute(
        sa.update(lease).where(lease.c.agent_id.in_(agents)).values(version=lease.c.version + 1)
    )
