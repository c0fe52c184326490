"""Changing what an agent is, within a transaction that raises its version."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from agentcore.clock import Micros
from agentcore.records import AgentChange, AgentId, AgentSeed, Block
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.blocks import add_blocks


def change_agent(
    connection: Connection, agent_id: AgentId, change: AgentChange, *, now: Micros
) -> None:
    """Write the change. Blocks that the seed has and the agent hasn't are attached behind its own;
    none is altered or taken away.
    """
    values: dict[str, object] = {"model": change.model, "updated_at": now}
    if change.seed is not None:
        values |= _values(change.seed)
        attach_missing(connection, agent_id, change.seed.blocks, now)
    connection.execute(sa.update(t.agent).where(t.agent.c.agent_id == agent_id).values(**values))


def _values(seed: AgentSeed) -> dict[str, object]:
    return {
        "name": seed.name,
        "template": seed.template,
        "system": seed.system,
        "tools": list(seed.tools),
        "context_window": seed.context_window,
        "limits": dict(seed.limits),
    }


def attach_missing(
    connection: Connection, agent_id: AgentId, blocks: Sequence[Block], now: Micros
) -> None:
    """Attach those that the agent has no block for, behind its own."""
    held = t.agent_block
    labels = connection.execute(
        sa.select(held.c.label, held.c.position).where(held.c.agent_id == agent_id)
    ).all()
    there = {row.label for row in labels}
    missing = [block for block in blocks if block.label not in there]
    after = max((row.position for row in labels), default=-1) + 1
    add_blocks(connection, missing, agent_id=agent_id, now=now, after=after)
