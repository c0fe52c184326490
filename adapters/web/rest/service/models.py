"""The models on the allow-list: those that an agent's `model` may name."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from adapters.web.rest.http.answers import answer
from adapters.web.rest.http.dialect import OpenAiHere
from adapters.web.rest.openai.models import OpenAiModels
from adapters.web.rest.seams.backend import Backend
from adapters.web.rest.seams.callers import CallerHere
from adapters.web.rest.service.model_views import embedder_view, model_view


def router(backend: Backend) -> APIRouter:
    routes = APIRouter(prefix="/v1", tags=["models"])
    agents = OpenAiModels(backend)

    @routes.get("/models")
    async def list_models(caller: CallerHere, of_openai: OpenAiHere) -> Response:
        """The models that agents may use, that of new agents first. Clients of OpenAI's are shown what
        `/openai/v1/models` lists.
        """
        if of_openai:
            return answer(await agents.listed(caller))
        return answer([model_view(each) for each in await backend.models.models()])

    @routes.get("/models/embedding")
    async def list_embedding_models(_caller: CallerHere) -> Response:
        """What makes messages findable by their meaning; none where no model is set for it."""
        return answer([embedder_view(each) for each in await backend.models.embedders()])

    # By which name older clients ask.
    routes.add_api_route("/models/embeddings", list_embedding_models, include_in_schema=False)
    return routes
