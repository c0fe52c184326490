"""The routes of identities, and of which agents answer them. All of them are an administrator's: who
binds an agent to somebody answers that person.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from adapters.web.rest.http.answers import answer
from adapters.web.rest.http.fields import SmallJson
from adapters.web.rest.http.ids import AgentIdHere, IdentityIdHere
from adapters.web.rest.http.ids import pattern as id_pattern
from adapters.web.rest.http.paging import PageHere
from adapters.web.rest.http.refusals import NotOffered
from adapters.web.rest.seams.backend import Backend
from adapters.web.rest.seams.callers import AdminHere
from adapters.web.rest.seams.identity_keys import IdentityKeys
from agentcore.records import AgentId, IdentityId
from agentcore.records.identities import (
    IdentityChange,
    IdentityProperty,
    IdentityQuery,
    IdentityType,
    IdentityView,
    NewIdentity,
)

Key = Annotated[str, Field(min_length=1, max_length=500)]
Name = Annotated[str, Field(max_length=500)]
OneAgent = Annotated[str, Field(pattern=id_pattern("agent"))]
Agents = Annotated[list[OneAgent], Field(max_length=100)]
KeyAsked = Annotated[str | None, Query(min_length=1, max_length=500)]


class _Body(BaseModel):
    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)


class Property(_Body):
    """Something that is kept with an identity."""

    key: Annotated[str, Field(min_length=1, max_length=200)]
    value: Annotated[str, Field(max_length=10_000)] | float | bool | dict[str, Any]
    type: Literal["string", "number", "boolean", "json"]


Properties = Annotated[list[Property], Field(max_length=100), SmallJson]


class Making(_Body):
    """A new identity, or what one is to be like."""

    identifier_key: Key
    name: Name
    identity_type: IdentityType
    agent_ids: Agents | None = None
    block_ids: Annotated[list[str], Field(max_length=100)] | None = None
    properties: Properties | None = None


class Changing(_Body):
    """What changes of an identity; what isn't there, stays."""

    identifier_key: Key | None = None
    name: Name | None = None
    identity_type: IdentityType | None = None
    agent_ids: Agents | None = None
    block_ids: Annotated[list[str], Field(max_length=100)] | None = None
    properties: Properties | None = None


def router(backend: Backend) -> APIRouter:
    routes = APIRouter(prefix="/v1", tags=["identities"])
    _add_reading(routes, backend)
    _add_writing(routes, backend)
    _add_binding(routes, backend)
    return routes


def _add_reading(routes: APIRouter, backend: Backend) -> None:
    identities, keys = backend.store.identities, backend.identity_keys

    @routes.get("/identities")
    async def list_identities(
        _caller: AdminHere,
        page: PageHere,
        identifier_key: KeyAsked = None,
        name: Annotated[str | None, Query(max_length=500)] = None,
        identity_type: IdentityType | None = None,
    ) -> Response:
        query = IdentityQuery(
            key=None if identifier_key is None else keys.read(identifier_key),
            name=name,
            identity_type=identity_type,
            limit=page.limit,
            before=None if page.before is None else IdentityId(page.before),
            after=None if page.after is None else IdentityId(page.after),
            ascending=page.ascending,
        )
        return answer([identity_view(each, keys) for each in await identities.identities(query)])

    @routes.get("/identities/count")
    async def count(_caller: AdminHere) -> Response:
        return answer(await identities.count())

    @routes.get("/identities/{identity_id}")
    async def retrieve(identity_id: IdentityIdHere, _caller: AdminHere) -> Response:
        return answer(identity_view(await identities.identity(IdentityId(identity_id)), keys))


def _add_writing(routes: APIRouter, backend: Backend) -> None:
    identities, keys = backend.store.identities, backend.identity_keys

    @routes.post("/identities")
    async def create(body: Making, caller: AdminHere) -> Response:
        return answer(identity_view(await identities.create(_new(body, keys), caller.actor), keys))

    @routes.put("/identities")
    async def upsert(body: Making, caller: AdminHere) -> Response:
        return answer(identity_view(await identities.upsert(_new(body, keys), caller.actor), keys))

    @routes.patch("/identities/{identity_id}")
    async def modify(identity_id: IdentityIdHere, body: Changing, caller: AdminHere) -> Response:
        _require_no_blocks(body.block_ids)
        change = IdentityChange(
            key=None if body.identifier_key is None else keys.read(body.identifier_key),
            name=body.name,
            identity_type=body.identity_type,
            properties=None if body.properties is None else _properties(body.properties),
            agents=_agents(body.agent_ids),
        )
        view = await identities.change(IdentityId(identity_id), change, caller.actor)
        return answer(identity_view(view, keys))

    @routes.put("/identities/{identity_id}/properties")
    async def put_properties(
        identity_id: IdentityIdHere, body: Properties, caller: AdminHere
    ) -> Response:
        change = IdentityChange(properties=_properties(body))
        view = await identities.change(IdentityId(identity_id), change, caller.actor)
        return answer(identity_view(view, keys))

    @routes.delete("/identities/{identity_id}")
    async def delete(identity_id: IdentityIdHere, _caller: AdminHere) -> Response:
        await identities.remove(IdentityId(identity_id))
        return answer(None)


def _add_binding(routes: APIRouter, backend: Backend) -> None:
    identities = backend.store.identities

    @routes.patch("/agents/{agent_id}/identities/attach/{identity_id}")
    async def attach(
        agent_id: AgentIdHere, identity_id: IdentityIdHere, caller: AdminHere
    ) -> Response:
        await identities.attach(AgentId(agent_id), IdentityId(identity_id), caller.actor)
        return answer(None)

    @routes.patch("/agents/{agent_id}/identities/detach/{identity_id}")
    async def detach(
        agent_id: AgentIdHere, identity_id: IdentityIdHere, caller: AdminHere
    ) -> Response:
        await identities.detach(AgentId(agent_id), IdentityId(identity_id), caller.actor)
        return answer(None)


def identity_view(view: IdentityView, keys: IdentityKeys) -> Mapping[str, Any]:
    """An identity as the API shows it; of its agents, the one that answers last."""
    return {
        "id": view.identity_id,
        "identifier_key": keys.tell(view.key),
        "name": view.name,
        "identity_type": view.identity_type,
        "project_id": None,
        "agent_ids": list(view.agents),
        "block_ids": [],
        "properties": [
            {"key": each.key, "value": each.value, "type": each.type} for each in view.properties
        ],
    }


def _new(body: Making, keys: IdentityKeys) -> NewIdentity:
    _require_no_blocks(body.block_ids)
    return NewIdentity(
        key=keys.read(body.identifier_key),
        name=body.name,
        identity_type=body.identity_type,
        properties=None if body.properties is None else _properties(body.properties),
        agents=_agents(body.agent_ids),
    )


def _properties(given: Sequence[Property]) -> tuple[IdentityProperty, ...]:
    return tuple(IdentityProperty(each.key, each.value, each.type) for each in given)


def _agents(given: Sequence[str] | None) -> tuple[AgentId, ...]:
    return tuple(AgentId(each.lower()) for each in given or ())


def _require_no_blocks(given: Sequence[str] | None) -> None:
    if given:
        raise NotOffered(
            "not offered by this server: block_ids of an identity. Attach the blocks to its agents."
        )
