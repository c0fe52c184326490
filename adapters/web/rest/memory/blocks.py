"""The routes of memory blocks: those of an agent, and blocks as such."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import Field
from starlette.responses import Response

from adapters.web.rest.http.answers import answer
from adapters.web.rest.http.fields import Filters, Word, Words, kept_as
from adapters.web.rest.http.ids import AgentIdHere, BlockIdHere, checked_cursor, pattern
from adapters.web.rest.http.paging import Page, PageHere
from adapters.web.rest.memory.block_bodies import BlockChanges, NewBlock
from adapters.web.rest.memory.block_views import block_view
from adapters.web.rest.seams.backend import Backend
from adapters.web.rest.seams.callers import AdminHere, Caller, CallerHere, Forbidden
from adapters.web.rest.seams.identity_keys import IdentityKeys
from agentcore.errors import NotFound
from agentcore.records import AgentId, Block, BlockId, BlockQuery, IdentityId

LabelHere = Annotated[str, Path(max_length=200)]
Count = Annotated[int, Field(ge=0, le=1_000_000_000)]


class BlockFilters(Filters):
    """Which blocks to list. What is searched for stands somewhere in the text."""

    label: Word | None = None
    name: Word | None = None
    label_search: Word | None = None
    value_search: Word | None = None
    description_search: Word | None = None
    tags: Words | None = None
    match_all_tags: bool = False
    templates_only: bool = False
    project_id: Word | None = None
    identity_id: Annotated[str, Field(pattern=pattern("identity"))] | None = None
    identifier_keys: Words | None = None
    connected_to_agents_count_eq: Annotated[list[Count], Field(max_length=100)] | None = None
    connected_to_agents_count_gt: Count | None = None
    connected_to_agents_count_lt: Count | None = None

    def query(self, page: Page, keys: IdentityKeys, caller: Caller) -> BlockQuery:
        """Raises Invalid: a cursor of the wrong form."""
        return BlockQuery(
            limit=page.limit,
            before=checked_cursor(page.before, BlockId, "block"),
            after=checked_cursor(page.after, BlockId, "block"),
            ascending=page.ascending,
            label=self.label,
            name=self.name,
            in_label=self.label_search,
            in_value=self.value_search,
            in_description=self.description_search,
            tags=tuple(self.tags or ()),
            all_tags=self.match_all_tags,
            templates_only=self.templates_only,
            extras=kept_as(self, "project_id"),
            agents=tuple(self.connected_to_agents_count_eq or ()),
            more_than=self.connected_to_agents_count_gt,
            fewer_than=self.connected_to_agents_count_lt,
            identity=None if self.identity_id is None else IdentityId(self.identity_id),
            keys=tuple(keys.read(each) for each in self.identifier_keys or ()),
            held_by=caller.agent,
        )


def router(backend: Backend) -> APIRouter:
    routes = APIRouter(prefix="/v1", tags=["blocks"])
    _add_of_agents(routes, backend)
    _add_blocks(routes, backend)
    return routes


def _add_of_agents(routes: APIRouter, backend: Backend) -> None:
    async def held(agent_id: str, caller: Caller) -> list[Block]:
        agent = AgentId(agent_id)
        caller.require_agent(agent)
        view = await backend.store.agents.view(agent, caller.actor)
        return list(view.blocks)

    @routes.get("/agents/{agent_id}/core-memory")
    async def core_memory(agent_id: AgentIdHere, caller: CallerHere) -> Response:
        blocks = [block_view(each) for each in await held(agent_id, caller)]
        return answer({"blocks": blocks, "file_blocks": [], "prompt_template": ""})

    @routes.get("/agents/{agent_id}/core-memory/blocks")
    async def list_held(agent_id: AgentIdHere, caller: CallerHere, page: PageHere) -> Response:
        """In the order in which they were attached, whichever order is asked for."""
        blocks = await held(agent_id, caller)
        return answer([block_view(each) for each in _page_of(blocks, page)])

    @routes.get("/agents/{agent_id}/core-memory/blocks/{block_label:path}")
    async def retrieve_held(
        agent_id: AgentIdHere, block_label: LabelHere, caller: CallerHere
    ) -> Response:
        for block in await held(agent_id, caller):
            if block.label == block_label:
                return answer(block_view(block))
        raise NotFound(f"No block with label '{block_label}' found for agent '{agent_id}'")

    @routes.patch("/agents/{agent_id}/core-memory/blocks/{block_label:path}")
    async def update_held(
        agent_id: AgentIdHere, block_label: LabelHere, body: BlockChanges, caller: CallerHere
    ) -> Response:
        """The agent hears of it in its next turn. A token for the agent alone changes the value, as
        the agent can; all else of a block takes an administrator's.
        """
        agent = AgentId(agent_id)
        caller.require_agent(agent)
        as_agent = caller.agent is not None
        if as_agent and body.model_fields_set - {"value"}:
            raise Forbidden("This token changes the value of a block, and nothing else of it.")
        block = await backend.store.shelf.change_of(
            agent, block_label, body.patch(), caller.actor, as_agent=as_agent
        )
        return answer(block_view(block))


def _page_of(blocks: list[Block], page: Page) -> list[Block]:
    ids = [block.block_id for block in blocks]
    first, last = 0, len(blocks)
    if (after := checked_cursor(page.after, BlockId, "block")) is not None:
        first = ids.index(after) + 1 if after in ids else last
    if (before := checked_cursor(page.before, BlockId, "block")) is not None:
        last = ids.index(before) if before in ids else first
        if page.after is None:
            first = max(first, last - page.limit)
    return blocks[first:last][: page.limit]


def _add_blocks(routes: APIRouter, backend: Backend) -> None:
    shelf, keys = backend.store.shelf, backend.identity_keys

    @routes.post("/blocks")
    async def create(body: NewBlock, _caller: AdminHere) -> Response:
        """A block that belongs to no single agent: attach it to those that are to hold it."""
        return answer(block_view(await shelf.add(body.block())))

    @routes.get("/blocks")
    async def list_blocks(
        caller: CallerHere, page: PageHere, wanted: Annotated[BlockFilters, Query()]
    ) -> Response:
        """An administrator's token lists all, any other what its agent holds."""
        found = await shelf.blocks(wanted.query(page, keys, caller), caller.actor)
        return answer([block_view(each) for each in found])

    @routes.get("/blocks/count")
    async def count(_caller: AdminHere) -> Response:
        return answer(await shelf.count())

    @routes.get("/blocks/{block_id}")
    async def retrieve(block_id: BlockIdHere, caller: AdminHere) -> Response:
        return answer(block_view(await shelf.block(BlockId(block_id), caller.actor)))

    @routes.patch("/blocks/{block_id}")
    async def update(block_id: BlockIdHere, body: BlockChanges, caller: AdminHere) -> Response:
        """All agents that hold it hear of it in their next turns."""
        block = await shelf.change(BlockId(block_id), body.patch(), caller.actor)
        return answer(block_view(block))

    @routes.delete("/blocks/{block_id}")
    async def delete(block_id: BlockIdHere, _caller: AdminHere) -> Response:
        """It is taken from all agents, too."""
        await shelf.delete(BlockId(block_id))
        return answer(None)
