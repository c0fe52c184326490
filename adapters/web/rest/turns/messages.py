"""The routes of an agent's messages: saying something to it, and what was said."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Body, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from adapters.web.rest.http.answers import answer
from adapters.web.rest.http.ids import AgentIdHere, pattern
from adapters.web.rest.seams.backend import Backend
from adapters.web.rest.seams.callers import CallerHere
from adapters.web.rest.turns.message_bodies import AsyncTurnBody, TurnBody
from adapters.web.rest.turns.run_views import STATUS, run_view
from adapters.web.rest.turns.turning import Asking, submitted, taken
from agentcore.records import AgentId, TurnId

RunIds = Annotated[list[Annotated[str, Field(pattern=pattern("run"))]], Field(max_length=1_000)]


class CancelBody(BaseModel):
    """Which runs to call off; all of the agent's, where none are named."""

    model_config = ConfigDict(frozen=True)

    run_ids: RunIds | None = None


def router(backend: Backend) -> APIRouter:
    routes = APIRouter(prefix="/v1/agents/{agent_id}/messages", tags=["messages"])

    @routes.post("")
    async def create(
        agent_id: AgentIdHere, body: TurnBody, request: Request, caller: CallerHere
    ) -> Response:
        asking = Asking(backend, caller, request)
        return await taken(asking, agent_id, body, streams=body.streaming)

    @routes.post("/stream")
    async def stream(
        agent_id: AgentIdHere, body: TurnBody, request: Request, caller: CallerHere
    ) -> Response:
        return await taken(Asking(backend, caller, request), agent_id, body, streams=True)

    @routes.post("/async")
    async def create_async(
        agent_id: AgentIdHere, body: AsyncTurnBody, request: Request, caller: CallerHere
    ) -> Response:
        caller.require_agent(agent_id)
        if body.callback_url is not None:
            await backend.outside.require_allowed(body.callback_url)
        asked = await submitted(Asking(backend, caller, request), agent_id, body, background=True)
        run = await backend.store.requests.run(asked.turn_id)
        if not asked.joined:  # as it was taken in, however far it may have come since
            run = replace(run, state="created", stop_reason=None, finished_at=None)
        return answer(run_view(run))

    _add_cancelling(routes, backend)
    return routes


def _add_cancelling(routes: APIRouter, backend: Backend) -> None:
    @routes.post("/cancel")
    async def cancel(
        agent_id: AgentIdHere,
        caller: CallerHere,
        body: Annotated[CancelBody | None, Body()] = None,
    ) -> Response:
        caller.require_agent(agent_id)
        named = None if body is None else body.run_ids
        turns = None if named is None else [TurnId(each) for each in named]
        told: dict[str, Any] = {
            turn: "cancelled" if state == "running" else STATUS[state]
            for turn, state in (await backend.desk.cancel(AgentId(agent_id), turns)).items()
        }
        return answer(told)
