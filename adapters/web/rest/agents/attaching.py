"""The routes by which agents get blocks and lose them, and of who holds one."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from adapters.web.rest.agents.filters import AgentFilters
from adapters.web.rest.agents.showing import AgentShowing
from adapters.web.rest.http.answers import answer
from adapters.web.rest.http.ids import AgentIdHere, BlockIdHere
from adapters.web.rest.http.paging import PageHere
from adapters.web.rest.http.refusals import NotOffered
from adapters.web.rest.seams.backend import Backend
from adapters.web.rest.seams.callers import AdminHere, Caller
from agentcore.records import AgentId, BlockId


def router(backend: Backend) -> APIRouter:
    """Comes before the routes of blocks: one of theirs takes any path below an agent's blocks."""
    routes = APIRouter(prefix="/v1", tags=["blocks"])
    showing = AgentShowing(backend)
    _add_attaching(routes, backend, showing)
    _add_holders(routes, backend, showing)
    return routes


def _add_attaching(routes: APIRouter, backend: Backend, showing: AgentShowing) -> None:
    store = backend.store

    async def state_of(agent_id: AgentId, caller: Caller) -> Response:
        view = await store.agents.view(agent_id, caller.actor, messages=True)
        return answer(await showing.view(view))

    @routes.patch("/agents/{agent_id}/core-memory/blocks/attach/{block_id}")
    async def attach(agent_id: AgentIdHere, block_id: BlockIdHere, caller: AdminHere) -> Response:
        """Twice is fine. A block may be in several agents' memory, and is one for all of them."""
        agent = AgentId(agent_id)
        await store.shelf.attach(agent, BlockId(block_id))
        return await state_of(agent, caller)

    @routes.patch("/agents/{agent_id}/core-memory/blocks/detach/{block_id}")
    async def detach(agent_id: AgentIdHere, block_id: BlockIdHere, caller: AdminHere) -> Response:
        """Twice is fine. The block stays."""
        agent = AgentId(agent_id)
        await store.shelf.detach(agent, BlockId(block_id))
        return await state_of(agent, caller)


def _add_holders(routes: APIRouter, backend: Backend, showing: AgentShowing) -> None:
    shelf, keys = backend.store.shelf, backend.identity_keys

    @routes.get("/blocks/{block_id}/agents")
    async def holders(
        block_id: BlockIdHere,
        caller: AdminHere,
        page: PageHere,
        wanted: Annotated[AgentFilters, Query()],
    ) -> Response:
        block = BlockId(block_id)
        await shelf.block(block, caller.actor)
        query = wanted.query(page, keys, block=block)
        found = await backend.store.agents.list(query, caller.actor)
        return answer(await showing.views(found, wanted.include or ()))

    _refuse_identities(routes)


def _refuse_identities(routes: APIRouter) -> None:
    @routes.patch("/blocks/{block_id}/identities/attach/{identity_id}", include_in_schema=False)
    @routes.patch("/blocks/{block_id}/identities/detach/{identity_id}", include_in_schema=False)
    async def of_identities(block_id: BlockIdHere, _caller: AdminHere) -> Response:
        raise NotOffered(
            f"not offered by this server: identities of a block. Attach {block_id} to their agents."
        )
