"""`Agents` over a `Database`: agents made, found, changed and deleted one by one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from agentcore.clock import Clock, Micros
from agentcore.records import (
    SHARED_OWNER,
    UNSET,
    Actor,
    Agent,
    AgentDraft,
    AgentId,
    AgentPatch,
    AgentQuery,
    AgentView,
    IdentityId,
)
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.api.beginnings import begin_thread
from agentcore.sqlstore.api.binding import attach, detach
from agentcore.sqlstore.api.found_agents import read_view, read_views
from agentcore.sqlstore.api.shelf import merged
from agentcore.sqlstore.content.agents import add_agent, made_of
from agentcore.sqlstore.content.attaching import (
    attach_all,
    detach_all,
    is_gone,
    renew_heads,
)
from agentcore.sqlstore.content.heads import HeadCache, no_agent
from agentcore.sqlstore.engine.database import Database
from agentcore.sqlstore.engine.types import is_public_id
from agentcore.sqlstore.erasing.deleting import cut_off_agent
from agentcore.sqlstore.erasing.erasure import clear
from agentcore.sqlstore.people.looks import Looks
from agentcore.sqlstore.queues.holding import hold, raise_version
from agentcore.store.agents import SERVICE


class SqlAgents:
    """`Agents` over any `Database`."""

    def __init__(self, database: Database, clock: Clock, heads: HeadCache, looks: Looks) -> None:
        self._database = database
        self._clock = clock
        self._heads = heads
        self._looks = looks

    async def create(self, draft: AgentDraft, by: Actor = SERVICE) -> AgentView:
        now = self._clock.now()
        return await self._database.write(partial(create, draft=draft, by=by, now=now))

    async def view(self, agent_id: AgentId, actor: Actor, *, messages: bool = False) -> AgentView:
        _require_id(agent_id)
        view = await self._database.read(partial(read_view, agent_id=agent_id, messages=messages))
        await self._looks.note(actor, "read blocks", agent_id)
        return view

    async def list(self, query: AgentQuery, actor: Actor) -> Sequence[AgentView]:
        found = await self._database.read(partial(read_views, query=query))
        await self._looks.note(actor, "list agents", *(view.agent.agent_id for view in found))
        return found

    async def count(self) -> int:
        return await self._database.read(_count)

    async def tags(self) -> Sequence[str]:
        return await self._database.read(_tags)

    async def update(self, agent_id: AgentId, patch: AgentPatch, actor: Actor) -> AgentView:
        _require_id(agent_id)
        await self._looks.note(actor, "change agent", agent_id)
        now = self._clock.now()
        return await self._database.write(
            partial(update, agent_id=agent_id, patch=patch, by=actor, now=now)
        )

    async def delete(self, agent_id: AgentId, by: Actor) -> None:
        _require_id(agent_id)
        begun = await self._database.write(
            partial(cut_off_agent, agent_id=agent_id, by=by, now=self._clock.now())
        )
        self._heads.forget(begun.agents)
        while not await self._database.write(partial(clear, erasure_id=begun.erasure_id)):
            pass


def _require_id(agent_id: AgentId) -> None:
    if not is_public_id(agent_id, "agent"):
        raise no_agent(agent_id)


def create(connection: Connection, draft: AgentDraft, by: Actor, now: Micros) -> AgentView:
    """See `Agents.create`."""
    besides = {
        "metadata": dict(draft.metadata),
        "description": draft.description,
        "time_zone": draft.time_zone,
        "hidden": draft.hidden,
        "extras": dict(draft.extras),
    }
    agent_id = add_agent(connection, draft.seed, now, besides=besides)
    tags = _set_tags(connection, agent_id, draft.tags)
    if draft.block_ids:
        attach_all(connection, agent_id, draft.block_ids)
    for identity_id in draft.identities:
        attach(connection, agent_id, identity_id, by, now)
    if draft.messages:
        begin_thread(connection, agent_id, draft.messages, now)
    shared = any(block.owner == SHARED_OWNER for block in draft.seed.blocks)
    if shared or draft.block_ids or draft.identities or draft.messages:
        return read_view(connection, agent_id, messages=True)
    return made_of(draft, agent_id, tags, now)


def update(
    connection: Connection, agent_id: AgentId, patch: AgentPatch, by: Actor, now: Micros
) -> AgentView:
    """See `Agents.update`."""
    before = read_view(connection, agent_id)
    if patch.identities is not UNSET:  # first, since it locks the people before their agents
        _answer_only(connection, before, patch.identities, by, now)
    hold(connection, agent_id)
    values = _columns(before.agent, patch)
    connection.execute(
        sa.update(t.agent).where(t.agent.c.agent_id == agent_id).values(**values, updated_at=now)
    )
    if patch.tags is not UNSET:
        connection.execute(sa.delete(t.agent_tag).where(t.agent_tag.c.agent_id == agent_id))
        _set_tags(connection, agent_id, patch.tags)
    renewed = patch.system is not UNSET and patch.system != before.agent.system
    if patch.block_ids is not UNSET:
        held = {block.block_id for block in before.blocks}
        renewed |= detach_all(connection, agent_id, held.difference(patch.block_ids))
        renewed |= attach_all(connection, agent_id, patch.block_ids)
    if renewed:
        renew_heads(connection, agent_id)
    else:
        raise_version(connection, agent_id)
    return read_view(connection, agent_id, messages=True)


def _columns(agent: Agent, patch: AgentPatch) -> Mapping[str, object]:
    names = ("name", "system", "model", "context_window", "description", "time_zone", "hidden")
    values = {name: value for name in names if (value := getattr(patch, name)) is not UNSET}
    if patch.tools is not UNSET:
        values["tools"] = list(patch.tools)
    if patch.metadata is not UNSET:
        values["metadata"] = dict(patch.metadata)
    if patch.extras:
        values["extras"] = merged(agent.extras, patch.extras)
    return values


def _answer_only(
    connection: Connection,
    view: AgentView,
    identities: Sequence[IdentityId],
    by: Actor,
    now: Micros,
) -> None:
    agent_id, before = view.agent.agent_id, view.identities
    for identity_id in before:
        if identity_id not in identities:
            detach(connection, agent_id, identity_id, by, now)
    for identity_id in identities:
        if identity_id not in before:
            attach(connection, agent_id, identity_id, by, now)


def _set_tags(connection: Connection, agent_id: AgentId, tags: Sequence[str]) -> tuple[str, ...]:
    rows = [{"agent_id": agent_id, "tag": tag} for tag in sorted(set(tags))]
    if rows:
        connection.execute(sa.insert(t.agent_tag), rows)
    return tuple(row["tag"] for row in rows)


def _count(connection: Connection) -> int:
    there = sa.select(sa.func.count()).where(t.agent.c.deleted_at.is_(None))
    return int(connection.execute(there).scalar_one())


def _tags(connection: Connection) -> Sequence[str]:
    tag, agent_id = t.agent_tag.c.tag, t.agent_tag.c.agent_id
    found = sa.select(tag).where(~is_gone(agent_id)).distinct().order_by(tag)
    return list(connection.execute(found).scalars())
