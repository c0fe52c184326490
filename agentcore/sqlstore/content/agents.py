"""Making agents, and changing what one is, within a transaction that raises its version."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from agentcore.clock import Micros
from agentcore.records import (
    Agent,
    AgentChange,
    AgentDraft,
    AgentId,
    AgentSeed,
    AgentView,
    Block,
    EditActor,
    new_agent_id,
)
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.content.blocks import add_blocks
from agentcore.sqlstore.content.heads import limits_of
from agentcore.sqlstore.queues.buckets import bucket_of

_NOTHING: Mapping[str, object] = MappingProxyType({})


def add_agent(
    connection: Connection,
    seed: AgentSeed,
    now: Micros,
    *,
    owner_address: str | None = None,
    besides: Mapping[str, object] = _NOTHING,
    agent_id: AgentId | None = None,
) -> AgentId:
    """An agent with its blocks, each with its first revision, and its lease row. `besides`: columns
    that no template sets. `agent_id`: one that no agent has.
    """
    agent_id = agent_id or new_agent_id()
    connection.execute(
        sa.insert(t.agent),
        {
            "agent_id": agent_id,
            "owner_kind": seed.owner_kind,
            "owner_address": owner_address,
            **_values(seed),
            "model": seed.model,
            "metadata": {},
            "created_at": now,
            "updated_at": now,
            **besides,
        },
    )
    connection.execute(
        sa.insert(t.agent_lease).values(agent_id=agent_id, bucket=bucket_of(agent_id))
    )
    by = EditActor.API if seed.owner_kind == "api" else EditActor.TEMPLATE
    add_blocks(connection, seed.blocks, agent_id=agent_id, now=now, by=by)
    return agent_id


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


def made_of(draft: AgentDraft, agent_id: AgentId, tags: tuple[str, ...], now: Micros) -> AgentView:
    """What a draft has become, where it holds nothing that was there before."""
    seed = draft.seed
    agent = Agent(
        agent_id=agent_id,
        owner_kind=seed.owner_kind,
        name=seed.name,
        template=seed.template,
        system=seed.system,
        tools=seed.tools,
        model=seed.model,
        limits=limits_of(seed.limits),
        created_at=now,
        updated_at=now,
        context_window=seed.context_window,
        metadata=draft.metadata,
        description=draft.description,
        time_zone=draft.time_zone,
        hidden=draft.hidden,
        extras=draft.extras,
    )
    blocks = tuple(replace(block, owner=agent_id) for block in seed.blocks)
    return AgentView(agent, blocks, tags, (), ())
