"""The routes of the tools that one agent has. Giving them, taking them, and saying whether somebody
must agree first is an administrator's; looking is for whoever may see the agent.
"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Body, Path, Query
from starlette.responses import Response

from adapters.web.rest.agents.showing import AgentShowing
from adapters.web.rest.http.answers import answer
from adapters.web.rest.http.dialect import LegacyHere
from adapters.web.rest.http.ids import AgentIdHere, ToolIdHere
from adapters.web.rest.http.paging import PageHere
from adapters.web.rest.http.refusals import Invalid, NotOffered
from adapters.web.rest.seams.backend import Backend
from adapters.web.rest.seams.callers import AdminHere, Caller, CallerHere
from adapters.web.rest.tools.bodies import Approval, ToolArguments
from adapters.web.rest.tools.known import KnownTools
from adapters.web.rest.tools.routes import paged, printed, require_runner
from agentcore.errors import NotFound
from agentcore.records import Agent, AgentId
from agentcore.store.custom_tools import AgentTools
from agentcore.tools.code_tools import code_of

ToolNameHere = Annotated[str, Path(max_length=200)]


def router(backend: Backend) -> APIRouter:
    routes = APIRouter(prefix="/v1/agents/{agent_id}/tools", tags=["agent tools"])
    _add_having(routes, backend)
    _add_approval(routes, backend)
    _add_running(routes, backend)
    return routes


def _add_having(routes: APIRouter, backend: Backend) -> None:
    known = KnownTools(backend)

    @routes.get("")
    async def list_tools(agent_id: AgentIdHere, caller: CallerHere, page: PageHere) -> Response:
        agent = await _agent(backend, caller, agent_id)
        found = await known.named(agent.tools)
        return answer([each.view for each in paged(found, page)])

    @routes.patch("/attach/{tool_id}")
    async def attach(
        agent_id: AgentIdHere, tool_id: ToolIdHere, caller: AdminHere, legacy: LegacyHere
    ) -> Response:
        tool = await known.get(tool_id)
        await _tools(backend, caller, agent_id).attach(tool.name)
        return await _changed(backend, caller, agent_id, legacy=legacy)

    @routes.patch("/detach/{tool_id}")
    async def detach(
        agent_id: AgentIdHere, tool_id: ToolIdHere, caller: AdminHere, legacy: LegacyHere
    ) -> Response:
        tool = await known.get(tool_id)
        await _tools(backend, caller, agent_id).detach(tool.name)
        return await _changed(backend, caller, agent_id, legacy=legacy)


def _add_approval(routes: APIRouter, backend: Backend) -> None:
    @routes.patch("/approval/{tool_name}")
    async def update_approval(
        agent_id: AgentIdHere,
        tool_name: ToolNameHere,
        caller: AdminHere,
        legacy: LegacyHere,
        body: Annotated[Approval | None, Body()] = None,
        requires_approval: Annotated[bool | None, Query()] = None,
    ) -> Response:
        required = requires_approval if body is None else body.requires_approval
        if required is None:
            raise Invalid("Say `requires_approval`: true or false.")
        tools = _tools(backend, caller, agent_id)
        await tools.set_approval(tool_name, required=required)
        return await _changed(backend, caller, agent_id, legacy=legacy)


def _add_running(routes: APIRouter, backend: Backend) -> None:
    @routes.post("/{tool_name}/run")
    async def run(
        agent_id: AgentIdHere,
        tool_name: ToolNameHere,
        caller: AdminHere,
        body: Annotated[ToolArguments | None, Body()] = None,
    ) -> Response:
        agent = await _agent(backend, caller, agent_id)
        wanted = [name for name in agent.tools if name == tool_name]
        found = await KnownTools(backend).named(wanted)
        if not found:
            msg = f"Agent {agent_id} has no tool {tool_name}. Attach it first."
            raise NotFound(msg)
        if found[0].custom is None:
            raise NotOffered(
                "not offered by this server: calling its own tools outside a turn. Blocks and "
                "archival memory have routes of their own."
            )
        await require_runner(backend.code)
        given: dict[str, Any] = {} if body is None else body.args
        result = await backend.code.run(code_of(found[0].custom.draft, given, agent))
        return answer(
            {
                "status": result.status,
                "func_return": result.text,
                "stdout": printed(result.stdout),
                "stderr": printed(result.stderr),
                "agent_state": None,
                "sandbox_config_fingerprint": None,
            }
        )


async def _agent(backend: Backend, caller: Caller, agent_id: str) -> Agent:
    caller.require_agent(agent_id)
    view = await backend.store.agents.view(AgentId(agent_id.lower()), caller.actor)
    return view.agent


def _tools(backend: Backend, caller: Caller, agent_id: str) -> AgentTools:
    return backend.door(caller, agent_id.lower()).tools


async def _changed(backend: Backend, caller: Caller, agent_id: str, *, legacy: bool) -> Response:
    """What a change is answered with: nothing, or to older clients the agent."""
    if not legacy:
        return answer(None)
    view = await backend.store.agents.view(AgentId(agent_id.lower()), caller.actor)
    return answer(await AgentShowing(backend).view(view))
