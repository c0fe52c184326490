"""The API put together: one FastAPI application for `/v1`, and the pages that describe it."""

from __future__ import annotations

from fastapi import FastAPI
from starlette.routing import BaseRoute, Match
from starlette.types import Receive, Scope, Send

from adapters.web.rest.agents import attaching, context, files, identities, templates
from adapters.web.rest.agents import routes as agents
from adapters.web.rest.agents import tools as agent_tools
from adapters.web.rest.description.pages import PATHS, Pages
from adapters.web.rest.http.entrance import Entrance
from adapters.web.rest.http.errors import add_error_handlers
from adapters.web.rest.memory import archival, archives, blocks
from adapters.web.rest.openai import chat_completions
from adapters.web.rest.openai import models as openai_models
from adapters.web.rest.seams.backend import Backend
from adapters.web.rest.service import health, models, not_offered
from adapters.web.rest.tools import routes as tools
from adapters.web.rest.turns import conversations, happenings, message_lists, messages, runs

RESOURCES = (
    health.router,
    agents.router,
    attaching.router,  # stays before blocks
    blocks.router,
    agent_tools.router,
    tools.router,
    messages.router,
    message_lists.router,
    runs.router,
    conversations.router,
    context.router,
    chat_completions.router,
    openai_models.router,
    models.router,
    archival.router,
    archives.router,
    files.router,
    identities.router,
    happenings.router,
    templates.router,
    not_offered.router,  # stays the last
)
"""What makes the routes of each resource, in the order in which they are described."""


def rest_api(backend: Backend) -> ApiRoute:
    """The API over what the service provides, as one route of the service's port."""
    app = FastAPI(
        title="Familiar", openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False
    )
    add_error_handlers(app)
    for resource in RESOURCES:
        # As they are: a router that is included has its routes analysed and looked up twice.
        app.router.routes.extend(resource(backend).routes)
    app.router.routes.extend(Pages(app).routes())
    return ApiRoute(Entrance(app, backend.admittance))


class ApiRoute(BaseRoute):
    """All paths of the API, whether or not there is something at them."""

    def __init__(self, entrance: Entrance) -> None:
        self._entrance = entrance

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        path = scope["path"] if scope["type"] == "http" else ""
        below = f"{path}/".startswith(("/v1/", f"{openai_models.PREFIX}/"))
        ours = below or path in PATHS
        return (Match.FULL if ours else Match.NONE), {}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._entrance(scope, receive, send)
