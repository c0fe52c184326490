"""Whom clients of OpenAI's API can talk with, as the models that they list."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from adapters.web.rest.http.answers import answer
from adapters.web.rest.http.paging import MOST
from adapters.web.rest.openai.bodies import error_view
from adapters.web.rest.seams.backend import Backend
from adapters.web.rest.seams.callers import Caller, CallerHere
from agentcore.clock import SECOND
from agentcore.records import AgentQuery, AgentView

PREFIX = "/openai/v1"
"""Where clients that know OpenAI's API alone find it, with nothing else: there, models are agents."""
TEMPLATE = "template:"
"""What the name of a model begins with that is whoever asks for it an agent of their own."""

View = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class OpenAiModels:
    """For an administrator: the templates, and the agents made over the API that answer nobody in
    particular; somebody's own agent isn't offered to others. For a token of one agent: that one.
    """

    backend: Backend

    async def listed(self, caller: Caller) -> View:
        return {"object": "list", "data": await self._all(caller)}

    async def _all(self, caller: Caller) -> Sequence[View]:
        query = AgentQuery(limit=MOST, only=caller.agent)
        found = await self.backend.store.agents.list(query, caller.actor)
        if caller.agent is not None:
            return [_agent(each) for each in found]
        free = (each for each in found if each.agent.owner_kind == "api" and not each.identities)
        return [*self._templates(), *map(_agent, free)]

    def _templates(self) -> Iterator[View]:
        for template in self.backend.offers.templates.values():
            yield _model(f"{TEMPLATE}{template.name}", template.name, 0)


def router(backend: Backend) -> APIRouter:
    routes = APIRouter(prefix=PREFIX, tags=["chat completions"])
    models = OpenAiModels(backend)

    @routes.get("/models")
    async def list_models(caller: CallerHere) -> Response:
        """What `model` may be there: agents and templates, in the form that OpenAI's clients read."""
        return answer(await models.listed(caller))

    @routes.get("/models/{name}", include_in_schema=False)
    async def retrieve(name: str, caller: CallerHere) -> Response:
        listed = await models.listed(caller)
        for each in listed["data"]:
            if each["id"] == name:
                return answer(each)
        return answer(error_view(f"There is no model {name}.", "invalid_request_error"), 404)

    return routes


def _agent(view: AgentView) -> View:
    return _model(view.agent.agent_id, view.agent.name, view.agent.created_at // SECOND)


def _model(handle: str, name: str, created: int) -> View:
    """`name` is what clients show that know more than OpenAI's."""
    return {
        "id": handle,
        "object": "model",
        "created": created,
        "owned_by": "familiar",
        "name": name,
    }
