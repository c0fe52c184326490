"""The routes of templates: the files that agents are made from, which are the operator's to write."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from pydantic import Field
from starlette.responses import Response

from adapters.web.rest.agents.bodies import Name, Tag
from adapters.web.rest.http.answers import answer
from adapters.web.rest.http.fields import Body
from adapters.web.rest.http.ids import pattern as id_pattern
from adapters.web.rest.http.refusals import NotOffered
from adapters.web.rest.seams.backend import Backend
from adapters.web.rest.seams.callers import AdminHere
from adapters.web.rest.seams.offers import ApiOffers
from agentcore.errors import NotFound
from agentcore.records import AgentDraft, AgentId, AgentSeed, IdentityId
from agentcore.templates import Template
from agentcore.tools.toolbox import usual

PROJECT = "default"
"""There are no projects here; where clients want one, this is its name."""

_TEMPLATES = uuid.UUID("0c6f2a51-7f0f-4a53-9d62-1f4f6f1d7a10")
_FILES = (
    "not offered by this server: templates changed over the API. They are YAML files in "
    "FAMILIAR_TEMPLATES_DIR, read at the start."
)

Handle = Annotated[str, Path(max_length=200)]
Variables = Annotated[
    dict[Annotated[str, Field(max_length=200)], Annotated[str, Field(max_length=10_000)]],
    Field(max_length=200),
]
OneIdentity = Annotated[str, Field(pattern=id_pattern("identity"))]


class FromTemplate(Body):
    """An agent to be made from a template."""

    agent_name: Name | None = None
    memory_variables: Variables | None = None
    tool_variables: Variables | None = None
    identity_ids: Annotated[list[OneIdentity], Field(max_length=100)] | None = None
    tags: Annotated[list[Tag], Field(max_length=100)] | None = None
    initial_message_sequence: Annotated[list[dict[str, Any]], Field(max_length=1_000)] | None = None


def router(backend: Backend) -> APIRouter:
    routes = APIRouter(prefix="/v1/templates", tags=["templates"])
    _add_reading(routes, backend)
    _add_making(routes, backend)
    _add_refusals(routes)
    return routes


def _add_reading(routes: APIRouter, backend: Backend) -> None:
    @routes.get("")
    async def list_templates(
        _caller: AdminHere,
        name: Annotated[str | None, Query(max_length=200)] = None,
        search: Annotated[str | None, Query(max_length=200)] = None,
    ) -> Response:
        found = [
            template_view(each)
            for each in backend.offers.templates.values()
            if name in {None, each.name} and (search or "").lower() in each.name
        ]
        return answer({"templates": found, "has_next_page": False})

    @routes.get("/{template_version}")
    async def retrieve(template_version: Handle, _caller: AdminHere) -> Response:
        return answer(template_view(template_of(backend.offers, template_version)))


def _add_making(routes: APIRouter, backend: Backend) -> None:
    @routes.post("/{template_version}/agents")
    async def create(template_version: Handle, body: FromTemplate, _caller: AdminHere) -> Response:
        return await _made(backend, template_version, body)

    @routes.post("/{project}/{template_version}/agents")
    async def create_in_project(
        project: Handle,  # noqa: ARG001 (older clients name one)
        template_version: Handle,
        body: FromTemplate,
        _caller: AdminHere,
    ) -> Response:
        return await _made(backend, template_version, body)


def _add_refusals(routes: APIRouter) -> None:
    async def refuse(_caller: AdminHere) -> Response:
        raise NotOffered(_FILES)

    for path in ("", "/{template_name}", "/{template_name}/{rest:path}"):
        routes.add_api_route(
            path, refuse, methods=["POST", "PUT", "PATCH", "DELETE"], include_in_schema=False
        )


async def _made(backend: Backend, handle: str, body: FromTemplate) -> Response:
    if body.initial_message_sequence or body.tool_variables:
        field = "tool_variables" if body.tool_variables else "initial_message_sequence"
        raise NotOffered(f"not offered by this server: {field} of a template's agents")
    seed = seed_from(backend.offers, handle, body.memory_variables or {})
    if body.agent_name is not None:
        seed = replace(seed, name=body.agent_name)
    draft = AgentDraft(
        seed,
        identities=tuple(IdentityId(each.lower()) for each in body.identity_ids or ()),
        tags=tuple(body.tags or ()),
    )
    view = await backend.store.agents.create(draft)
    return answer(
        {
            "agent_ids": [view.agent.agent_id],
            "deployment_id": _deployment(view.agent.agent_id),
            "group_id": None,
        }
    )


def _deployment(agent_id: AgentId) -> str:
    """Each agent is a deployment of its own."""
    return f"deployment-{agent_id.removeprefix('agent-')}"


def template_of(offers: ApiOffers, handle: str) -> Template:
    """The template that `name`, `name:latest` or `name:version` means.

    Raises:
        NotFound: there is none of that name, or it has another version now.
    """
    name, _, version = handle.partition(":")
    template = offers.templates.get(name)
    if template is None:
        msg = f"Template {name} not found. There are: {', '.join(sorted(offers.templates))}."
        raise NotFound(msg)
    if version not in {"", "latest", "current", str(template.version)}:
        msg = f"Template {handle} not found: the version that is there is {template.handle}."
        raise NotFound(msg)
    return template


def seed_from(offers: ApiOffers, handle: str, variables: Mapping[str, str]) -> AgentSeed:
    """What an agent of the API begins as that is made from a template.

    Raises:
        NotFound: see `template_of`.
        TemplateInvalid: a variable is unknown or unusable, or makes a text too long.
    """
    tools = usual([each.name for each in offers.tools])
    return template_of(offers, handle).seed("api", tools=tools, variables=variables)


def template_view(template: Template) -> Mapping[str, Any]:
    """A template as the API shows it, with the variables that may be set."""
    return {
        "id": f"template-{uuid.uuid5(_TEMPLATES, template.name)}",
        "name": template.name,
        "description": template.description,
        "latest_version": str(template.version),
        "template_deployment_slug": template.handle,
        "project_id": PROJECT,
        "project_slug": PROJECT,
        "updated_at": None,
        "memory_variables": [
            {"key": name, "default_value": each.default, "description": each.description}
            for name, each in template.variables.items()
        ],
    }
