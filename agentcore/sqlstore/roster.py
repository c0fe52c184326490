"""`Agents` over a `Database`: making agents one by one, and finding them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from agentcore.clock import Clock, Micros
from agentcore.records import (
    Actor,
    AgentDraft,
    AgentId,
    AgentQuery,
    AgentView,
    Block,
)
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.agents import add_agent
from agentcore.sqlstore.blocks import ATTACHED, BLOCK_COLUMNS, block_of
from agentcore.sqlstore.database import Database
from agentcore.sqlstore.heads import agent_of, no_agent, select_agents
from agentcore.sqlstore.identities import attach_all


class SqlAgents:
    """`Agents` over any `Database`."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def create(self, draft: AgentDraft) -> AgentView:
        return await self._database.write(partial(create, draft=draft, now=self._clock.now()))

    async def view(self, agent_id: AgentId, actor: Actor, *, messages: bool = False) -> AgentView:
        query = AgentQuery(limit=1, only=agent_id)
        found = await self._database.read(partial(read_views, query=query))
        if not found:
            raise no_agent(agent_id)
        return found[0]

    async def list(self, query: AgentQuery, actor: Actor) -> Sequence[AgentView]:
        return await self._database.read(partial(read_views, query=query))


def create(connection: Connection, draft: AgentDraft, now: Micros) -> AgentView:
    """See `Agents.create`."""
    besides = {
        "metadata": dict(draft.metadata),
        "description": draft.description,
        "time_zone": draft.time_zone,
        "hidden": draft.hidden,
        "extras": dict(draft.extras),
    }
    agent_id = add_agent(connection, draft.seed, now, besides=besides)
    if draft.tags:
        rows = [{"agent_id": agent_id, "tag": tag} for tag in dict.fromkeys(draft.tags)]
        connection.execute(sa.insert(t.agent_tag), rows)
    attach_all(connection, agent_id, draft.identities, Actor("api"), now)
    (view,) = read_views(connection, AgentQuery(limit=1, only=agent_id))
    return view


def read_views(connection: Connection, query: AgentQuery) -> tuple[AgentView, ...]:
    """See `Agents.list`."""
    rows = connection.execute(_found(query)).mappings()
    agents = [agent_of(dict(row)) for row in rows]
    ids = [agent.agent_id for agent in agents]
    blocks, tags = _blocks(connection, ids), _tags(connection, ids)
    return tuple(
        AgentView(agent, tuple(blocks[agent.agent_id]), tuple(tags[agent.agent_id]))
        for agent in agents
    )


def _found(query: AgentQuery) -> sa.Select[Any]:
    agent = t.agent
    found = select_agents().where(agent.c.deleted_at.is_(None)).limit(query.limit)
    if query.only is not None:
        return found.where(agent.c.agent_id == query.only)
    by = agent.c[query.by]
    order = (by, agent.c.agent_id) if query.ascending else (by.desc(), agent.c.agent_id.desc())
    return found.order_by(*order)


def _blocks(connection: Connection, ids: Sequence[AgentId]) -> Mapping[AgentId, list[Block]]:
    held = t.agent_block
    rows = connection.execute(
        sa.select(held.c.agent_id, *BLOCK_COLUMNS)
        .select_from(ATTACHED)
        .where(held.c.agent_id.in_(ids))
        .order_by(held.c.position, held.c.label)
    )
    blocks: defaultdict[AgentId, list[Block]] = defaultdict(list)
    for row in rows:
        blocks[row.agent_id].append(block_of(row))
    return blocks


def _tags(connection: Connection, ids: Sequence[AgentId]) -> Mapping[AgentId, list[str]]:
    tag = t.agent_tag
    rows = connection.execute(sa.select(tag).where(tag.c.agent_id.in_(ids)).order_by(tag.c.tag))
    tags: defaultdict[AgentId, list[str]] = defaultdict(list)
    for row in rows:
        tags[row.agent_id].append(row.tag)
    return tags
