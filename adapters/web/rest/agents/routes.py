"""The routes of agents, and of their tags."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from adapters.web.rest.agents.bodies import AgentChanges, NewAgent
from adapters.web.rest.agents.filters import AgentFilters, TagFilters
from adapters.web.rest.agents.making import AgentMaking
from adapters.web.rest.agents.showing import AgentShowing
from adapters.web.rest.http.answers import answer
from adapters.web.rest.http.dialect import LegacyHere
from adapters.web.rest.http.ids import AgentIdHere
from adapters.web.rest.http.paging import PageHere
from adapters.web.rest.seams.backend import Backend
from adapters.web.rest.seams.callers import AdminHere, Caller, CallerHere
from agentcore.records import AgentId, AgentView

Wanted = Annotated[list[Annotated[str, Query(max_length=100)]] | None, Query(max_length=50)]


SECRETS = "agent.secrets"


def _for(caller: Caller, include: Sequence[str] | None) -> Sequence[str]:
    """What of it a caller may see: secrets are an administrator's."""
    return [each for each in include or () if each != SECRETS or caller.agent is None]


def router(backend: Backend) -> APIRouter:
    routes = APIRouter(prefix="/v1", tags=["agents"])
    showing = AgentShowing(backend)
    _add_listing(routes, backend, showing)
    _add_single(routes, backend, showing)
    return routes


def _add_listing(routes: APIRouter, backend: Backend, showing: AgentShowing) -> None:
    agents, keys = backend.store.agents, backend.identity_keys

    @routes.get("/agents")
    async def list_agents(
        caller: CallerHere, page: PageHere, wanted: Annotated[AgentFilters, Query()]
    ) -> Response:
        """An administrator's token lists all, any other its own agent."""
        found = await agents.list(wanted.query(page, keys, only=caller.agent), caller.actor)
        return answer(await showing.views(found, _for(caller, wanted.include)))

    @routes.get("/agents/count")
    async def count(caller: CallerHere) -> Response:
        return answer(await agents.count() if caller.agent is None else 1)

    @routes.get("/tags")
    async def list_tags(_caller: AdminHere, wanted: Annotated[TagFilters, Query()]) -> Response:
        """All tags that agents have, by name."""
        return answer(wanted.page(await agents.tags()))


def _add_single(routes: APIRouter, backend: Backend, showing: AgentShowing) -> None:
    agents = backend.store.agents
    making = AgentMaking(backend.offers, backend.store.custom_tools)

    async def shown(view: AgentView, include: Sequence[str] = ()) -> Response:
        return answer(await showing.view(view, include))

    @routes.post("/agents")
    async def create(body: NewAgent, caller: AdminHere) -> Response:
        draft = await making.draft(body, backend.clock.now())
        return await shown(await agents.create(draft, caller.actor))

    @routes.get("/agents/{agent_id}")
    async def retrieve(
        agent_id: AgentIdHere, caller: CallerHere, legacy: LegacyHere, include: Wanted = None
    ) -> Response:
        """`include`: `agent.identities` and, for an administrator, `agent.secrets`. All else is always
        there.
        """
        caller.require_agent(agent_id)
        view = await agents.view(AgentId(agent_id), caller.actor, messages=True)
        wanted = [SECRETS] if legacy and include is None else include
        return await shown(view, _for(caller, wanted))

    @routes.patch("/agents/{agent_id}")
    async def update(agent_id: AgentIdHere, body: AgentChanges, caller: AdminHere) -> Response:
        patch = await making.patch(body)
        return await shown(await agents.update(AgentId(agent_id), patch, caller.actor))

    @routes.delete("/agents/{agent_id}")
    async def delete(agent_id: AgentIdHere, caller: AdminHere) -> Response:
        """The agent with its memory, its messages and its archive. People stay."""
        await agents.delete(AgentId(agent_id), caller.actor)
        return answer({"message": f"Agent id={agent_id} successfully deleted"})
