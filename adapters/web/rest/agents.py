"""The routes of agents."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from adapters.web.rest.agent_bodies import NewAgent, NewBlock
from adapters.web.rest.agent_views import agent_view
from adapters.web.rest.answers import answer
from adapters.web.rest.backend import Backend
from adapters.web.rest.callers import AdminHere, CallerHere
from adapters.web.rest.ids import AgentIdHere
from adapters.web.rest.paging import PageHere
from agentcore.records import (
    AgentDraft,
    AgentId,
    AgentQuery,
    AgentSeed,
    AgentView,
    Block,
    new_block_id,
)

BASE_TOOLS = ("conversation_search", "memory_insert", "memory_replace")


def router(backend: Backend) -> APIRouter:
    routes = APIRouter(prefix="/agents", tags=["agents"])
    agents = backend.store.agents

    async def shown(view: AgentView) -> Response:
        custom = await backend.store.custom_tools.named(view.agent.tools)
        return answer(agent_view(view, backend.offers, custom))

    @routes.post("")
    async def create(body: NewAgent, _caller: AdminHere) -> Response:
        return await shown(await agents.create(_draft(body), _caller.actor))

    @routes.get("")
    async def list_agents(caller: CallerHere, page: PageHere) -> Response:
        query = AgentQuery(limit=page.limit, ascending=page.ascending, only=caller.agent)
        found = await agents.list(query, caller.actor)
        return answer([agent_view(view, backend.offers) for view in found])

    @routes.get("/{agent_id}")
    async def retrieve(agent_id: AgentIdHere, caller: CallerHere) -> Response:
        caller.require_agent(agent_id)
        return await shown(await agents.view(AgentId(agent_id), caller.actor))

    return routes


def _draft(body: NewAgent) -> AgentDraft:
    named = tuple(body.tools or ())
    base = BASE_TOOLS if body.include_base_tools else ()
    seed = AgentSeed(
        owner_kind="api",
        name=body.name or "agent",
        template="",
        system=body.system or "",
        tools=tuple(dict.fromkeys((*base, *named))),
        blocks=tuple(_block(each) for each in body.memory_blocks or ()),
        model=body.model,
    )
    return AgentDraft(
        seed,
        tags=tuple(body.tags or ()),
        description=body.description,
        metadata=body.metadata or {},
    )


def _block(body: NewBlock) -> Block:
    return Block(
        block_id=new_block_id(),
        owner=AgentId(""),
        label=body.label,
        value=body.value,
        limit=body.limit,
        description=body.description or "",
        read_only=body.read_only,
        metadata=body.metadata or {},
        tags=tuple(body.tags or ()),
    )
